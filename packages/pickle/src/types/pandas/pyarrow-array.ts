// Arrays of pyarrow, in which pandas 3 keeps texts: `_restore_array((type, length, missing, offset, buffers, children,
// dictionary))`, in Arrow's columnar format. The first buffer has a bit for each element that is not missing. For
// numbers, the next one holds the numbers. For texts, two follow: where each text begins, and the texts in UTF-8.

import { PyObject } from "../../values/py-object.ts";
import { isGlobal, pyInteger } from "../type-rule.ts";
import type { ElementSource } from "./pandas-column.ts";

// What is no UTF-8 is shown as the platform shows it; it is written back as it came.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Numbers by Arrow's name: bytes of one, and how it is read. */
const numbers: Readonly<Record<string, readonly [bytes: number, read: keyof DataView]>> = {
  int8: [1, "getInt8"],
  int16: [2, "getInt16"],
  int32: [4, "getInt32"],
  int64: [8, "getBigInt64"],
  uint8: [1, "getUint8"],
  uint16: [2, "getUint16"],
  uint32: [4, "getUint32"],
  uint64: [8, "getBigUint64"],
  float: [4, "getFloat32"],
  double: [8, "getFloat64"],
};

/** The elements of an array of texts, numbers or booleans; `undefined` for others and for what does not fit. */
export function readArrowArray(object: unknown): ElementSource | undefined {
  if (!(object instanceof PyObject)) return undefined;
  if (isGlobal(object.callable, "pyarrow.lib.chunked_array")) return readChunks(object.args[0]);
  if (!isGlobal(object.callable, "pyarrow.lib._restore_array")) return undefined;
  const [parts] = object.args;
  if (!Array.isArray(parts)) return undefined;
  const [type, length, , offset, stated, ...more] = parts as unknown[];
  if (!isLength(length) || !isLength(offset) || !Array.isArray(stated)) return undefined;
  if (more.length > 3 || !(type instanceof PyObject)) return undefined;
  const [dtype] = type.args;
  if (!isGlobal(type.callable, "pyarrow.lib.type_for_alias") || typeof dtype !== "string") return undefined;
  if (stated.length > 3) return undefined;
  const [valid, first, second] = (stated as unknown[]).map(bytesOfBuffer);
  if (first === undefined || valid === undefined) return undefined;
  const end = offset + length;
  if (valid !== null && valid.byteLength * 8 < end) return undefined;
  const read = elementReader(dtype, end, first, second);
  if (read === undefined) return undefined;
  const isThere = (place: number): boolean => valid === null || bitAt(valid, place);
  return { dtype, length, at: (index) => (isThere(index + offset) ? read(index + offset) : null) };
}

function readChunks(stated: unknown): ElementSource | undefined {
  // pandas writes one.
  return Array.isArray(stated) && stated.length === 1 ? readArrowArray(stated[0]) : undefined;
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The bytes of `py_buffer(bytes)`; `null` for none. */
function bytesOfBuffer(buffer: unknown): DataView | null | undefined {
  if (buffer === null) return null;
  if (!(buffer instanceof PyObject) || !isGlobal(buffer.callable, "pyarrow.lib.py_buffer")) return undefined;
  const [bytes] = buffer.args;
  if (bytes instanceof ArrayBuffer) return new DataView(bytes);
  return bytes instanceof Uint8Array
    ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : undefined;
}

function bitAt(bits: DataView, place: number): boolean {
  return ((bits.getUint8(place >> 3) >> (place & 7)) & 1) === 1;
}

function elementReader(
  dtype: string,
  end: number,
  first: DataView | null,
  second: DataView | null | undefined,
): ((place: number) => unknown) | undefined {
  if (first === null) return undefined;
  if (dtype === "bool") return first.byteLength * 8 < end ? undefined : (place) => bitAt(first, place);
  const number = numbers[dtype];
  if (number !== undefined) {
    const [bytes, read] = number;
    if (first.byteLength < end * bytes) return undefined;
    return (place) => {
      const value = (first[read] as (at: number, little: boolean) => number | bigint)(place * bytes, true);
      return typeof value === "bigint" ? pyInteger(value) : value;
    };
  }
  const width =
    dtype === "large_string" || dtype === "large_utf8" ? 8 : dtype === "string" || dtype === "utf8" ? 4 : 0;
  if (width === 0 || first.byteLength < (end + 1) * width) return undefined;
  const startOf = (place: number): number =>
    width === 8 ? Number(first.getBigInt64(place * 8, true)) : first.getInt32(place * 4, true);
  return (place) => {
    const [from, to] = [startOf(place), startOf(place + 1)];
    if (from === to) return "";
    if (!second || from < 0 || from > to || to > second.byteLength) return null;
    return utf8.decode(new Uint8Array(second.buffer, second.byteOffset + from, to - from));
  };
}
