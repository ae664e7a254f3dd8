import { createError } from "@everdict/protocol";

/**
 * Ids: a prefix of two letters, exactly one dash and 22 base-62 characters (protocol sections 0.2 and 3).
 *
 * One dash, because a handle inside a stored value is split at it. 22 characters hold 131 bits, so that ids
 * made by any number of processes never meet. Each character is drawn without bias: a random byte counts only
 * if it is below 248, the largest multiple of 62 that fits.
 */

/** A source of random bytes. It is passed in, so that tests control it. */
export type RandomBytes = (length: number) => Uint8Array;

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const idCharacters = 22;
const acceptBelow = 256 - (256 % alphabet.length);
// 32 bytes give 22 accepted ones in all but one of some 100,000 draws; a draw of another 32 settles those.
const bytesPerDraw = 32;
const maxDraws = 32;

const dictId = /^di-[0-9A-Za-z]{22}$/;

/** The platform's cryptographic source, which Node, browsers, Deno, Bun and workers have alike. */
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

/**
 * The environment id that belongs to a creation, told by its idempotency key and name: the same in every process, so that
 * whichever server answers a repeat finds that it was this creation that made the environment. Not a secret, and not
 * for anything else.
 */
export function environmentIdFor(idempotencyKey: string, name: string): string {
  // Names have no line break.
  return newEnvironmentId(bytesFrom(`${name}\n${idempotencyKey}`));
}

/** A source of bytes that depend on a text only: four 32-bit mixers over its characters, then counting on. */
function bytesFrom(text: string): RandomBytes {
  const lanes = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  for (let index = 0; index < text.length; index++) {
    for (const [lane, state] of lanes.entries()) {
      lanes[lane] = mixed(state ^ (text.charCodeAt(index) + Math.imul(lane + 1, 0x9e3779b9)));
    }
  }
  let drawn = 0;
  return (length) =>
    Uint8Array.from({ length }, () => {
      const lane = drawn % lanes.length;
      lanes[lane] = mixed(lanes[lane]! + ++drawn);
      return lanes[lane]! & 0xff;
    });
}

function mixed(state: number): number {
  let mixing = Math.imul(state ^ (state >>> 16), 0x7feb352d);
  mixing = Math.imul(mixing ^ (mixing >>> 15), 0x846ca68b);
  return (mixing ^ (mixing >>> 16)) >>> 0;
}

/** Whether a text has the form of a dictionary id. A text without it is never passed to a store. */
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
  // Only a broken source gets here, and waiting for it would never end.
  throw createError(
    "internal",
    `the random source gave ${maxDraws * bytesPerDraw} bytes without enough variety`,
  );
}
