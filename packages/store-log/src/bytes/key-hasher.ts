/**
 * HalfSipHash-1-3 of keys, under a secret of the store. So a caller who chooses keys cannot choose their places in a
 * table, and cannot make it slow. (Aumasson and Bernstein, "SipHash: a fast short-input PRF", and its variant for 32
 * bits.)
 */

/** The bytes of a secret. */
export const hashSecretBytes = 8;
const finishRounds = 3;

export class KeyHasher {
  readonly #low: number;
  readonly #high: number;

  /** @param secret - `hashSecretBytes` of them */
  constructor(secret: Buffer) {
    this.#low = secret.readInt32LE(0);
    this.#high = secret.readInt32LE(4);
  }

  /** 32 bits that depend on all bytes of `bytes[start, end)`, signed: so the engine keeps them without a box. */
  hash(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
    // Without `| 0` the engine does not know that they are whole numbers, and takes twice as long.
    let v0 = this.#low | 0;
    let v1 = this.#high | 0;
    let v2 = v0 ^ 0x6c796765;
    let v3 = v1 ^ 0x74656462;
    let at = start;
    // The last word holds what is left, and the length. The rounds after it mix in nothing new.
    const words = (end - start) >>> 2;
    for (let round = 0; round <= words + finishRounds; round++) {
      let word = 0;
      if (round < words) {
        word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
        at += 4;
      } else if (round === words) {
        word = (end - start) << 24;
        for (let shift = 0; at < end; shift += 8) word |= bytes[at++]! << shift;
      } else if (round === words + 1) {
        v2 ^= 0xff;
      }
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return v1 ^ v3;
  }
}
