// Short texts as the decoder meets them. Property names and the like repeat within and across pickles. To find a text
// here costs less than to build it, and property access is faster with the very same string.

import { decodeUtf8 } from "../wire/utf8.ts";

const SLOTS = 1_024;
/** Longer texts are not looked up. */
export const CACHED_TEXT_MAX_BYTES = 24;

// None of the codes is undefined: the callers have checked.
const fromCharCode = String.fromCharCode as (...codes: (number | undefined)[]) => string;

const texts: string[] = new Array(SLOTS).fill("");
/** What the texts are spelled from, a row each, and how long they are. */
const spellings = new Uint8Array(SLOTS * CACHED_TEXT_MAX_BYTES);
const lengths = new Uint8Array(SLOTS);
/** What came last to a slot. Only what comes twice is kept: most texts that are no names never come again. */
const candidates = new Uint32Array(SLOTS);

/** The text of `length` bytes of UTF-8, 1 to {@link CACHED_TEXT_MAX_BYTES}. */
export function cachedText(bytes: Uint8Array, from: number, length: number): string {
  const first = bytes[from] as number;
  const middle = bytes[from + (length >> 1)] as number;
  const last = bytes[from + length - 1] as number;
  const quarter = bytes[from + (length >> 2)] as number;
  const beforeLast = bytes[from + length - (length === 1 ? 1 : 2)] as number;
  const hash = length + first * 7 + quarter * 17 + middle * 61 + beforeLast * 131 + last * 251;
  const slot = hash & (SLOTS - 1);
  const row = slot * CACHED_TEXT_MAX_BYTES;
  if (lengths[slot] === length) {
    let index = 0;
    while (index < length && spellings[row + index] === bytes[from + index]) index++;
    if (index === length) return texts[slot] as string;
  }
  const text = asciiText(bytes, from, length) ?? decodeUtf8(bytes, from, from + length);
  if (candidates[slot] !== hash) {
    candidates[slot] = hash;
    return text;
  }
  for (let index = 0; index < length; index++) spellings[row + index] = bytes[from + index] as number;
  lengths[slot] = length;
  texts[slot] = text;
  return text;
}

// As few calls and concatenations as possible: each costs more than a character.
function asciiText(bytes: Uint8Array, from: number, length: number): string | undefined {
  let seen = 0;
  const end = from + length;
  for (let index = from; index < end; index++) seen |= bytes[index] as number;
  if (seen >= 0x80) return undefined;
  if (length < 16)
    return length <= 8
      ? upTo8(bytes, from, length)
      : upTo8(bytes, from, 8) + upTo8(bytes, from + 8, length - 8);
  const start = exactly16(bytes, from);
  return length === 16 ? start : start + upTo8(bytes, from + 16, length - 16);
}

function upTo8(b: Uint8Array, i: number, length: number): string {
  switch (length) {
    case 1:
      return fromCharCode(b[i]);
    case 2:
      return fromCharCode(b[i], b[i + 1]);
    case 3:
      return fromCharCode(b[i], b[i + 1], b[i + 2]);
    case 4:
      return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3]);
    case 5:
      return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4]);
    case 6:
      return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5]);
    case 7:
      return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6]);
    default:
      return fromCharCode(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7]);
  }
}

function exactly16(b: Uint8Array, i: number): string {
  return fromCharCode(
    b[i],
    b[i + 1],
    b[i + 2],
    b[i + 3],
    b[i + 4],
    b[i + 5],
    b[i + 6],
    b[i + 7],
    b[i + 8],
    b[i + 9],
    b[i + 10],
    b[i + 11],
    b[i + 12],
    b[i + 13],
    b[i + 14],
    b[i + 15],
  );
}
