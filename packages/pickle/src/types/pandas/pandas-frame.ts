// The series and frames of pandas. A frame is written as a manager of blocks. Each block holds the columns of one dtype
// as a numpy array, with the places of these columns: `BlockManager((_unpickle_block(values, places, 2), …), [columns,
// index])`. A series is a manager of one block, whose state repeats axes and block under "0.14.1", as that of old
// frames does.

import { PyObject } from "../../values/py-object.ts";
import { type Inspect, inspectHook, jsonForm, printable } from "../../values/shown.ts";
import { PySlice } from "../numbers.ts";
import { PyNdArray } from "../numpy/numpy-array.ts";
import { makingOf, PyPandasArray } from "./pandas-arrays.ts";
import { cellText, type ElementSource, PyColumn } from "./pandas-column.ts";
import { isPlainRange, labelText, PyIndex, sourceOf } from "./pandas-index.ts";
import { viewReader } from "./pandas-origin.ts";

const SHOWN_ROWS_MAX = 10;
const SHOWN_COLUMNS_MAX = 12;
const CELL_MAX_LENGTH = 48;

/** A pandas `Series`: elements with an index. Read only, and written back as it came. */
export class PySeries extends PyColumn {
  /** The labels of the elements. */
  readonly index: PyIndex;

  /** Made by reading. */
  constructor(source: ElementSource, index: PyIndex, name: unknown) {
    super(source, name);
    this.index = index;
  }

  protected override get shownClass(): string {
    return "PySeries";
  }

  /** As pandas' `to_json(orient="split")`: `{ name, index, data }`. */
  override toJSON(): unknown {
    return { name: jsonForm(this.name), index: this.index.toJSON(), data: super.toJSON() };
  }

  protected override shownElements(inspect: Inspect | undefined): string {
    if (isPlainRange(this.index)) return super.shownElements(inspect);
    const shown = (at: number): string =>
      `${labelText(this.index, at, inspect)}: ${cellText(this.at(at), inspect)}`;
    return `{ ${this.shownList(shown)} }`;
  }
}

/** Some columns of a frame, of one dtype. */
interface Block {
  /** How many columns. */
  readonly count: number;
  /** Their places in the frame. */
  readonly places: PySlice | PyNdArray;
  /** A PyObject where it is an array of a class that is not known here, which holds one column. */
  readonly values: PyNdArray | PyPandasArray | PyObject;
  /** How many rows. */
  readonly length: number;
}

/**
 * A pandas `DataFrame`: columns with names and dtypes, and an index. Read only, and written back as it came.
 *
 * @example
 * const frame = await dict.get("prices") as PyDataFrame;
 * for (const name of frame.columns) console.log(name, frame.column(name)?.dtype);
 * frame.column("close")?.at(0);
 */
export class PyDataFrame {
  /** The names of the columns. */
  readonly columns: PyIndex;
  /** The labels of the rows. */
  readonly index: PyIndex;
  readonly #blocks: readonly Block[];
  /** By the place of a column: its block, and its row in that. */
  #found: Map<number, readonly [block: Block, row: number]> | undefined;

  /** Made by reading. */
  constructor(columns: PyIndex, index: PyIndex, blocks: readonly Block[]) {
    this.columns = columns;
    this.index = index;
    this.#blocks = blocks;
  }

  /** How many rows and columns there are. */
  get shape(): readonly [rows: number, columns: number] {
    return [this.index.length, this.columns.length];
  }

  /** The dtypes of the columns, in their order. */
  get dtypes(): string[] {
    return Array.from({ length: this.columns.length }, (_, place) => this.columnAt(place)?.dtype ?? "object");
  }

  /** The first column of this name; `undefined` if there is none. The names of several levels are arrays. */
  column(name: unknown): PyColumn | undefined {
    const wanted = Array.isArray(name) ? JSON.stringify(jsonForm(name)) : name;
    for (let place = 0; place < this.columns.length; place++) {
      const found = this.columns.at(place);
      if (found === wanted || (Array.isArray(found) && JSON.stringify(jsonForm(found)) === wanted))
        return this.columnAt(place);
    }
    return undefined;
  }

  /**
   * The column at a place from 0 on; `undefined` outside. One of an array that is not known here, such as a sparse one, has
   * the name of its class as dtype, and `undefined` for elements.
   */
  columnAt(place: number): PyColumn | undefined {
    const [block, row] = this.#find(place) ?? [];
    if (block === undefined || row === undefined) return undefined;
    return new PyColumn(columnOf(block, row), this.columns.at(place));
  }

  #find(place: number): readonly [Block, number] | undefined {
    if (this.#found === undefined) {
      this.#found = new Map();
      for (const block of this.#blocks) {
        for (let row = 0; row < block.count; row++) this.#found.set(placeOf(block.places, row), [block, row]);
      }
    }
    return this.#found.get(place);
  }

  /** The elements of a row by the names of their columns; of equal names, the last. */
  row(at: number): Record<string, unknown> {
    return Object.fromEntries(
      this.#columnList().map((column) => [cellText(column.name), column.at(at)] as const),
    );
  }

  #columnList(): PyColumn[] {
    const places = Array.from({ length: this.columns.length }, (_, place) => this.columnAt(place));
    return places.filter((column) => column !== undefined);
  }

  /** As pandas' `to_json(orient="split")`: `{ columns, index, data }`, where `data` is a list of rows. */
  toJSON(): unknown {
    const columns = this.#columnList();
    // An index may be of any length without taking room.
    const rows = this.#blocks.some(({ values }) => !(values instanceof PyObject)) ? this.index.length : 0;
    const data = Array.from({ length: rows }, (_, at) => columns.map((column) => jsonForm(column.at(at))));
    return { columns: this.columns.toJSON(), index: this.index.toJSON(), data };
  }

  toString(): string {
    return `${this.index.length} rows of ${this.columns.length} columns`;
  }

  [inspectHook](_depth?: number, _options?: object, inspect?: Inspect): string {
    const [rows, columns] = this.shape;
    const head = `PyDataFrame(${rows}, ${columns})`;
    if (rows === 0 && columns === 0) return head;
    const shown = Math.min(rows, SHOWN_ROWS_MAX);
    const labels = Array.from({ length: shown }, (_, at) => labelText(this.index, at, inspect));
    const table = [["", "", ...labels]];
    for (let place = 0; place < Math.min(columns, SHOWN_COLUMNS_MAX); place++) {
      const column = this.columnAt(place);
      const cells = Array.from({ length: shown }, (_, at) => cellText(column?.at(at), inspect));
      table.push([labelText(this.columns, place, inspect), printable(column?.dtype ?? "?"), ...cells]);
    }
    if (columns > SHOWN_COLUMNS_MAX) table.push([`… ${columns - SHOWN_COLUMNS_MAX} more`]);
    const lines = tableLines(table, shown + 2);
    if (rows > shown) lines.push(`… ${rows - shown} more rows`);
    return [head, ...lines].join("\n  ");
  }
}

/** Columns of cells as lines, each column as wide as its widest cell. */
function tableLines(columns: readonly (readonly string[])[], count: number): string[] {
  const cut = columns.map((cells) => cells.map(clipped));
  const widths = cut.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  return Array.from({ length: count }, (_, line) =>
    cut
      .map((cells, at) => (cells[line] ?? "").padEnd(widths[at] as number))
      .join("  ")
      .trimEnd(),
  );
}

function clipped(cell: string): string {
  return cell.length <= CELL_MAX_LENGTH ? cell : `${cell.slice(0, CELL_MAX_LENGTH - 1)}…`;
}

function columnOf({ values, length: rows }: Block, row: number): ElementSource {
  if (values instanceof PyObject)
    return { dtype: values.name ?? "unknown", length: rows, at: () => undefined };
  if (values instanceof PyPandasArray) return PyPandasArray.rowOf(values, row);
  const { dtype, shape, order } = values;
  const making = makingOf(dtype);
  const [count = 1, length = 0] = shape;
  return {
    dtype,
    length,
    at: (index) =>
      making === undefined
        ? values.at(row, index)
        : making(values, order === "C" ? row * length + index : index * count + row),
  };
}

function placeOf(places: PySlice | PyNdArray, row: number): number {
  if (places instanceof PyNdArray) return Number(places.data[row]);
  return (places.start as number) + row * ((places.step as number | null) ?? 1);
}

/** `_unpickle_block(values, places, dimensions)`, or `{"values": …, "mgr_locs": …}`. */
function blockOf(values: unknown, places: unknown, length: number): Block | undefined {
  const isPlaces =
    (places instanceof PyNdArray && places.shape.length === 1 && /^int(32|64)$/.test(places.dtype)) ||
    (places instanceof PySlice &&
      Number.isSafeInteger(places.start) &&
      (places.step === null || Number.isSafeInteger(places.step)));
  if (!isPlaces) return undefined;
  if (values instanceof PyPandasArray && values.length === length)
    return { count: PyPandasArray.rowsOf(values), places, values, length };
  if (values instanceof PyObject) return { count: 1, places, values, length };
  if (!(values instanceof PyNdArray) || values.shape.length !== 2 || values.shape[1] !== length)
    return undefined;
  return { count: values.shape[0] as number, places, values, length };
}

/** What a manager says: its axes, and its blocks if all of them are known here. */
interface Manager {
  readonly axes: readonly unknown[];
  /** The values of the first block, which is all that a series has. */
  readonly values: unknown;
  readonly blocks: readonly Block[] | undefined;
  /** How many columns these have. */
  readonly count: number;
}

// A manager is stated once and may be referred to by many frames.
const managers = new WeakMap<PyObject, Manager | undefined>();

function managerOf(state: unknown): Manager | undefined {
  if (typeof state !== "object" || state === null) return undefined;
  const { _mgr: newer, _data: older } = state as Record<string, unknown>;
  const manager = newer ?? older;
  if (!(manager instanceof PyObject)) return undefined;
  if (!managers.has(manager)) managers.set(manager, readManager(manager));
  return managers.get(manager);
}

function readManager({ args, state }: PyObject): Manager | undefined {
  const [written, axes] = args;
  if (Array.isArray(written) && Array.isArray(axes))
    return makeManager(axes, written, (block) => (block instanceof PyObject ? block.args : []));
  const old = attribute(Array.isArray(state) ? (state as unknown[])[3] : undefined, "0.14.1");
  const [oldAxes, blocks] = [attribute(old, "axes"), attribute(old, "blocks")];
  if (!Array.isArray(oldAxes) || !Array.isArray(blocks)) return undefined;
  return makeManager(oldAxes, blocks, (block) => [attribute(block, "values"), attribute(block, "mgr_locs")]);
}

function attribute(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? (of as Record<string, unknown>)[name] : undefined;
}

function makeManager(
  axes: readonly unknown[],
  written: readonly unknown[],
  partsOf: (block: unknown) => readonly unknown[],
): Manager {
  const index = axes[axes.length - 1];
  const blocks: Block[] = [];
  for (const each of written) {
    const [values, places] = partsOf(each);
    const block = index instanceof PyIndex ? blockOf(values, places, index.length) : undefined;
    if (block === undefined) break;
    blocks.push(block);
  }
  const [values] = written.length === 0 ? [] : partsOf(written[0]);
  const count = blocks.reduce((sum, block) => sum + block.count, 0);
  return { axes, values, count, blocks: blocks.length === written.length ? blocks : undefined };
}

/** Frames of more columns stay as they are. */
const COLUMNS_MAX = 1_000_000;

function readFrame({ state }: PyObject): PyDataFrame | undefined {
  const { axes = [], blocks, count } = managerOf(state) ?? {};
  const [columns, index] = axes;
  if (blocks === undefined || !(columns instanceof PyIndex) || !(index instanceof PyIndex)) return undefined;
  // Columns without a row take no room: a few bytes could be any number of them.
  if (columns.length !== count || count > COLUMNS_MAX) return undefined;
  return new PyDataFrame(columns, index, blocks);
}

function readSeries({ state }: PyObject): PySeries | undefined {
  const manager = managerOf(state);
  const [index] = manager?.axes ?? [];
  const source = sourceOf(manager?.values);
  if (source === undefined || !(index instanceof PyIndex) || source.length !== index.length) return undefined;
  return new PySeries(source, index, attribute(state, "_name") ?? attribute(state, "name") ?? null);
}

/** The readers of series and frames by the names of their classes. */
export const frameReaders: Readonly<Record<string, (object: PyObject) => object>> = {
  "pandas.core.frame.DataFrame": viewReader(readFrame),
  "pandas.DataFrame": viewReader(readFrame),
  "pandas.core.series.Series": viewReader(readSeries),
  "pandas.Series": viewReader(readSeries),
};
