// A single element of a numpy array, which knows its dtype.

import { type Inspect, inspectHook, jsonForm, printable, shownText } from "../../values/shown.ts";
import type { AnyTypedArray } from "../array.ts";
import { PyComplex } from "../numbers.ts";
import { momentMs, momentText, NAT } from "../time/date-text.ts";
import type { NumpyType } from "./numpy-array.ts";
import { numpyDtype, type PyNumpyDtype } from "./numpy-dtype.ts";
import {
  bytesFromData,
  dataClass,
  dataFromBytes,
  elementOf,
  type NumpyData,
  placesOf,
} from "./numpy-elements.ts";

/** A numpy scalar. */
export class PyNumpyScalar {
  /**
   * The value: a bigint for `int64` and `uint64` and, as a count of their unit, for `datetime64` and `timedelta64`; a
   * string, a `PyComplex`, or the bytes of what has no counterpart.
   */
  readonly value: unknown;
  /** What it is, as Python's `str(scalar.dtype)` has it. */
  readonly dtype: NumpyType | (string & {});
  readonly #type: PyNumpyDtype;
  /** What it was read from. */
  readonly #bytes: Uint8Array | undefined;

  /** @throws {TypeError} if there is no such dtype */
  constructor(value: unknown, dtype: NumpyType | (string & {}) | PyNumpyDtype) {
    this.#type = typeof dtype === "string" ? numpyDtype(dtype) : dtype;
    this.#bytes = value instanceof ScalarBytes ? value.bytes : undefined;
    this.value = this.#bytes === undefined ? value : valueOfBytes(this.#type, this.#bytes);
    this.dtype = this.#type.name;
  }

  /** The moment that a `datetime64` is, to the millisecond; `undefined` for NaT and what a Date cannot hold. */
  toDate(): Date | undefined {
    const { kind, unit, unitStep } = this.#type;
    const ms = kind === "M" ? momentMs((this.value as bigint) * BigInt(unitStep), unit) : undefined;
    return ms === undefined ? undefined : new Date(ms);
  }

  valueOf(): unknown {
    return this.value;
  }

  /** The value as text; of `datetime64` in ISO 8601, of `timedelta64` with its unit. */
  toString(): string {
    const { kind, unit, unitStep } = this.#type;
    if (kind === "M") {
      const count = this.value as bigint;
      return count === NAT ? "NaT" : (momentText(count * BigInt(unitStep), unit) as string);
    }
    if (kind === "m")
      return this.value === NAT ? "NaT" : `${(this.value as bigint) * BigInt(unitStep)} ${unit}`;
    return this.value instanceof Uint8Array ? shownText(this.#element()) : String(this.value);
  }

  #element(): unknown {
    const { kind, fields } = this.#type;
    const bytes = this.value;
    return kind === "V" && fields.size > 0 ? elementOf(this.#type, bytes as Uint8Array, 0) : bytes;
  }

  /** As its array has it: dates are text, spans counts, NaT is `null`, what is not exact as a number is its digits. */
  toJSON(): unknown {
    const { kind } = this.#type;
    if (kind !== "M" && kind !== "m") return jsonForm(this.#element());
    return this.value === NAT ? null : kind === "M" ? this.toString() : jsonForm(this.value);
  }

  [inspectHook](_depth?: number, _options?: object, inspect?: Inspect): string {
    const { kind } = this.#type;
    const isText = kind === "M" || kind === "m" || kind === "c";
    return `PyNumpyScalar ${printable(this.dtype)} ${isText ? this.toString() : shownText(this.#element(), inspect)}`;
  }

  /** What numpy is given: the dtype and the bytes. */
  static contentOf(from: PyNumpyScalar): { dtype: PyNumpyDtype; content: Uint8Array } {
    const dtype = from.#type;
    return { dtype, content: from.#bytes ?? bytesOfValue(dtype, from.value) };
  }
}

/** The bytes of a scalar that is read. */
export class ScalarBytes {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

function valueOfBytes(dtype: PyNumpyDtype, bytes: Uint8Array): unknown {
  const data = dataFromBytes(dtype, bytes);
  const { kind } = dtype;
  if (kind === "b" || (kind === "c" && placesOf(dtype) === 2)) return elementOf(dtype, data, 0);
  return placesOf(dtype) === 1 && kind !== "V" ? data[0] : data;
}

function bytesOfValue(dtype: PyNumpyDtype, value: unknown): Uint8Array {
  const data = dataOfValue(dtype, value);
  if (data.length !== placesOf(dtype)) throw new TypeError(`the value does not fit ${dtype}`);
  return bytesFromData(dtype, data);
}

function dataOfValue(dtype: PyNumpyDtype, value: unknown): NumpyData {
  const type = dataClass(dtype) as unknown as { of(...elements: unknown[]): AnyTypedArray };
  if (value instanceof PyComplex) return type.of(value.re, value.im);
  if (dtype.kind === "S" || (dataClass(dtype) as unknown) === Array) return [value];
  if (value instanceof Uint8Array) return value;
  const isBig =
    (dataClass(dtype) as unknown) === BigInt64Array || (dataClass(dtype) as unknown) === BigUint64Array;
  return type.of(isBig ? BigInt(value as number) : Number(value));
}
