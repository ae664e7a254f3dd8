// The arguments that protocol 0 spells as text, and integers in two's complement.

import type { DecoderState } from "./decoder-state.ts";

/** The float that a line spells as Python's `repr` does. */
export function parseFloatLine(state: DecoderState, line: string): number {
  const special = {
    inf: Number.POSITIVE_INFINITY,
    "-inf": Number.NEGATIVE_INFINITY,
    nan: Number.NaN,
    "-nan": Number.NaN,
  };
  if (Object.hasOwn(special, line)) return special[line as keyof typeof special];
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line) || line.length > 1_000)
    throw state.fail("a float is not spelled as one");
  return Number(line);
}

/** The integer that a line spells; `00` and `01` are the booleans of protocols 0 and 1. */
export function parseIntegerLine(
  state: DecoderState,
  line: string,
  booleans: boolean,
): number | bigint | boolean {
  if (booleans && (line === "00" || line === "01")) return line === "01";
  const digits = line.endsWith("L") ? line.slice(0, -1) : line;
  if (digits.length > state.limits.integerMaxBytes) {
    throw state.fail(
      `an integer of ${digits.length} digits is over integerMaxBytes = ${state.limits.integerMaxBytes}`,
    );
  }
  if (!/^[+-]?\d+$/.test(digits)) throw state.fail("an integer is not spelled as one");
  state.spend(digits.length);
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  return BigInt(digits.startsWith("+") ? digits.slice(1) : digits);
}

/**
 * The integer that bytes hold in two's complement, least byte first: a number if it is safe, else a bigint;
 * `alwaysBig` keeps it a bigint.
 */
export function readTwosComplement(bytes: Uint8Array, alwaysBig: boolean): number | bigint {
  const { length } = bytes;
  if (length === 0) return alwaysBig ? 0n : 0;
  const negative = (bytes[length - 1] as number) >= 0x80;
  if (!alwaysBig && length <= 7) {
    let value = 0;
    for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[index] as number);
    if (negative) value -= 256 ** length;
    if (Number.isSafeInteger(value)) return value;
  }
  // Inverting the bytes of a negative number gives its complement, which is not negative.
  const flip = negative ? 0xff : 0;
  const digits: string[] = new Array(length);
  for (let index = 0; index < length; index++) {
    digits[length - 1 - index] = hexByte[(bytes[index] as number) ^ flip] as string;
  }
  const magnitude = BigInt(`0x${digits.join("")}`);
  const value = negative ? ~magnitude : magnitude;
  return !alwaysBig && BigInt(Number.MIN_SAFE_INTEGER) <= value && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
}

const hexByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A Python 2 `str` as its `repr`, quotes and escapes included, to bytes. */
export function parseStringLine(state: DecoderState, line: string): Uint8Array {
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote)
    throw state.fail("a text is not quoted");
  const bytes: number[] = [];
  const escapes: Record<string, number> = {
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
  const body = line.slice(1, -1);
  for (let index = 0; index < body.length; index++) {
    const unit = body.charCodeAt(index);
    if (unit !== 0x5c) {
      bytes.push(unit);
      continue;
    }
    const next = body[++index] ?? "";
    const hex = /^[0-9a-fA-F]{2}/.exec(body.slice(index + 1, index + 3));
    const octal = /^[0-7]{1,3}/.exec(body.slice(index, index + 3));
    if (next === "x" && hex !== null) {
      bytes.push(Number.parseInt(hex[0], 16));
      index += 2;
    } else if (octal !== null) {
      bytes.push(Number.parseInt(octal[0], 8) & 0xff);
      index += octal[0].length - 1;
    } else if (escapes[next] !== undefined) bytes.push(escapes[next] as number);
    else throw state.fail("a text has an escape that is none");
  }
  return Uint8Array.from(bytes);
}

/** A text in Python's raw-unicode-escape: Latin-1, with only `\uXXXX` and `\UXXXXXXXX` as escapes. */
export function parseRawUnicode(state: DecoderState): string {
  const end = state.bytes.indexOf(0x0a, state.position);
  if (end < 0) throw state.fail("a line does not end");
  const raw = state.readView(end - state.position);
  state.position = end + 1;
  if (raw.length > state.limits.stringMaxBytes)
    throw state.fail(`a text is over stringMaxBytes = ${state.limits.stringMaxBytes}`);
  state.spend(raw.length);
  const line = latin1(raw);
  // An escape counts only after an odd number of backslashes, but the writer escapes every backslash, too.
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? "", 16);
    if (code > 0x10ffff) throw state.fail("a text has an escape beyond Unicode");
    return String.fromCodePoint(code);
  });
}

/** Bytes as text, each byte one character. */
export function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let from = 0; from < bytes.length; from += 4_096) {
    parts.push(String.fromCharCode(...bytes.subarray(from, from + 4_096)));
  }
  return parts.join("");
}
