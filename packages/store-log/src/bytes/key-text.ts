/** A string that stands for the bytes of a key, one code unit a byte, to be used as the key of a `Map`. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}

/** The bytes that a key text stands for. */
export function keyBytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
