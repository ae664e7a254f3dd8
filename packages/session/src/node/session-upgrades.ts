import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { sessionPath, sessionUpgradeToken } from "../frames/wire.ts";
import { type SessionAuthorize, type SessionCaller, SessionRefusal } from "../server/session-caller.ts";
import type { SessionHost } from "../server/session-host.ts";
import { endAfterAnswer } from "./end-after-answer.ts";
import { SocketCarrier } from "./socket-carrier.ts";
import { WsCarrier } from "./ws-carrier.ts";

/** What {@link SessionUpgrades} takes. */
export interface SessionUpgradesOptions {
  /** Who serves what is accepted. */
  readonly host: SessionHost;
  /**
   * Whom the token in the headers `x-modal-token-id` and `x-modal-token-secret` belongs to; the peer is the socket.
   * Clients that cannot set headers send it in their first frame.
   */
  readonly authorize: SessionAuthorize;
}

const webSocketMessageMaxBytes = 1024 * 1024;
const keepAliveMs = 30_000;

/**
 * Accepts the HTTP/1.1 upgrades that begin sessions: to bare frames (`Upgrade: everdict-session`) and to WebSocket
 * with the subprotocol of that name, both at `/session`.
 *
 * @example
 * const upgrades = new SessionUpgrades({ host, authorize });
 * httpServer.on("upgrade", (request, socket, head) => {
 *   if (!upgrades.handle(request, socket, head)) socket.destroy();
 * });
 */
export class SessionUpgrades {
  readonly #host: SessionHost;
  readonly #authorize: SessionUpgradesOptions["authorize"];
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Entries are small and many; compressing them would cost more than the network.
    perMessageDeflate: false,
    maxPayload: webSocketMessageMaxBytes,
    handleProtocols: (offered) => (offered.has(sessionUpgradeToken) ? sessionUpgradeToken : false),
  });

  constructor({ host, authorize }: SessionUpgradesOptions) {
    this.#host = host;
    this.#authorize = authorize;
  }

  /**
   * Takes an upgrade over if it is at the path of sessions: accepts it, or answers why not and ends the connection.
   * False, and nothing done, if it is somebody else's.
   */
  handle(request: IncomingMessage, socket: Duplex, head: Uint8Array): boolean {
    if (pathOf(request) !== sessionPath) return false;
    const token = request.headers.upgrade?.toLowerCase();
    const protocols = request.headers["sec-websocket-protocol"]?.split(",").map((each) => each.trim());
    const isBare = token === sessionUpgradeToken;
    if (!isBare && !(token === "websocket" && protocols?.includes(sessionUpgradeToken))) {
      refuse(socket, 426, "Upgrade Required", `this path takes an upgrade to ${sessionUpgradeToken}`);
      return true;
    }
    const caller = this.#callerOf(request, socket);
    if (caller instanceof SessionRefusal) {
      const text = "the token id or the token secret is unknown or revoked";
      later(socket, caller.delayMs, () => refuse(socket, 401, "Unauthorized", text));
      return true;
    }
    prepare(socket);
    if (isBare) this.#acceptBare(socket, head, caller);
    else this.#acceptWebSocket(request, socket, head, caller);
    return true;
  }

  #acceptBare(socket: Duplex, head: Uint8Array, caller: SessionCaller | undefined): void {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${sessionUpgradeToken}\r\n\r\n`,
    );
    this.#host.accept(new SocketCarrier(socket, head), caller, socket);
  }

  #acceptWebSocket(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    caller: SessionCaller | undefined,
  ): void {
    this.#webSockets.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => {
      this.#host.accept(new WsCarrier(webSocket, socket), caller, socket);
    });
  }

  /** Undefined if the request carries no token: then the first frame must. */
  #callerOf({ headers }: IncomingMessage, socket: Duplex): SessionCaller | SessionRefusal | undefined {
    const tokenId = headers["x-modal-token-id"];
    const tokenSecret = headers["x-modal-token-secret"];
    if (tokenId === undefined && tokenSecret === undefined) return undefined;
    return this.#authorize(single(tokenId), single(tokenSecret), socket) ?? new SessionRefusal();
  }
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0]!;
}

/** Prepares a connection that was HTTP's: HTTP's time limits end, and we make the batches, not the system. */
function prepare(socket: Duplex): void {
  const tcp = socket as Duplex & Partial<Socket>;
  tcp.setTimeout?.(0);
  tcp.setNoDelay?.(true);
  tcp.setKeepAlive?.(true, keepAliveMs);
}

function single(header: string | readonly string[] | undefined): string {
  return typeof header === "string" ? header : "";
}

/** Does something later, unless the connection is gone then. */
function later(socket: Duplex, delayMs: number, action: () => void): void {
  if (delayMs === 0) {
    action();
    return;
  }
  const timer = setTimeout(action, delayMs);
  timer.unref?.();
  socket.on("error", () => socket.destroy());
  socket.on("close", () => clearTimeout(timer));
}

function refuse(socket: Duplex, status: number, reason: string, text: string): void {
  const body = `${text}\n`;
  const upgrade = status === 426 ? `Upgrade: ${sessionUpgradeToken}, websocket\r\n` : "";
  endAfterAnswer(
    socket,
    `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\n${upgrade}Content-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
