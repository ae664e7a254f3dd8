import type { IncomingMessage } from "node:http";
import { createError, type EverdictError } from "@everdict/protocol";
import { WebSocket } from "ws";
import type { Carrier } from "../carriers/carrier.ts";
import { webSocketUrl } from "../carriers/connect-web-socket.ts";
import { sessionUpgradeToken } from "../frames/wire.ts";
import { WsCarrier } from "./ws-carrier.ts";

/** Where to connect, and how. */
export interface ConnectWsOptions {
  /** `ws:`, `wss:`, `http:` or `https:`; its path is the session's unless it names one. */
  readonly url: URL;
  /** Headers for the upgrade. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Certificates to trust instead of the platform's, PEM. */
  readonly ca?: string | undefined;
}

const messageMaxBytes = 1024 * 1024;

/**
 * Connects by WebSocket, through the `ws` package.
 *
 * @throws `unavailable` if nobody is there; `unauthenticated` if the headers are refused; `unimplemented` if
 *   somebody is there who does not serve sessions
 */
export function connectWs({ url, headers, ca }: ConnectWsOptions): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(webSocketUrl(url.href), sessionUpgradeToken, {
      perMessageDeflate: false,
      maxPayload: messageMaxBytes,
      ...(headers === undefined ? {} : { headers }),
      ...(ca === undefined ? {} : { ca }),
    });
    let transport: IncomingMessage["socket"] | undefined;
    socket.on("upgrade", (response: IncomingMessage) => {
      transport = response.socket;
      transport.setNoDelay(true);
    });
    socket.on("open", () => resolve(new WsCarrier(socket, transport)));
    socket.on("unexpected-response", (_request, response) => {
      reject(refusal(response.statusCode ?? 0));
      response.destroy();
      socket.terminate();
    });
    socket.on("error", (error) => {
      reject(createError("unavailable", `no connection: ${error.message}`, { cause: error }));
    });
  });
}

function refusal(status: number): EverdictError {
  if (status === 401) {
    return createError("unauthenticated", "the token id or the token secret is unknown or revoked");
  }
  if (status >= 500 && status !== 501 && status !== 505) {
    return createError("unavailable", `the server, or a proxy before it, answered HTTP ${status}`);
  }
  return createError("unimplemented", `whoever is there serves no sessions: it answered HTTP ${status}`);
}
