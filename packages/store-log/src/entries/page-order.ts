/**
 * The order in which pages bring entries: that of the hashes of their keys, and of equal hashes that of a longer hash.
 * It depends on nothing but the keys and the secret of the store.
 *
 * A cursor is a place in that order:
 *
 * | offset | size | field |
 * | ---: | ---: | --- |
 * | 0 | 1 | format, 1 |
 * | 1 | 16 | a block under AES-128: the hash in 4 bytes, the longer one in 8, zero in 4 |
 *
 * The block hides hashes, which a caller who wants a slow table would like to know. A cursor of another secret has other
 * bytes than zero at its end.
 */

import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { createError, type EverdictError } from "@everdict/protocol";
import type { KeySecret } from "../files/key-secret.ts";

/** A place in the order: in front of the first key that has this hash and tie, or greater ones. */
export interface PagePlace {
  /** Unsigned. */
  readonly hash: number;
  readonly tie: number;
}

/** In front of all keys. */
export const firstPlace: PagePlace = { hash: 0, tie: 0 };

const format = 1;
const blockBytes = 16;
const cursorBytes = 1 + blockBytes;
// A block cipher as it is, on a single block.
const cipher = "aes-128-ecb";
// As many as a number holds with one to spare, for the place behind the greatest.
const tieBits = 52;
const tieShift = BigInt(64 - tieBits);

export class PageOrder {
  readonly #secret: KeySecret;

  constructor(secret: KeySecret) {
    this.#secret = secret;
  }

  /** Puts keys of equal hashes in order. Two keys that agree in both are not to be found. */
  tieOf(key: Uint8Array): number {
    const digest = createHmac("sha256", this.#secret.order).update(key).digest();
    return Number(digest.readBigUInt64LE() >> tieShift);
  }

  /** The place behind a key. */
  behind(hash: number, key: Uint8Array): PagePlace {
    return { hash, tie: this.tieOf(key) + 1 };
  }

  /** The cursor of a place. */
  cursorOf({ hash, tie }: PagePlace): Buffer {
    const block = Buffer.alloc(blockBytes);
    block.writeUInt32LE(hash);
    block.writeBigUInt64LE(BigInt(tie), 4);
    const encipher = createCipheriv(cipher, this.#secret.cursors, null).setAutoPadding(false);
    return Buffer.concat([Buffer.of(format), encipher.update(block), encipher.final()]);
  }

  /** The place of a cursor. @throws `invalid_argument` if this store did not make it */
  placeOf(cursor: Uint8Array): PagePlace {
    if (cursor.length !== cursorBytes || cursor[0] !== format) throw notOurs();
    const decipher = createDecipheriv(cipher, this.#secret.cursors, null).setAutoPadding(false);
    const block = Buffer.concat([decipher.update(cursor.subarray(1)), decipher.final()]);
    const tie = block.readBigUInt64LE(4);
    if (block.readUInt32LE(12) !== 0 || tie >> BigInt(tieBits) > 1n) throw notOurs();
    return { hash: block.readUInt32LE(), tie: Number(tie) };
  }
}

function notOurs(): EverdictError {
  return createError("invalid_argument", "the cursor is not of a page of this store: begin without one");
}
