import type { ServerHttp2Stream } from "node:http2";

/** Whether the client has reset a stream, or its connection is gone: the platform then throws at an answer. */
export function isOver(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}

/** Resets a stream, unless it is over. Never throws. */
export function reset(stream: ServerHttp2Stream, code: number): void {
  if (!isOver(stream)) stream.close(code);
}
