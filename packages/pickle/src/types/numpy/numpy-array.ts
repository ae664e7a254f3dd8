// A numpy array as JavaScript has it: elements, shape and dtype.

import { type Inspect, inspectHook, jsonForm, printable, shownText } from "../../values/shown.ts";
import { PyComplex } from "../numbers.ts";
import { isShape, numpyDtype, type PyNumpyDtype } from "./numpy-dtype.ts";
import {
  bytesFromData,
  dataClass,
  dataFromBytes,
  elementOf,
  isMadeLate,
  type NumpyData,
  nested,
  placesOf,
} from "./numpy-elements.ts";

/** The names of dtypes that have a typed array; of others there are `datetime64[ns]`, `<U5`, `>i4` and many more. */
export type NumpyType =
  | "bool"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float16"
  | "float32"
  | "float64"
  | "complex64"
  | "complex128"
  | "object";

const SHOWN_MAX = 60;
const SHOWN_OF_ROW_MAX = 30;

/**
 * A numpy array.
 *
 * `data` holds the elements in the order in which the array lies in memory, and may be changed in place:
 *
 * | dtype | data |
 * | --- | --- |
 * | `bool`, ints, `float32`, `float64` | the typed array of that type; booleans are 0 and 1 |
 * | `float16` | `Float32Array` |
 * | `complex64`, `complex128` | `Float32Array`, `Float64Array`: real and imaginary parts in turn |
 * | `datetime64[…]`, `timedelta64[…]` | `BigInt64Array` of counts of the unit; NaT is -2^63 |
 * | `<U…`, `\|S…` | array of strings, array of `Uint8Array`s |
 * | `object` | array of whatever it holds |
 * | structured, raw (`\|V…`), `longdouble` | `Uint8Array`: the bytes as they are |
 *
 * `toList` and `at` give elements as Python's own would arrive, whatever the order and dtype.
 *
 * @example new PyNdArray(Float32Array.of(1, 2, 3, 4), [2, 2], "float32").toList() // [[1, 2], [3, 4]]
 */
export class PyNdArray {
  /** The elements, in the array's order. */
  readonly data!: NumpyData;
  /** The length of each dimension; empty for an array of no dimension. */
  readonly shape: readonly number[];
  /** What the elements are, as Python's `str(array.dtype)` has it. */
  readonly dtype: NumpyType | (string & {});
  /** Whether the last (`C`) or the first (`F`) index moves fastest. */
  readonly order: "C" | "F";
  readonly #type: PyNumpyDtype;
  /** The bytes of elements that are made once they are asked for. */
  #bytes: Uint8Array | undefined;
  #made: NumpyData | undefined;

  /** @throws {TypeError} if there is no such dtype, or the data does not fit the shape or the type */
  constructor(
    data: NumpyData,
    shape: readonly number[],
    dtype: NumpyType | (string & {}) | PyNumpyDtype,
    order?: "C" | "F",
  );
  constructor(
    data: NumpyData | LateBytes,
    shape: readonly number[],
    dtype: string | PyNumpyDtype,
    order: "C" | "F" = "C",
  ) {
    const type = typeof dtype === "string" ? numpyDtype(dtype) : dtype;
    if (!isShape(shape)) throw new TypeError("a shape is an array of up to 64 lengths");
    const count = countOf(shape);
    if (data instanceof LateBytes) {
      this.#bytes = data.bytes;
      Object.defineProperty(this, "data", { get: () => this.#elements(), enumerable: true });
    } else {
      const wanted = dataClass(type);
      if (!(data instanceof wanted)) throw new TypeError(`the data of ${type} is a ${wanted.name}`);
      const length = data.length / placesOf(type);
      if (length !== count) throw new TypeError(`a shape of ${count} elements does not fit ${length}`);
      this.data = data;
    }
    this.shape = Object.freeze([...shape]);
    this.dtype = type.name;
    this.order = order;
    this.#type = type;
  }

  /**
   * An array from the bytes that numpy's `array.tobytes(order)` gives. They are copied.
   *
   * @throws {TypeError} if there is no such dtype, or the bytes do not fit the shape and the type
   */
  static fromBytes(
    bytes: Uint8Array,
    shape: readonly number[],
    dtype: NumpyType | (string & {}) | PyNumpyDtype,
    order: "C" | "F" = "C",
  ): PyNdArray {
    const type = typeof dtype === "string" ? numpyDtype(dtype) : dtype;
    if (!areBytesOf(bytes, type, shape))
      throw new TypeError(`${bytes.length} bytes do not fit ${type} in a shape of ${shape}`);
    const data = isMadeLate(type) ? new LateBytes(bytes.slice()) : dataFromBytes(type, bytes);
    return new PyNdArray(data as NumpyData, shape, type, order);
  }

  /** How many elements there are. */
  get size(): number {
    return countOf(this.shape);
  }

  /** The names of the fields of a structured array; else empty. */
  get fieldNames(): readonly string[] {
    return [...this.#type.fields.keys()];
  }

  /** A copy of one field of a structured array, as an array; `undefined` if there is none of that name. */
  field(name: string): PyNdArray | undefined {
    const found = this.#type.fields.get(name);
    if (found === undefined) return undefined;
    const { dtype, offset } = found;
    const { itemBytes } = this.#type;
    const bytes = new Uint8Array(this.size * dtype.itemBytes);
    for (let at = 0; at < this.size; at++) {
      const from = at * itemBytes + offset;
      bytes.set((this.data as Uint8Array).subarray(from, from + dtype.itemBytes), at * dtype.itemBytes);
    }
    // An array within each element adds dimensions, which C order has last.
    const isInOrder = this.order === "C" || dtype.base === undefined;
    return isInOrder
      ? PyNdArray.fromBytes(bytes, [...this.shape, ...dtype.shape], dtype.base ?? dtype, this.order)
      : PyNdArray.fromBytes(bytes, this.shape, dtype, this.order);
  }

  /**
   * The element at an index of each dimension, `undefined` outside: integers are numbers where that is exact, dates ISO
   * 8601 text, spans counts of their unit, NaT `null`, complex numbers `PyComplex`, structured elements plain objects.
   */
  at(...indices: number[]): unknown {
    const { shape } = this;
    const isWithin = indices.every(
      (each, axis) => Number.isInteger(each) && each >= 0 && each < (shape[axis] as number),
    );
    return isWithin && indices.length === shape.length ? this.#element(this.#placeOf(indices)) : undefined;
  }

  /** The element at a place of the data, of which others need not be made for it. */
  #element(place: number): unknown {
    const { itemBytes } = this.#type;
    if (this.#bytes === undefined || this.#made !== undefined) return elementOf(this.#type, this.data, place);
    const bytes = this.#bytes.subarray(place * itemBytes, (place + 1) * itemBytes);
    return elementOf(this.#type, dataFromBytes(this.#type, bytes), 0);
  }

  #placeOf(indices: readonly number[]): number {
    const { shape, order } = this;
    let place = 0;
    for (let step = 0; step < shape.length; step++) {
      const axis = order === "C" ? step : shape.length - 1 - step;
      place = place * (shape[axis] as number) + (indices[axis] as number);
    }
    return place;
  }

  /** The elements as lists within lists, as numpy's `tolist` nests them; one element if there is no dimension. */
  toList(): unknown {
    const { shape, size } = this;
    this.#elements();
    return nested(
      shape,
      Array.from({ length: size }, (_, at) => this.#elementInOrder(at)),
    );
  }

  /** What the first dimension consists of: elements or, if there are more dimensions, lists as of `toList`. */
  *[Symbol.iterator](): Iterator<unknown> {
    const { size } = this;
    const [, ...inner] = this.shape;
    const step = size === 0 ? 1 : countOf(inner);
    for (let from = 0; from < size; from += step) {
      const elements = Array.from({ length: step }, (_, at) => this.#elementInOrder(from + at));
      yield nested(inner, elements);
    }
  }

  /** The element at a place when the last index moves fastest. */
  #elementInOrder(at: number): unknown {
    const { shape, order } = this;
    if (order === "C" || shape.length < 2) return this.#element(at);
    const indices: number[] = [];
    let rest = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const length = shape[axis] as number;
      indices[axis] = rest % length;
      rest = Math.floor(rest / length);
    }
    return this.#element(this.#placeOf(indices));
  }

  /** As `toList`; a bigint is a number or, where that is not exact, its digits. */
  toJSON(): unknown {
    return jsonForm(this.toList());
  }

  toString(): string {
    return `${this.dtype} array of ${this.shape.join("x") || "one element"}`;
  }

  [inspectHook](_depth?: number, _options?: object, inspect?: Inspect): string {
    const { shape, size, dtype } = this;
    const head = `PyNdArray(${shape.join(", ")}) ${printable(dtype)}`;
    const rowMax = shape.length > 1 ? SHOWN_OF_ROW_MAX : SHOWN_MAX;
    const [row = 1] = shape.slice(-1);
    if (size === 0) return `${head} []`;
    if (shape.length === 0) return `${head} ${this.#shown(0, inspect)}`;
    const rows: string[] = [];
    const total = size / row;
    for (let at = 0; at < total && rows.length * Math.min(row, rowMax) < SHOWN_MAX; at++) {
      const shown = Array.from({ length: Math.min(row, rowMax) }, (_, index) =>
        this.#shown(at * row + index, inspect),
      );
      rows.push(`[${shown.join(", ")}${row > rowMax ? `, … ${row - rowMax} more` : ""}]`);
    }
    if (rows.length < total) rows.push(`… ${total - rows.length} more rows`);
    return rows.length === 1 ? `${head} ${rows[0]}` : `${head}\n  ${rows.join("\n  ")}`;
  }

  #shown(at: number, inspect: Inspect | undefined): string {
    const element = this.#elementInOrder(at);
    const { kind } = this.#type;
    const isText = kind === "M" || kind === "m" || element instanceof PyComplex;
    return isText ? String(element ?? "NaT") : shownText(element, inspect);
  }

  #elements(): NumpyData {
    if (this.#bytes === undefined) return this.data;
    this.#made ??= dataFromBytes(this.#type, this.#bytes);
    return this.#made;
  }

  /** What numpy is given in place of the elements: bytes, or the list of an array of objects. */
  static contentOf(array: PyNdArray): { dtype: PyNumpyDtype; content: NumpyData } {
    const dtype = array.#type;
    if (dtype.kind === "O") return { dtype, content: array.data };
    const bytes = array.#bytes;
    if (bytes === undefined) return { dtype, content: bytesFromData(dtype, array.data) };
    // What was not changed is written as it came, with what a text cannot show.
    const isSame = array.#made === undefined || isAlike(array.#made, dataFromBytes(dtype, bytes));
    return { dtype, content: isSame ? bytes : bytesFromData(dtype, array.data) };
  }
}

/** Bytes of which the elements are made once they are asked for. */
class LateBytes {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** How many elements an array of this shape has. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Whether bytes hold this number of elements of the dtype. Elements of no bytes are refused: any number would fit. */
export function areBytesOf(
  bytes: Uint8Array,
  dtype: PyNumpyDtype,
  shape: unknown,
): shape is readonly number[] {
  if (!isShape(shape) || dtype.kind === "O") return false;
  const count = countOf(shape);
  return bytes.length === count * dtype.itemBytes && (count === 0 || dtype.itemBytes > 0);
}

function isAlike(left: NumpyData, right: NumpyData): boolean {
  return left.length === right.length && left.every((each, at) => String(each) === String(right[at]));
}
