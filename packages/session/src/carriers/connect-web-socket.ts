import { createError, onAbort } from "@everdict/protocol";
import { sessionPath, sessionUpgradeToken } from "../frames/wire.ts";
import type { Carrier } from "./carrier.ts";
import { WebSocketCarrier, type WebSocketLike } from "./web-socket-carrier.ts";

/** A WebSocket that can still be connecting. */
export interface ConnectingWebSocket extends WebSocketLike {
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { readonly reason?: string }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
}

/** What {@link connectWebSocket} can be told. */
export interface ConnectWebSocketOptions {
  /** Makes the socket. Default: the platform's `WebSocket`. */
  readonly open?: ((url: string, protocol: string) => ConnectingWebSocket) | undefined;
  /** Gives the attempt up. Without effect once there is a connection. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects by WebSocket, with what the platform has. Credentials go in the session's first frame, as browsers let
 * nobody set headers.
 *
 * @param url `ws:`, `wss:`, `http:` or `https:`; its path is the session's unless it names one.
 * @throws `unavailable`; `not_configured` if the platform has no `WebSocket`
 * @example
 * const connect = ({ signal }) => connectWebSocket("wss://dicts.example", { signal });
 * const client = new SessionClient({ connect, tokenId, tokenSecret });
 */
export function connectWebSocket(url: string, options: ConnectWebSocketOptions = {}): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const { open = openPlatformSocket, signal } = options;
    const socket = open(webSocketUrl(url), sessionUpgradeToken);
    // Made at once, so that no message is missed between the opening and the owner's turn.
    const carrier = new WebSocketCarrier(socket);
    const stopListening = onAbort(signal, () => socket.close());
    socket.addEventListener("open", () => {
      stopListening();
      resolve(carrier);
    });
    socket.addEventListener("close", ({ reason }) => {
      stopListening();
      const detail = reason ? `: ${reason}` : "";
      reject(createError("unavailable", `the WebSocket could not be opened${detail}`));
    });
  });
}

/** The address of a server's sessions for WebSocket. */
export function webSocketUrl(url: string): string {
  const parsed = new URL(url);
  parsed.protocol = parsed.protocol === "https:" || parsed.protocol === "wss:" ? "wss:" : "ws:";
  if (parsed.pathname === "/") parsed.pathname = sessionPath;
  // What stands before the host is for the session's first frame.
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}

function openPlatformSocket(url: string, protocol: string): ConnectingWebSocket {
  if (typeof WebSocket === "undefined") {
    throw createError("not_configured", "this platform has no WebSocket");
  }
  return new WebSocket(url, protocol) as ConnectingWebSocket;
}
