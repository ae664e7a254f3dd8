import type { IncomingHttpHeaders } from "node:http2";

/** A plain HTTP request to the port, in any version of HTTP. */
export interface PageRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Host and port as the client wrote them, if it did. */
  readonly host: string | undefined;
  /** What the client says of its encodings, and of what it has. */
  readonly acceptEncoding?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** A request as its headers say it, in any version of HTTP. */
export function pageRequest(
  method: string | undefined,
  target: string,
  headers: IncomingHttpHeaders,
): PageRequest {
  const { host, ":authority": authority } = headers;
  const { "accept-encoding": encodings, "if-none-match": ifNoneMatch } = headers;
  const acceptEncoding = encodings?.toString();
  return { method: method ?? "GET", target, host: authority ?? host, acceptEncoding, ifNoneMatch };
}

/** An answer, complete. */
export interface PageResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}
