import { type ContentsParts, createError, type Entry } from "@everdict/protocol";
import { FetchTurns } from "@everdict/session";
import { entryFrames } from "./entry-frames.ts";
import type { RpcContext } from "./rpc-context.ts";

/** Over all streams of the process, as the event loop is. */
const fetchTurns = new FetchTurns(setImmediate);

/**
 * The body of a `DictContents` response, or of another one with entries. A batch counts from when it is there until all of it is written.
 *
 * @throws `overloaded` for more streams than a token may have open
 */
export async function* contentsFrames(
  { service, options, memory }: RpcContext,
  dictId: string,
  parts: ContentsParts,
  framed = entryFrames,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { token } = memory;
  if (!token.openStream()) {
    const message = `this token has ${token.account.limits.tokenStreamsMax} streams open, the limit`;
    throw createError("overloaded", message, { retryAfterMs: 1000 });
  }
  try {
    await fetchTurns.take();
    for await (const batch of service.contents(dictId, parts, options)) {
      const bytes = bytesOf(batch);
      memory.change("streams", bytes);
      try {
        yield* framed(batch);
      } finally {
        memory.change("streams", -bytes);
      }
      await fetchTurns.take();
    }
  } finally {
    token.closeStream();
  }
}

function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const { key, value } of entries) bytes += key.length + value.length;
  return bytes;
}
