/**
 * Adds to numbers as CPython pickles them, so that Python reads a counter as a plain int or float and may write it.
 *
 * Exactly these pickles are numbers: of protocol 2 to 5, with or without a frame, an int (`BININT1`, `BININT2`, `BININT`,
 * `LONG1`, `LONG4`) of at most 255 bytes or a float (`BINFLOAT`) that is not NaN. Nothing else is looked at, let alone
 * unpickled. What is written is what CPython writes at protocol 4, but that a number in the form `LONG4` keeps it: by
 * that form the TypeScript client knows a `bigint`. (Opcodes: the documentation of Python's `pickletools`.)
 */

import type { AddChange } from "@everdict/protocol";

/** The sum as a pickle, or why there is none. */
export type AddResult =
  | { readonly value: Uint8Array }
  | { readonly refused: "not_a_number" | "out_of_bounds" };

interface Int {
  readonly kind: "int";
  /** A `number` if that is exact. */
  readonly value: number | bigint;
  /** Whether it is in the form `LONG4`. */
  readonly isWide: boolean;
}

interface Float {
  readonly kind: "float";
  readonly value: number;
}

const intMaxBytes = 255;
const frameHeadBytes = 9;
const frameMinBytes = 4;
const Op = {
  proto: 0x80,
  frame: 0x95,
  int1: 0x4b,
  int2: 0x4d,
  int4: 0x4a,
  long1: 0x8a,
  long4: 0x8b,
  float: 0x47,
  stop: 0x2e,
} as const;

/** Whether bytes are a number that can be added to. */
export function isNumber(bytes: Uint8Array): boolean {
  return readNumber(bytes) !== undefined;
}

/**
 * Adds as Python does: ints exactly, of any size up to 255 bytes, and to a float as floats.
 *
 * @param present - the live entry's value; undefined: there is none, and `initial` counts
 * @param change - its numbers have been checked by {@link isNumber}
 * @returns the sum; `not_a_number` if the entry holds something else; `out_of_bounds` if the sum is less than `min`, more
 *   than `max`, more than 255 bytes, no number at all, or an int that no float can hold
 */
export function addToNumber(present: Uint8Array | undefined, change: AddChange): AddResult {
  const by = readNumber(change.by)!;
  const begin = present ?? change.initial;
  const number = begin === undefined ? zeroLike(by) : readNumber(begin);
  if (number === undefined) return { refused: "not_a_number" };
  const sum = add(number, by);
  if (sum === undefined || !isWithin(sum, change)) return { refused: "out_of_bounds" };
  return { value: writeNumber(sum) };
}

function zeroLike(by: Int | Float): Int {
  return { kind: "int", value: 0, isWide: by.kind === "int" && by.isWide };
}

function add(one: Int | Float, other: Int | Float): Int | Float | undefined {
  if (one.kind === "int" && other.kind === "int") {
    const value = addInts(one.value, other.value);
    const isTooLarge = typeof value === "bigint" && byteLength(value) > intMaxBytes;
    return isTooLarge ? undefined : { kind: "int", value, isWide: one.isWide };
  }
  const [left, right] = [Number(one.value), Number(other.value)];
  // Where Python raises an OverflowError.
  if (isOutOfFloat(one, left) || isOutOfFloat(other, right)) return undefined;
  const value = left + right;
  return Number.isNaN(value) ? undefined : { kind: "float", value };
}

function addInts(one: number | bigint, other: number | bigint): number | bigint {
  if (typeof one === "number" && typeof other === "number" && Number.isSafeInteger(one + other))
    return one + other;
  return shortest(BigInt(one) + BigInt(other));
}

function isOutOfFloat({ kind }: Int | Float, value: number): boolean {
  return kind === "int" && !Number.isFinite(value);
}

function isWithin({ value }: Int | Float, { min, max }: AddChange): boolean {
  // A bigint and a number are compared exactly.
  return (
    (min === undefined || value >= readNumber(min)!.value) &&
    (max === undefined || value <= readNumber(max)!.value)
  );
}

// Without a `DataView` where that is easy: making one takes longer than the addition.
function readNumber(bytes: Uint8Array): Int | Float | undefined {
  if (bytes[0] !== Op.proto || !(bytes[1]! >= 2 && bytes[1]! <= 5)) return undefined;
  let at = 2;
  if (bytes[at] === Op.frame) {
    at += frameHeadBytes;
    if (bytes.length < at || int32At(bytes, at - 8) !== bytes.length - at) return undefined;
    if (int32At(bytes, at - 4) !== 0) return undefined;
  }
  const last = bytes.length - 1;
  return bytes[last] === Op.stop ? readBody(bytes, at, last) : undefined;
}

/** Reads the one opcode between `at` and `end`. */
function readBody(bytes: Uint8Array, at: number, end: number): Int | Float | undefined {
  if (at >= end) return undefined;
  const start = at + 1;
  const length = end - start;
  switch (bytes[at]) {
    case Op.int1:
      return length === 1 ? int(bytes[start]!) : undefined;
    case Op.int2:
      return length === 2 ? int(bytes[start]! | (bytes[start + 1]! << 8)) : undefined;
    case Op.int4:
      return length === 4 ? int(int32At(bytes, start)) : undefined;
    case Op.long1:
      return length >= 1 && bytes[start] === length - 1 ? long(bytes, start + 1, end, false) : undefined;
    case Op.long4:
      return length >= 4 && int32At(bytes, start) === length - 4
        ? long(bytes, start + 4, end, true)
        : undefined;
    case Op.float:
      return length === 8 ? float(viewOf(bytes).getFloat64(start)) : undefined;
    default:
      return undefined;
  }
}

/** The least significant byte first. */
function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function int(value: number): Int {
  return { kind: "int", value, isWide: false };
}

function float(value: number): Float | undefined {
  return Number.isNaN(value) ? undefined : { kind: "float", value };
}

/** Two's complement, the least significant byte first. */
function long(bytes: Uint8Array, start: number, end: number, isWide: boolean): Int | undefined {
  if (end - start > intMaxBytes) return undefined;
  let value = 0n;
  for (let at = end - 1; at >= start; at--) value = (value << 8n) | BigInt(bytes[at]!);
  return { kind: "int", value: shortest(BigInt.asIntN(8 * (end - start), value)), isWide };
}

function shortest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function writeNumber(number: Int | Float): Uint8Array {
  if (number.kind === "float") return writeFloat(number.value);
  const { value, isWide } = number;
  if (isWide || typeof value === "bigint" || value < -(2 ** 31) || value >= 2 ** 31)
    return writeLong(BigInt(value), isWide);
  if (value < 0 || value > 0xffff) return writeInt(Op.int4, value, 4);
  return value > 0xff ? writeInt(Op.int2, value, 2) : writeInt(Op.int1, value, 1);
}

function writeInt(op: number, value: number, byteCount: number): Uint8Array {
  const bytes = pickleOf(op, byteCount);
  const start = bytes.length - 1 - byteCount;
  for (let index = 0; index < byteCount; index++) bytes[start + index] = value >> (8 * index);
  return bytes;
}

function writeFloat(value: number): Uint8Array {
  const bytes = pickleOf(Op.float, 8);
  viewOf(bytes).setFloat64(bytes.length - 9, value);
  return bytes;
}

function writeLong(value: bigint, isWide: boolean): Uint8Array {
  const byteCount = byteLength(value);
  const countBytes = isWide ? 4 : 1;
  const bytes = pickleOf(isWide ? Op.long4 : Op.long1, countBytes + byteCount);
  const start = bytes.length - 1 - byteCount;
  // At most 255, so the other bytes of a wide count stay 0.
  bytes[start - countBytes] = byteCount;
  let rest = BigInt.asUintN(8 * byteCount, value);
  for (let index = 0; index < byteCount; index++, rest >>= 8n) bytes[start + index] = Number(rest & 0xffn);
  return bytes;
}

/** How many bytes the two's complement of an int takes; none for 0. */
function byteLength(value: bigint): number {
  if (value === 0n) return 0;
  const magnitude = value < 0n ? -value - 1n : value;
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length;
  // And the sign.
  return (bits >> 3) + 1;
}

/** A pickle of one opcode without its argument, which goes before the last byte; in a frame if it is long enough. */
function pickleOf(op: number, argumentBytes: number): Uint8Array {
  const bodyBytes = 1 + argumentBytes + 1;
  const start = 2 + (bodyBytes >= frameMinBytes ? frameHeadBytes : 0);
  const bytes = new Uint8Array(start + bodyBytes);
  bytes[0] = Op.proto;
  bytes[1] = 4;
  if (start > 2) {
    bytes[2] = Op.frame;
    // A body is shorter than 64 KiB.
    bytes[3] = bodyBytes & 0xff;
    bytes[4] = bodyBytes >> 8;
  }
  bytes[start] = op;
  bytes[bytes.length - 1] = Op.stop;
  return bytes;
}
