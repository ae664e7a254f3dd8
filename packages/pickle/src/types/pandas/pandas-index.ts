// The indices of pandas, which are written as `_new_Index(class, {"data": array, "name": name})`. A range is written by
// its bounds, an index of several levels by levels and codes, one of intervals by their ends.

import { PyGlobal, type PyObject } from "../../values/py-object.ts";
import { type Inspect, inspectHook } from "../../values/shown.ts";
import { PyNdArray } from "../numpy/numpy-array.ts";
import { datedRows, PyPandasArray } from "./pandas-arrays.ts";
import { cellText, type ElementSource, PyColumn } from "./pandas-column.ts";
import { withOrigin } from "./pandas-origin.ts";
import { PyInterval } from "./pandas-scalars.ts";

/** A pandas `Index` of any kind. Read only, and written back as it came. */
export class PyIndex extends PyColumn {
  /** The name of its class, such as `Index`, `RangeIndex`, `DatetimeIndex` or `MultiIndex`. */
  readonly className: string;
  /** The names of its levels; of an index with one level, its name. */
  readonly names: readonly unknown[];
  /** Of a RangeIndex: start, stop and step. */
  readonly range: readonly [start: number, stop: number, step: number] | undefined;

  /** Made by reading. */
  constructor(
    className: string,
    source: ElementSource,
    names: readonly unknown[],
    range?: readonly [start: number, stop: number, step: number],
  ) {
    super(source, names.length === 1 ? names[0] : null);
    this.className = className;
    this.names = names;
    this.range = range;
  }

  /** The labels; of a RangeIndex, which takes no room however long it is, `{ start, stop, step }`. */
  override toJSON(): unknown {
    if (this.range === undefined) return super.toJSON();
    const [start, stop, step] = this.range;
    return { start, stop, step };
  }

  override [inspectHook](depth?: number, options?: object, inspect?: Inspect): string {
    if (this.range !== undefined) return `PyIndex RangeIndex(${this.range.join(", ")})`;
    return super[inspectHook](depth, options, inspect);
  }

  protected override get shownClass(): string {
    return `PyIndex ${this.className}`;
  }
}

/** Whether labels are just the numbers from 0 on. */
export function isPlainRange(index: PyIndex): boolean {
  return index.range !== undefined && index.range[0] === 0 && index.range[2] === 1;
}

/** The label of an element as text. */
export function labelText(index: PyIndex, at: number, inspect?: Inspect): string {
  const label = index.at(at);
  return Array.isArray(label)
    ? `(${label.map((each) => cellText(each, inspect)).join(", ")})`
    : cellText(label, inspect);
}

const LEVELS_MAX = 100;

type Attributes = Readonly<Record<string, unknown>>;

function readIndex(object: PyObject): PyIndex | undefined {
  const [type, attributes, ...more] = object.args;
  const isPlain = typeof attributes === "object" && attributes !== null && !Array.isArray(attributes);
  if (!(type instanceof PyGlobal) || !isPlain || more.length > 0 || object.state !== undefined)
    return undefined;
  const stated = attributes as Attributes;
  const name = stated.name ?? null;
  switch (type.name) {
    case "RangeIndex":
      return rangeIndex(stated, name);
    case "MultiIndex":
      return multiIndex(stated);
    case "IntervalIndex":
      return intervalIndex(stated, name);
    default: {
      const source = sourceOf(stated.data, stated.tz);
      return source && new PyIndex(type.name, source, [name]);
    }
  }
}

/** The elements of what an index or a series is made of; the zone of dates is beside them in old versions. */
export function sourceOf(data: unknown, zone?: unknown): ElementSource | undefined {
  if (data instanceof PyPandasArray) return PyPandasArray.rowOf(data, 0);
  if (data instanceof PyIndex) return data;
  if (!(data instanceof PyNdArray) || data.shape.length !== 1) return undefined;
  return datedRows(data, zone)?.row(0);
}

function rangeIndex({ start, stop, step }: Attributes, name: unknown): PyIndex | undefined {
  const areIntegers = [start, stop, step].every(Number.isSafeInteger);
  if (!areIntegers || step === 0) return undefined;
  const range = [start, stop, step] as [number, number, number];
  const length = Math.max(0, Math.ceil((range[1] - range[0]) / range[2]));
  const source = { dtype: "int64", length, at: (index: number) => range[0] + index * range[2] };
  return new PyIndex("RangeIndex", source, [name], range);
}

function multiIndex({ levels, codes, names }: Attributes): PyIndex | undefined {
  if (!Array.isArray(levels) || !Array.isArray(codes) || !Array.isArray(names)) return undefined;
  // They are stated once and may be referred to by many indices.
  if (levels.length > LEVELS_MAX || names.length > LEVELS_MAX) return undefined;
  const [first] = codes as unknown[];
  if (!(first instanceof PyNdArray) || codes.length !== levels.length) return undefined;
  const length = first.size;
  const areCodes = (codes as unknown[]).every(
    (each) => each instanceof PyNdArray && /^int(8|16|32|64)$/.test(each.dtype) && each.size === length,
  );
  if (!areCodes || !(levels as unknown[]).every((level) => level instanceof PyIndex)) return undefined;
  const at = (index: number): unknown[] =>
    (levels as PyIndex[]).map(
      (level, place) => level.at(Number((codes[place] as PyNdArray).data[index])) ?? null,
    );
  return new PyIndex("MultiIndex", { dtype: "object", length, at }, names as unknown[]);
}

function intervalIndex({ left, right, closed }: Attributes, name: unknown): PyIndex | undefined {
  if (!(left instanceof PyIndex) || !(right instanceof PyIndex) || left.length !== right.length)
    return undefined;
  // A range takes no room, so that a few bytes would be any number of intervals.
  if (left.range !== undefined && right.range !== undefined) return undefined;
  const at = (index: number): PyInterval => new PyInterval(left.at(index), right.at(index), closed as never);
  const source = { dtype: `interval[${left.dtype}, ${String(closed)}]`, length: left.length, at };
  return new PyIndex("IntervalIndex", source, [name]);
}

function indexView(object: PyObject): object {
  const index = readIndex(object);
  return index === undefined ? object : withOrigin(index, object);
}

/** The readers of indices by the names of what makes them. */
export const indexReaders: Readonly<Record<string, (object: PyObject) => object>> = {
  "pandas.core.indexes.base._new_Index": indexView,
  "pandas.core.indexes.datetimes._new_DatetimeIndex": indexView,
  "pandas.core.indexes.timedeltas._new_TimedeltaIndex": indexView,
  "pandas.core.indexes.period._new_PeriodIndex": indexView,
  "pandas.core.indexes.interval._new_IntervalIndex": indexView,
};
