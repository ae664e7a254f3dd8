import { createError, EverdictError } from "@everdict/protocol";
import type { Carrier } from "../carriers/carrier.ts";
import { connectFrames } from "./connect-frames.ts";
import { connectWs } from "./connect-ws.ts";

/** What {@link connectSession} takes. */
export interface ConnectSessionOptions {
  /** The server: `http:` or `https:` for the best that it offers, `ws:` or `wss:` for WebSocket in any case. */
  readonly url: string;
  /** Headers for the upgrade. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Certificates to trust instead of the platform's, PEM. */
  readonly ca?: string | undefined;
  /** Gives the attempt up. Without effect once there is a connection. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to a server for a session: to bare frames, which are fastest, or by WebSocket where a proxy lets nothing
 * else through, or where the URL says so. For Node, Bun and Deno.
 *
 * @throws `unavailable` if nobody is there or it was given up; `unauthenticated` if the headers are refused;
 *   `unimplemented` if somebody is there who does not serve sessions; `invalid_argument` for another kind of URL
 * @example
 * const url = "http://127.0.0.1:7227";
 * const client = new SessionClient({ connect: ({ signal }) => connectSession({ url, signal }), tokenId, tokenSecret });
 */
export async function connectSession(options: ConnectSessionOptions): Promise<Carrier> {
  const url = parse(options.url);
  const { headers, ca, signal } = options;
  if (url.protocol === "ws:" || url.protocol === "wss:") return connectWs({ url, headers, ca, signal });
  try {
    return await connectFrames({ url, headers, ca, signal });
  } catch (error) {
    if (!(error instanceof EverdictError) || error.code !== "unimplemented") throw error;
    return connectWs({ url, headers, ca, signal }).catch((again: unknown) => {
      // The first answer shows what is spoken there; a WebSocket only finds that it is not HTTP.
      throw again instanceof EverdictError && again.code === "unimplemented" ? error : again;
    });
  }
}

function parse(text: string): URL {
  // Messages never show the URL: it may hold a secret.
  if (!URL.canParse(text)) throw createError("invalid_argument", "this is not a URL to connect to");
  const url = new URL(text);
  if (/^(https?|wss?):$/.test(url.protocol)) return url;
  throw createError(
    "invalid_argument",
    `sessions are reached by http, https, ws or wss, not by ${url.protocol}`,
  );
}
