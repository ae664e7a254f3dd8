import type { ServerHttp2Stream } from "node:http2";

/** Whether the client has reset a stream, or its connection is gone: the platform then throws at an answer. */
export function isOver(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}

/** How long a refused request is read and dropped before the stream is reset, in milliseconds. */
export const lingerMs = 1000;

/** Resets a stream, unless it is over. Never throws. */
export function reset(stream: ServerHttp2Stream, code: number): void {
  if (!isOver(stream)) stream.close(code);
}
