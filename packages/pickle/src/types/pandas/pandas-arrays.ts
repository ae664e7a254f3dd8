// The extension arrays of pandas: moments with a zone, categories, texts, and numbers that may be missing. Most are a
// numpy array and a dtype that says what its elements stand for. Integers with gaps are data and a mask. An array of
// pyarrow is its buffers (see pyarrow-array.ts).

import { PyGlobal, PyObject } from "../../values/py-object.ts";
import { PyNdArray } from "../numpy/numpy-array.ts";
import { PyNumpyDtype } from "../numpy/numpy-dtype.ts";
import { zoneFacts } from "../time/zone-offset.ts";
import { type ElementSource, PyColumn } from "./pandas-column.ts";
import { viewReader } from "./pandas-origin.ts";
import { frequencyOf, momentOf, PyPeriod, pyNA, pyNaT, spanOf } from "./pandas-scalars.ts";
import { readArrowArray } from "./pyarrow-array.ts";

/** The columns of a frame's block, of one length; an array on its own is a block of one. */
interface ElementRows {
  readonly count: number;
  row(at: number): ElementSource;
}

/** An array of pandas' own, such as a `Categorical`. Read only, and written back as it came. */
export class PyPandasArray extends PyColumn {
  readonly #rows: ElementRows;

  /** Made by reading. */
  constructor(rows: ElementRows) {
    super(rows.row(0));
    this.#rows = rows;
  }

  protected override get shownClass(): string {
    return "PyPandasArray";
  }

  /** The elements of one column of a frame's block. */
  static rowOf(array: PyPandasArray, row: number): ElementSource {
    return array.#rows.row(row);
  }

  /** How many columns of a frame it holds. */
  static rowsOf(array: PyPandasArray): number {
    return array.#rows.count;
  }
}

/** How an element is made of a place in a numpy array. */
type Making = (array: PyNdArray, place: number) => unknown;

/** The rows of a numpy array of one or two dimensions, their elements made by `making`. */
function rowsOfNdArray(array: PyNdArray, dtype: string, making?: Making): ElementRows | undefined {
  const { shape, order } = array;
  if (shape.length === 0 || shape.length > 2) return undefined;
  const [count, length] = shape.length === 1 ? [1, shape[0] as number] : (shape as [number, number]);
  if (count === 0) return undefined;
  const row = (at: number): ElementSource => ({
    dtype,
    length,
    at: (index) => {
      if (making === undefined) return shape.length === 1 ? array.at(index) : array.at(at, index);
      return making(array, order === "C" ? at * length + index : index * count + at);
    },
  });
  return { count, row };
}

/** Elements of a numpy array as pandas gives them: dates are moments, spans are spans. */
export function makingOf(dtype: string, zone?: unknown): Making | undefined {
  const matched = /^(datetime|timedelta)64\[(s|ms|us|ns)\]$/.exec(dtype);
  if (matched === null) return undefined;
  const [, kind, unit] = matched as unknown as [string, string, string];
  const counts = (array: PyNdArray, place: number): bigint => (array.data as BigInt64Array)[place] as bigint;
  return kind === "datetime"
    ? (array, place) => momentOf(counts(array, place), unit, zone)
    : (array, place) => spanOf(counts(array, place), unit);
}

/** The rows of an array of numpy as pandas has its elements. */
export function datedRows(array: PyNdArray, zone?: unknown): ElementRows | undefined {
  return rowsOfNdArray(array, zonedName(array.dtype, zone), makingOf(array.dtype, zone));
}

/** `__pyx_unpickle_NDArrayBacked(class, checksum, None)` with the state (dtype, array, attributes). */
function readBacked({ args, state }: PyObject): ElementRows | undefined {
  const [type] = args;
  if (!(type instanceof PyGlobal) || !Array.isArray(state)) return undefined;
  const array = (state as unknown[]).find((each) => each instanceof PyNdArray);
  const dtype = (state as unknown[]).find((each) => each instanceof PyNumpyDtype || each instanceof PyObject);
  if (array === undefined) return undefined;
  switch (type.name) {
    case "DatetimeArray":
      return datedRows(array, attributeOf(dtype, "tz"));
    case "TimedeltaArray":
      return datedRows(array);
    case "Categorical":
      return categories(array, dtype);
    case "PeriodArray":
      return periods(array, dtype);
    case "StringArray":
    case "StringArrayNumpySemantics":
    case "ArrowStringArrayNumpySemantics":
      return rowsOfNdArray(array, "string");
    case "PandasArray":
    case "NumpyExtensionArray":
      return rowsOfNdArray(array, array.dtype);
    default:
      return undefined;
  }
}

function attributeOf(object: unknown, name: string): unknown {
  const state = object instanceof PyObject ? object.state : undefined;
  return typeof state === "object" && state !== null ? (state as Record<string, unknown>)[name] : undefined;
}

/** The dtype of moments with their zone, as pandas has it: `datetime64[ns, Europe/Berlin]`. */
function zonedName(dtype: string, zone: unknown): string {
  if (zone === undefined || zone === null || !dtype.startsWith("datetime64[")) return dtype;
  const { id, offsetUs } = zoneFacts(zone);
  const name = id ?? (offsetUs === 0 ? "UTC" : `UTC${String(zone)}`);
  return `${dtype.slice(0, -1)}, ${name}]`;
}

function categories(codes: PyNdArray, dtype: unknown): ElementRows | undefined {
  const names = attributeOf(dtype, "categories");
  if (!(names instanceof PyColumn) || !/^int(8|16|32|64)$/.test(codes.dtype)) return undefined;
  return rowsOfNdArray(codes, "category", ({ data }, place) => names.at(Number(data[place])) ?? null);
}

function periods(ordinals: PyNdArray, dtype: unknown): ElementRows | undefined {
  const [stated] = dtype instanceof PyObject ? dtype.args : [];
  const name = typeof stated === "string" ? /^period\[(.{1,40})\]$/.exec(stated)?.[1] : frequencyOf(stated);
  if (name === undefined || ordinals.dtype !== "int64") return undefined;
  return rowsOfNdArray(ordinals, `period[${name}]`, ({ data }, place) => {
    const ordinal = Number(data[place]);
    return Number.isSafeInteger(ordinal) ? new PyPeriod(ordinal, name) : pyNaT;
  });
}

/** Integers, floats and booleans that may be missing: `{_data, _mask}`. */
function readMasked(object: PyObject): ElementRows | undefined {
  const [data, mask] = [attributeOf(object, "_data"), attributeOf(object, "_mask")];
  if (!(data instanceof PyNdArray) || !(mask instanceof PyNdArray) || mask.dtype !== "bool") return undefined;
  if (data.shape.length !== 1 || mask.shape.length !== 1 || data.size !== mask.size) return undefined;
  const dtype = data.dtype.replace(/^u?[if]/, (letters) => (letters === "ui" ? "UI" : letters.toUpperCase()));
  return rowsOfNdArray(data, dtype === "bool" ? "boolean" : dtype, (array, place) =>
    mask.data[place] === 0 ? array.at(place) : pyNA,
  );
}

type Reader = (object: PyObject) => ElementRows | undefined;

function viewOf(read: Reader): (object: PyObject) => object {
  return viewReader((object) => {
    const rows = read(object);
    return rows && new PyPandasArray(rows);
  });
}

const readArrow: Reader = (object) => {
  const source = readArrowArray(attributeOf(object, "_pa_array") ?? attributeOf(object, "_data"));
  if (source === undefined) return undefined;
  const { length } = source;
  const isText = object.name?.startsWith("ArrowString") === true;
  const shown = isText ? { dtype: "string", length, at: (index: number) => source.at(index) } : source;
  return { count: 1, row: () => shown };
};

/** Where arrays are, by the name of the class: in pandas up to 2, and from 3 on in one module. */
const modules: readonly (readonly [name: string, module: string, read: Reader])[] = [
  ["IntegerArray", "integer", readMasked],
  ["FloatingArray", "floating", readMasked],
  ["BooleanArray", "boolean", readMasked],
  ["ArrowStringArray", "string_arrow", readArrow],
  ["ArrowStringArrayNumpySemantics", "string_arrow", readArrow],
  ["ArrowExtensionArray", "arrow.array", readArrow],
];

/** The readers of arrays by the names of what makes them. */
export const arrayReaders: Readonly<Record<string, (object: PyObject) => object>> = {
  "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked": viewOf(readBacked),
  ...Object.fromEntries(
    modules.flatMap(([name, module, read]) => [
      [`pandas.core.arrays.${module}.${name}`, viewOf(read)],
      [`pandas.arrays.${name}`, viewOf(read)],
    ]),
  ),
};
