// Integers as bytes in two's complement, least byte first.

import { latin1 } from "./utf8.ts";

const words = new DataView(new ArrayBuffer(16));
const wordBytes = new Uint8Array(words.buffer);

/**
 * The integer that bytes hold in two's complement, least byte first: a number if it is safe, else a bigint;
 * `alwaysBig` keeps it a bigint. Takes a time that grows with the length.
 */
export function readTwosComplement(
  bytes: Uint8Array,
  from: number,
  to: number,
  alwaysBig: boolean,
): number | bigint {
  const length = to - from;
  if (length === 0) return alwaysBig ? 0n : 0;
  const negative = (bytes[to - 1] as number) >= 0x80;
  if (!alwaysBig && length <= 7) {
    // From the signed top byte down, every step is exact if the result is.
    let value = (bytes[to - 1] as number) - (negative ? 256 : 0);
    for (let index = to - 2; index >= from; index--) value = value * 256 + (bytes[index] as number);
    if (Number.isSafeInteger(value)) return value;
  }
  const value = length <= 16 ? readWords(bytes, from, to, negative) : readDigits(bytes, from, to, negative);
  return !alwaysBig && BigInt(Number.MIN_SAFE_INTEGER) <= value && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}

function readWords(bytes: Uint8Array, from: number, to: number, negative: boolean): bigint {
  wordBytes.fill(negative ? 0xff : 0);
  for (let index = from; index < to; index++) wordBytes[index - from] = bytes[index] as number;
  const low = words.getBigUint64(0, true);
  return to - from <= 8 ? BigInt.asIntN(64, low) : (words.getBigInt64(8, true) << 64n) | low;
}

/** The most bytes of an integer that are spelled at once: a spelling takes several times their room. */
const DIGITS_MAX_BYTES = 2 ** 16;

function readDigits(bytes: Uint8Array, from: number, to: number, negative: boolean): bigint {
  if (to - from <= DIGITS_MAX_BYTES) return spell(bytes, from, to, negative);
  let low = DIGITS_MAX_BYTES;
  while (low * 2 < to - from) low *= 2;
  const high = readDigits(bytes, from + low, to, negative);
  return (high << BigInt(8 * low)) | readDigits(bytes, from, from + low, false);
}

function spell(bytes: Uint8Array, from: number, to: number, negative: boolean): bigint {
  // Inverting the bytes of a negative number gives its complement, which is not negative.
  const flip = negative ? 0xff : 0;
  const digits = new Uint8Array(2 + 2 * (to - from));
  digits.set(hexPrefix);
  let count = hexPrefix.length;
  for (let index = to - 1; index >= from; index--) {
    const byte = (bytes[index] as number) ^ flip;
    digits[count++] = hexDigit.charCodeAt(byte >> 4);
    digits[count++] = hexDigit.charCodeAt(byte & 15);
  }
  const magnitude = BigInt(latin1(digits));
  return negative ? ~magnitude : magnitude;
}

const hexPrefix = Uint8Array.of(0x30, 0x78);
const hexDigit = "0123456789abcdef";

/** An integer in two's complement, least byte first, in as few bytes as keep its sign; 0 takes one. */
export function twosComplement(value: bigint): Uint8Array {
  // The complement of a negative number has the same bytes, inverted.
  const flip = value < 0n ? 0xff : 0;
  const digits = (value < 0n ? ~value : value).toString(16);
  const signDigits = Number.parseInt(digits.slice(0, 1), 16) >= 8 ? 1 : 0;
  const bytes = new Uint8Array((digits.length + signDigits + 1) >> 1);
  const hex = digits.padStart(bytes.length * 2, "0");
  let count = 0;
  for (let at = hex.length - 2; at >= 0; at -= 2)
    bytes[count++] = Number.parseInt(hex.slice(at, at + 2), 16) ^ flip;
  return bytes;
}
