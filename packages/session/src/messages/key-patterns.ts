import { createError, type KeyPart, type KeyPattern, keyPatternsMax } from "@everdict/protocol";
import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";

/** The bytes of a pattern, and those of a part, besides what is in them. */
const countBytes = 4;
const partOverheadBytes = 8;

/** The bytes of these patterns, with their number. */
export function keyPatternsBytes(patterns: readonly KeyPattern[]): number {
  let bytes = countBytes;
  for (const parts of patterns) {
    bytes += countBytes;
    for (const part of parts) bytes += partOverheadBytes + part.bytes.length;
  }
  return bytes;
}

/** Writes their number, and of each the parts: where, and which bytes. */
export function writeKeyPatterns(sink: ByteSink, patterns: readonly KeyPattern[]): void {
  sink.u32(patterns.length);
  for (const parts of patterns) {
    sink.u32(parts.length);
    for (const { offset, bytes } of parts) {
      sink.u32(offset);
      sink.sized(bytes);
    }
  }
}

/** Reads patterns, in place. @throws `invalid_argument` for more than there may be, before any memory is taken for them */
export function readKeyPatterns(source: ByteSource): KeyPattern[] {
  return readFew(source, countBytes, "patterns of keys", () =>
    readFew(source, partOverheadBytes, "parts of a pattern", (): KeyPart => {
      const offset = source.u32();
      return { offset, bytes: source.sized() };
    }),
  );
}

function readFew<T>(source: ByteSource, itemMinBytes: number, items: string, read: () => T): T[] {
  const count = source.announced(source.u32(), itemMinBytes, items);
  if (count > keyPatternsMax) {
    throw createError("invalid_argument", `${count} ${items}, limit is ${keyPatternsMax}`);
  }
  return Array.from({ length: count }, read);
}
