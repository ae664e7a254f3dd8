/**
 * The session transport: `DictService` calls as binary frames over one connection, many in a batch. What the frames
 * are is in `docs/session-protocol.md`. This entry and all it imports use no built-in module of Node; connections
 * for Node, Bun and Deno are in `@everdict/session/node`.
 */

export type { Carrier, CarrierHandlers } from "./carriers/carrier.ts";
export { type CarrierPairOptions, carrierPair } from "./carriers/carrier-pair.ts";
export {
  type ConnectingWebSocket,
  type ConnectWebSocketOptions,
  connectWebSocket,
} from "./carriers/connect-web-socket.ts";
export { WebSocketCarrier, type WebSocketLike } from "./carriers/web-socket-carrier.ts";
export { SessionClientConnection } from "./client/client-connection.ts";
export type { ConnectionOptions } from "./client/connection-options.ts";
export { type ConnectAttempt, SessionClient, type SessionClientOptions } from "./client/session-client.ts";
export { sessionPath, sessionUpgradeToken, sessionVersion } from "./frames/wire.ts";
export { FetchTurns } from "./server/fetch-turns.ts";
export type { SessionLimits } from "./server/server-limits.ts";
export {
  type SessionAuthorize,
  type SessionCaller,
  SessionRefusal,
} from "./server/session-caller.ts";
export { SessionHost, type SessionHostOptions } from "./server/session-host.ts";
export type { SpinPlatform } from "./time/bounded-spin.ts";
export type { AtEndOfTurn } from "./time/turns.ts";
