// Typed arrays and Python's array.array, which CPython writes as `_array_reconstructor(array, typecode, format,
// bytes)`, where the format number tells size, kind and byte order; protocols 0 to 2 write `array(typecode, [items])`.

import { builtInKind } from "../values/other-realm.ts";
import { PyGlobal } from "../values/py-object.ts";
import { isLittleEndian } from "../wire/byte-order.ts";
import { isGlobal, pyCall, type TypeRule } from "./type-rule.ts";

const arrayClass = new PyGlobal("array", "array");
const reconstructor = new PyGlobal("array", "_array_reconstructor");

/** A typed array, whatever its elements. */
export type AnyTypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

type TypedArrayClass = {
  new (buffer: ArrayBuffer): AnyTypedArray;
  readonly prototype: object;
  readonly BYTES_PER_ELEMENT: number;
};

interface Layout {
  readonly class: TypedArrayClass;
  /** The type code that a new array gets. */
  readonly code: string;
  /** Python's number for this layout, least byte first; the next number is the other byte order. */
  readonly format: number;
}

const layouts: readonly Layout[] = [
  { class: Uint8ClampedArray, code: "B", format: 0 },
  { class: Int8Array, code: "b", format: 1 },
  { class: Uint16Array, code: "H", format: 2 },
  { class: Int16Array, code: "h", format: 4 },
  { class: Uint32Array, code: "I", format: 6 },
  { class: Int32Array, code: "i", format: 8 },
  { class: BigUint64Array, code: "Q", format: 10 },
  { class: BigInt64Array, code: "q", format: 12 },
  { class: Float32Array, code: "f", format: 14 },
  { class: Float64Array, code: "d", format: 16 },
];

/** Codes of arrays that Python made with another code than a new one would get, such as `l`. */
const codes = new WeakMap<object, string>();

/** The bytes of a typed array, least byte of each element first. */
export function littleEndianBytes(array: AnyTypedArray): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return isLittleEndian ? bytes : swapped(bytes, array.BYTES_PER_ELEMENT);
}

/** The typed array for bytes that hold the least byte of each element first (or last). */
export function arrayFromBytes(type: TypedArrayClass, bytes: Uint8Array, littleEndian = true): AnyTypedArray {
  const size = type.BYTES_PER_ELEMENT;
  const own = littleEndian === isLittleEndian ? bytes.slice() : swapped(bytes, size);
  return new type(own.buffer as ArrayBuffer);
}

/** Bytes with those of each element the other way round. */
export function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const result = bytes.slice();
  for (let from = 0; from < result.length; from += size) result.subarray(from, from + size).reverse();
  return result;
}

function layoutOf(array: object): Layout | undefined {
  // By what it is, as it may be of another realm.
  const kind = builtInKind(array);
  return layouts.find((layout) => layout.class.name === kind);
}

function readArray([type, code, format, bytes, ...more]: readonly unknown[]): AnyTypedArray | undefined {
  if (
    !isGlobal(type, "array.array") ||
    typeof code !== "string" ||
    typeof format !== "number" ||
    more.length > 0
  )
    return undefined;
  const layout = layouts.find(
    (each) => each.format === format || (each.format > 1 && each.format + 1 === format),
  );
  if (
    layout === undefined ||
    !(bytes instanceof Uint8Array) ||
    bytes.length % layout.class.BYTES_PER_ELEMENT !== 0
  )
    return undefined;
  return remembered(arrayFromBytes(layout.class, bytes, layout.format === format), code, layout);
}

function readList([code, items, ...more]: readonly unknown[]): AnyTypedArray | undefined {
  if (typeof code !== "string" || !Array.isArray(items) || more.length > 0) return undefined;
  // The sizes that these codes have wherever pickles of old protocols are still made: Unix on 64 bits.
  const layout = layouts.find((each) => each.code === { l: "q", L: "Q" }[code] || each.code === code);
  if (layout === undefined) return undefined;
  const big = layout.code === "q" || layout.code === "Q";
  const isNumber = (item: unknown): boolean => typeof item === "number" || (big && typeof item === "bigint");
  if (!items.every(isNumber)) return undefined;
  const from = (layout.class as unknown as { from(items: unknown[]): AnyTypedArray }).from;
  const numbers = big ? items.map((item) => BigInt(item as number | bigint)) : items;
  return remembered(from.call(layout.class, numbers), code, layout);
}

function remembered(array: AnyTypedArray, code: string, layout: Layout): AnyTypedArray {
  if (code !== layout.code) codes.set(array, code);
  return array;
}

/** Typed arrays and array.array. */
export const arrayRule: TypeRule = {
  typescript: "other typed arrays",
  python: "`array.array`",
  note: "by type code: `Int8Array` b, `Uint8ClampedArray` B, `Int16Array` h, `Uint16Array` H, `Int32Array` i, `Uint32Array` I, `BigInt64Array` q, `BigUint64Array` Q, `Float32Array` f, `Float64Array` d; arrays of `l` and `L` keep their code, arrays of text stay `PyObject`",
  classes: layouts.map((layout) => layout.class),
  unhashable: true,
  reduce: (array: AnyTypedArray) => {
    const { code, format } = layoutOf(array) as Layout;
    return pyCall(reconstructor, arrayClass, codes.get(array) ?? code, format, littleEndianBytes(array));
  },
  calls: { "array._array_reconstructor": readArray, "array.array": readList },
};
