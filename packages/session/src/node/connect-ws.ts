import type { IncomingMessage } from "node:http";
import { onAbort } from "@everdict/protocol";
import { WebSocket } from "ws";
import type { Carrier } from "../carriers/carrier.ts";
import { webSocketUrl } from "../carriers/connect-web-socket.ts";
import { sessionUpgradeToken } from "../frames/wire.ts";
import { connectionError, refusedUpgrade } from "./connection-errors.ts";
import { WsCarrier } from "./ws-carrier.ts";

/** Where to connect, and how. */
export interface ConnectWsOptions {
  /** `ws:`, `wss:`, `http:` or `https:`; its path is the session's unless it names one. */
  readonly url: URL;
  /** Headers for the upgrade. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Certificates to trust instead of the platform's, PEM. */
  readonly ca?: string | undefined;
  /** Gives the attempt up. */
  readonly signal?: AbortSignal | undefined;
}

const messageMaxBytes = 1024 * 1024;

/**
 * Connects by WebSocket, through the `ws` package.
 *
 * @throws `unavailable` if nobody is there; `unauthenticated` if the headers are refused; `unimplemented` if
 *   somebody is there who does not serve sessions
 */
export function connectWs({ url, headers, ca, signal }: ConnectWsOptions): Promise<Carrier> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(webSocketUrl(url.href), sessionUpgradeToken, {
      perMessageDeflate: false,
      maxPayload: messageMaxBytes,
      ...(headers === undefined ? {} : { headers }),
      ...(ca === undefined ? {} : { ca }),
    });
    const stopListening = onAbort(signal, () => socket.terminate());
    let transport: IncomingMessage["socket"] | undefined;
    socket.on("upgrade", (response?: IncomingMessage) => {
      // Bun has its own in place of the package, and shows no socket.
      transport = response?.socket ?? undefined;
      transport?.setNoDelay(true);
    });
    socket.on("open", () => {
      stopListening();
      resolve(new WsCarrier(socket, transport));
    });
    socket.on("unexpected-response", (_request, response) => {
      reject(refusedUpgrade(response.statusCode ?? 0));
      response.destroy();
      socket.terminate();
    });
    socket.on("error", (error) => {
      stopListening();
      reject(connectionError(error));
    });
  });
}
