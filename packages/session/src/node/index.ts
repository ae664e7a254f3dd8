/** Connections for sessions in Node, Bun and Deno, and the server's side of them. */

export { type ConnectSessionOptions, connectSession } from "./connect-session.ts";
export { endAfterAnswer } from "./end-after-answer.ts";
export { SessionUpgrades, type SessionUpgradesOptions } from "./session-upgrades.ts";
export { SocketCarrier } from "./socket-carrier.ts";
