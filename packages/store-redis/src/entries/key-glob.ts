import type { KeyPattern } from "@everdict/protocol";

const anyByte = 63; // ?
const anyBytes = 42; // *
const escapeByte = 92; // \
/** Bytes of a key behind so many are left to the reader. */
const globMaxBytes = 512;
/** What means something else than itself in a glob. */
const special: ReadonlySet<number> = new Set([anyByte, anyBytes, escapeByte, 91, 93]); // [ ]

/**
 * A glob for the fields of a shard that lets all keys pass that match one of the patterns, and few others: the bytes that
 * all patterns agree on. Servers compare globs byte by byte, whatever the bytes are.
 */
export function keyGlob(patterns: readonly KeyPattern[] | undefined): Buffer {
  const [first = new Map<number, number>(), ...others] = (patterns ?? []).map(bytesOf);
  const length = Math.min(globMaxBytes, ...[first, ...others].map(lengthOf));
  const glob: number[] = [107]; // k
  for (let at = 0; at < length; at++) {
    const byte = first.get(at);
    if (byte === undefined || others.some((bytes) => bytes.get(at) !== byte)) glob.push(anyByte);
    else if (special.has(byte)) glob.push(escapeByte, byte);
    else glob.push(byte);
  }
  glob.push(anyBytes);
  return Buffer.from(glob);
}

/** Which bytes a pattern asks for, by their offsets. */
function bytesOf(pattern: KeyPattern): Map<number, number> {
  const found = new Map<number, number>();
  for (const { offset, bytes } of pattern) {
    for (let at = 0; at < bytes.length; at++) found.set(offset + at, bytes[at]!);
  }
  return found;
}

/** How long a key is at least that has these bytes. */
function lengthOf(bytes: ReadonlyMap<number, number>): number {
  let length = 0;
  for (const at of bytes.keys()) length = Math.max(length, at + 1);
  return length;
}
