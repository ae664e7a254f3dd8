// The arguments that protocol 0 spells as text.

import { fromCodeUnits, latin1 } from "../wire/utf8.ts";
import type { PickleInput } from "./pickle-input.ts";

/** The float that a line spells as Python's `repr` does. */
export function parseFloatLine(input: PickleInput, line: string): number {
  const special = {
    inf: Number.POSITIVE_INFINITY,
    "-inf": Number.NEGATIVE_INFINITY,
    nan: Number.NaN,
    "-nan": Number.NaN,
  };
  if (Object.hasOwn(special, line)) return special[line as keyof typeof special];
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line) || line.length > 1_000)
    throw input.fail("a float is not spelled as one");
  return Number(line);
}

/** To read digits takes a time that grows with the square of their number. Python itself spells no more than 4,300. */
const INTEGER_DIGITS_MAX = 65_536;

/** The integer that a line spells; `00` and `01` are the booleans of protocols 0 and 1. */
export function parseIntegerLine(
  input: PickleInput,
  line: string,
  booleans: boolean,
): number | bigint | boolean {
  if (booleans && (line === "00" || line === "01")) return line === "01";
  const digits = line.endsWith("L") ? line.slice(0, -1) : line;
  const digitsMax = Math.min(input.integerMaxBytes, INTEGER_DIGITS_MAX);
  if (digits.length > digitsMax)
    throw input.fail(`an integer of ${digits.length} digits is over integerMaxBytes = ${digitsMax}`);
  if (!/^[+-]?\d+$/.test(digits)) throw input.fail("an integer is not spelled as one");
  // Spelled out, an integer takes a time that grows with the square of its length.
  input.spend(digits.length * (1 + (digits.length >> 7)));
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  return BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
}

/** A Python 2 `str` as its `repr`, quotes and escapes included, to bytes. */
export function parseStringLine(input: PickleInput): Uint8Array {
  const line = readLineView(input);
  const { length } = line;
  const quote = line[0];
  if (length < 2 || (quote !== 0x27 && quote !== 0x22) || line[length - 1] !== quote)
    throw input.fail("a text is not quoted");
  const bytes = new Uint8Array(length);
  let count = 0;
  for (let index = 1; index < length - 1; index++) {
    let byte = line[index] as number;
    if (byte === 0x5c) {
      const digits = escapeDigits(line, index + 1);
      byte = escapedByte(line, index + 1, digits);
      if (byte < 0) throw input.fail("a text has an escape that is none");
      index += Math.max(1, digits);
    }
    bytes[count++] = byte;
  }
  return bytes.slice(0, count);
}

const escapes: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  "\\": 92,
  "'": 39,
  '"': 34,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
};

/** How many characters of an escape by number follow a backslash: `x41`, `7`, `101`; 0 if it is none. */
function escapeDigits(line: Uint8Array, from: number): number {
  if (line[from] === 0x78) return hexDigits(line, from + 1, 2) < 0 ? 0 : 3;
  let count = 0;
  while (count < 3 && isOctal(line[from + count])) count++;
  return count;
}

function escapedByte(line: Uint8Array, from: number, digits: number): number {
  if (digits === 0) return escapes[String.fromCharCode(line[from] as number)] ?? -1;
  if (line[from] === 0x78) return hexDigits(line, from + 1, 2);
  let value = 0;
  for (let index = from; index < from + digits; index++) value = value * 8 + ((line[index] as number) - 0x30);
  return value & 0xff;
}

function isOctal(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x37;
}

/** The number that `count` hexadecimal digits spell, or -1. */
function hexDigits(line: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index++) {
    const byte = line[index] ?? 0;
    const lower = byte | 0x20;
    const digit =
      lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function readLineView(input: PickleInput): Uint8Array {
  const end = input.bytes.indexOf(0x0a, input.position);
  if (end < 0) throw input.fail("a line does not end");
  const line = input.readView(end - input.position);
  input.position = end + 1;
  if (line.length > input.stringMaxBytes)
    throw input.fail(`a text is over stringMaxBytes = ${input.stringMaxBytes}`);
  input.spend(line.length * 3);
  return line;
}

/** A text in Python's raw-unicode-escape: Latin-1, with only `\uXXXX` and `\UXXXXXXXX` as escapes. */
export function parseRawUnicode(input: PickleInput): string {
  const line = readLineView(input);
  if (!line.includes(0x5c)) return latin1(line);
  const units = new Uint16Array(line.length);
  let count = 0;
  // An escape counts only after an odd number of backslashes, but the writer escapes every backslash, too.
  for (let index = 0; index < line.length; index++) {
    const digits = line[index] === 0x5c ? { 117: 4, 85: 8 }[line[index + 1] ?? 0] : undefined;
    const code = digits === undefined ? -1 : hexDigits(line, index + 2, digits);
    if (digits === undefined || code < 0) {
      units[count++] = line[index] as number;
      continue;
    }
    if (code > 0x10ffff) throw input.fail("a text has an escape beyond Unicode");
    index += 1 + digits;
    if (code > 0xffff) {
      units[count++] = 0xd800 + ((code - 0x10000) >> 10);
      units[count++] = 0xdc00 + ((code - 0x10000) & 0x3ff);
    } else units[count++] = code;
  }
  return fromCodeUnits(units.subarray(0, count));
}
