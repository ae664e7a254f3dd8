// The bytes of a numpy array as elements, and back. Numbers become typed arrays, texts and bytes become plain arrays.
// Elements without a counterpart (`longdouble`, structured and raw ones) stay bytes.

import { type AnyTypedArray, arrayFromBytes, littleEndianBytes, swapped } from "../array.ts";
import { PyComplex } from "../numbers.ts";
import { momentText, NAT } from "../time/date-text.ts";
import { pyInteger } from "../type-rule.ts";
import type { PyNumpyDtype } from "./numpy-dtype.ts";

/** The elements of an array. */
export type NumpyData = AnyTypedArray | unknown[];

type ArrayClass = typeof Uint8Array;

const arrayClasses = new Map(
  Object.entries({
    b1: Uint8Array,
    i1: Int8Array,
    i2: Int16Array,
    i4: Int32Array,
    i8: BigInt64Array,
    u1: Uint8Array,
    u2: Uint16Array,
    u4: Uint32Array,
    u8: BigUint64Array,
    f2: Float32Array,
    f4: Float32Array,
    f8: Float64Array,
    c8: Float32Array,
    c16: Float64Array,
    M8: BigInt64Array,
    m8: BigInt64Array,
  }) as unknown as [string, ArrayClass][],
);

/** The typed array for a dtype, or Array; what is kept as bytes gets a Uint8Array. */
export function dataClass({ kind, itemBytes }: PyNumpyDtype): ArrayClass | typeof Array {
  if (kind === "O" || kind === "U" || kind === "S") return Array;
  return arrayClasses.get(`${kind}${itemBytes}`) ?? Uint8Array;
}

/** How many places of the data one element takes. */
export function placesOf({ kind, itemBytes }: PyNumpyDtype): number {
  if (kind === "V") return itemBytes;
  if (kind === "c") return itemBytes <= 16 ? 2 : itemBytes;
  return kind === "f" && itemBytes > 8 ? itemBytes : 1;
}

/** Whether elements take more than their bytes, which is worth waiting for until they are asked for. */
export function isMadeLate({ kind, itemBytes }: PyNumpyDtype): boolean {
  return kind === "U" || kind === "S" || (kind === "f" && itemBytes === 2);
}

/** The data for numpy's bytes. */
export function dataFromBytes(dtype: PyNumpyDtype, bytes: Uint8Array): NumpyData {
  const { kind, itemBytes, bigEndian } = dtype;
  if (kind === "U") return textsFromBytes(bytes, itemBytes, !bigEndian);
  if (kind === "S") return splitBytes(bytes, itemBytes);
  const type = dataClass(dtype) as ArrayClass;
  if (type === Uint8Array) return bytes.slice();
  if (kind === "f" && itemBytes === 2)
    return singlesFromHalves(arrayFromBytes(Uint16Array, bytes, !bigEndian));
  return arrayFromBytes(type, bytes, !bigEndian);
}

/**
 * numpy's bytes for data.
 *
 * @throws {TypeError} if an element does not fit
 */
export function bytesFromData(dtype: PyNumpyDtype, data: NumpyData): Uint8Array {
  const { kind, itemBytes, bigEndian } = dtype;
  if (kind === "U") return bytesFromTexts(data as unknown[], dtype);
  if (kind === "S") return joinedBytes(data as unknown[], dtype);
  let array = data as AnyTypedArray;
  if (kind === "f" && itemBytes === 2) array = halvesFromSingles(array as Float32Array);
  const bytes = littleEndianBytes(array);
  return bigEndian ? swapped(bytes, array.BYTES_PER_ELEMENT) : bytes;
}

/**
 * One element, as it is shown and as Python's own would arrive: an integer is a number where that is exact, a complex
 * number a `PyComplex`, a date its text, a structured element an object of its fields. NaT is `null`.
 */
export function elementOf(dtype: PyNumpyDtype, data: NumpyData, index: number): unknown {
  const { kind, itemBytes } = dtype;
  const at = data[index];
  switch (kind) {
    case "b":
      return at !== 0;
    case "M":
      return momentText((at as bigint) * BigInt(dtype.unitStep), dtype.unit) ?? null;
    case "m":
      return at === NAT ? null : pyInteger(at as bigint);
    case "c":
      if (itemBytes > 16) break;
      return new PyComplex(data[index * 2] as number, data[index * 2 + 1] as number);
    case "V":
      break;
    default:
      if (typeof at === "bigint" && kind !== "O") return pyInteger(at);
      if (placesOf(dtype) === 1) return at;
  }
  const bytes = (data as Uint8Array).subarray(index * itemBytes, (index + 1) * itemBytes);
  return kind === "V" ? structuredElement(dtype, bytes) : bytes.slice();
}

function structuredElement(dtype: PyNumpyDtype, bytes: Uint8Array): unknown {
  const { base, shape, fields } = dtype;
  if (base !== undefined) return nested(shape, elementsFrom(base, bytes));
  if (fields.size === 0) return bytes.slice();
  return Object.fromEntries(
    Array.from(fields, ([name, { dtype: type, offset }]) => {
      const data = dataFromBytes(type, bytes.subarray(offset, offset + type.itemBytes));
      return [name, elementOf(type, data, 0)];
    }),
  );
}

function elementsFrom(dtype: PyNumpyDtype, bytes: Uint8Array): unknown[] {
  const data = dataFromBytes(dtype, bytes);
  const count = dtype.itemBytes === 0 ? 0 : bytes.length / dtype.itemBytes;
  return Array.from({ length: count }, (_, index) => elementOf(dtype, data, index));
}

/** Elements in the order of their indices as lists within lists; without any, an empty list. */
export function nested(shape: readonly number[], elements: readonly unknown[]): unknown {
  if (shape.length === 0) return elements[0];
  if (elements.length === 0) return [];
  let level = elements;
  for (const length of shape.slice(1).reverse()) {
    level = Array.from({ length: level.length / length }, (_, at) =>
      level.slice(at * length, (at + 1) * length),
    );
  }
  return [...level];
}

// --- texts of 32 bits a character, and bytes; both are padded with zeros

function textsFromBytes(bytes: Uint8Array, itemBytes: number, littleEndian: boolean): string[] {
  const codes = arrayFromBytes(Uint32Array, bytes, littleEndian) as Uint32Array;
  const width = itemBytes / 4;
  return Array.from({ length: codes.length / width }, (_, at) => {
    let end = (at + 1) * width;
    while (end > at * width && codes[end - 1] === 0) end--;
    let text = "";
    for (const code of codes.subarray(at * width, end))
      text += String.fromCodePoint(code <= 0x10ffff ? code : 0xfffd);
    return text;
  });
}

function bytesFromTexts(texts: readonly unknown[], dtype: PyNumpyDtype): Uint8Array {
  const width = dtype.itemBytes / 4;
  const codes = new Uint32Array(texts.length * width);
  texts.forEach((text, at) => {
    if (typeof text !== "string") throw new TypeError(`element ${at} of ${dtype} is no text`);
    const points = Array.from(text, (character) => character.codePointAt(0) as number);
    if (points.length > width)
      throw new TypeError(`element ${at} has ${points.length} characters, ${dtype} has room for ${width}`);
    codes.set(points, at * width);
  });
  const bytes = littleEndianBytes(codes);
  return dtype.bigEndian ? swapped(bytes, 4) : bytes;
}

function splitBytes(bytes: Uint8Array, itemBytes: number): Uint8Array[] {
  return Array.from({ length: bytes.length / itemBytes }, (_, at) => {
    let end = (at + 1) * itemBytes;
    while (end > at * itemBytes && bytes[end - 1] === 0) end--;
    return bytes.slice(at * itemBytes, end);
  });
}

function joinedBytes(items: readonly unknown[], dtype: PyNumpyDtype): Uint8Array {
  const joined = new Uint8Array(items.length * dtype.itemBytes);
  items.forEach((item, at) => {
    if (!(item instanceof Uint8Array)) throw new TypeError(`element ${at} of ${dtype} is no Uint8Array`);
    if (item.length > dtype.itemBytes)
      throw new TypeError(`element ${at} has ${item.length} bytes, ${dtype} has room for ${dtype.itemBytes}`);
    joined.set(item, at * dtype.itemBytes);
  });
  return joined;
}

// --- float16, of which the platforms have no array yet: bit by bit, so that no NaN loses what it carries

function singlesFromHalves(halves: AnyTypedArray): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let at = 0; at < bits.length; at++) bits[at] = singleOfHalf(halves[at] as number);
  return new Float32Array(bits.buffer);
}

function halvesFromSingles(singles: Float32Array): Uint16Array {
  const bits = new Uint32Array(singles.buffer, singles.byteOffset, singles.length);
  return Uint16Array.from(bits, (each, at) => {
    const isNan = (each & 0x7f800000) === 0x7f800000 && (each & 0x7fffff) !== 0;
    return isNan
      ? ((each >>> 16) & 0x8000) | 0x7c00 | ((each >>> 13) & 0x3ff || 0x200)
      : halfOf(singles[at] as number);
  });
}

function singleOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  let fraction = half & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  let shifts = 0;
  for (; fraction < 0x400; shifts++) fraction <<= 1;
  return sign | ((113 - shifts) << 23) | ((fraction & 0x3ff) << 13);
}

function halfOf(value: number): number {
  const sign = Object.is(Math.sign(value), -0) || value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.min(15, size === 0 ? -14 : Math.floor(Math.log2(size))));
  const fraction = roundToEven((size / 2 ** exponent) * 1024);
  // A subnormal has no leading one; one that rounds up carries into the exponent by itself.
  return sign | (fraction < 1024 ? fraction : ((exponent + 15) << 10) + (fraction - 1024));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
