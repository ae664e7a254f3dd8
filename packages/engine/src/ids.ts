import { createError } from "@everdict/protocol";

/**
 * Ids: a prefix of two letters, exactly one dash and 22 base-62 characters (protocol sections 0.2 and 3).
 *
 * One dash, because a handle inside a stored value is split at it. 22 characters hold 131 bits, so that ids
 * made by any number of processes never meet. Each character is drawn without bias: a random byte counts only
 * if it is below 248, the largest multiple of 62 that fits.
 */

/** A source of random bytes. Injected, so that tests own it. */
export type RandomBytes = (length: number) => Uint8Array;

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const idCharacters = 22;
const acceptBelow = 256 - (256 % alphabet.length);
// 32 bytes give 22 accepted ones in all but one of some 100,000 draws; a draw of another 32 settles those.
const bytesPerDraw = 32;
const maxDraws = 32;

const dictId = /^di-[0-9A-Za-z]{22}$/;

/** The platform's cryptographic source; there in Node, browsers, Deno, Bun and workers alike. */
export const systemRandomBytes: RandomBytes = (length) =>
  globalThis.crypto.getRandomValues(new Uint8Array(length));

/** A fresh dictionary id. */
export function newDictId(randomBytes: RandomBytes): string {
  return `di-${randomCharacters(randomBytes)}`;
}

/** A fresh environment id. */
export function newEnvironmentId(randomBytes: RandomBytes): string {
  return `en-${randomCharacters(randomBytes)}`;
}

/** Whether a text has the form of a dictionary id. What has not is never handed to a store. */
export function isDictId(text: string): boolean {
  return dictId.test(text);
}

function randomCharacters(randomBytes: RandomBytes): string {
  let characters = "";
  for (let draw = 0; draw < maxDraws; draw++) {
    for (const byte of randomBytes(bytesPerDraw)) {
      if (byte >= acceptBelow) continue;
      characters += alphabet[byte % alphabet.length];
      if (characters.length === idCharacters) return characters;
    }
  }
  // Only a broken source gets here; waiting for it to mend would never end.
  throw createError(
    "internal",
    `the random source gave ${maxDraws * bytesPerDraw} bytes without enough variety`,
  );
}
