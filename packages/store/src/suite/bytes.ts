import type { Entry } from "@everdict/protocol";

/** Bytes, or text that stands for bytes, one code unit a byte. */
export type BytesLike = string | Uint8Array;

/** The bytes that are meant. */
export function bytes(like: BytesLike): Uint8Array {
  if (typeof like !== "string") return like;
  return Uint8Array.from(like, (unit) => unit.charCodeAt(0));
}

/** The text that stands for bytes: the inverse of `bytes`. */
export function text(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
}

/** An entry of two texts. */
export function entry(key: BytesLike, value: BytesLike): Entry {
  return { key: bytes(key), value: bytes(value) };
}

/** So many entries, `${prefix}0` and so on, with values that name their key and version. */
export function numberedEntries(count: number, prefix = "k", version = "v"): Entry[] {
  return Array.from({ length: count }, (_, index) => entry(`${prefix}${index}`, `${version}${index}`));
}

/** Bytes that look random but depend on the seed only: for values that must not compress or repeat. */
export function patternedBytes(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
