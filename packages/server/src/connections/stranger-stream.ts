import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Connection } from "./connection.ts";
import { ignoredBodyMaxBytes } from "./connection-limits.ts";
import { reset } from "./stream-end.ts";

/**
 * Counts a stream as a stranger's until it is closed. False, and the stream refused, if there is no room for it.
 *
 * @param connection the one that it is on; undefined if that is gone
 */
export function countAsStrangers(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  connection: Connection | undefined,
): boolean {
  const request = connection?.begin(headers, () => reset(stream, constants.NGHTTP2_CANCEL));
  if (request === undefined) reset(stream, constants.NGHTTP2_REFUSED_STREAM);
  else stream.on("close", () => request.finish());
  return request !== undefined;
}

/** Reads what means nothing and drops it; `onTooMuch` is called once if it is too much. */
export function dropBody(stream: ServerHttp2Stream, onTooMuch: () => void): void {
  let droppedBytes = 0;
  stream.on("data", (chunk: Buffer) => {
    const before = droppedBytes;
    droppedBytes += chunk.length;
    if (droppedBytes > ignoredBodyMaxBytes && before <= ignoredBodyMaxBytes) onTooMuch();
  });
}
