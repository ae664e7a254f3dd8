// A row of pandas elements, wherever they come from: what an array, an index, a series and a column of a frame have in
// common.

import { type Inspect, inspectHook, jsonForm, printable, shownText } from "../../values/shown.ts";

/** Where elements come from. They are made when they are asked for. */
export interface ElementSource {
  readonly dtype: string;
  readonly length: number;
  at(index: number): unknown;
}

const SHOWN_MAX = 20;

/**
 * Elements of pandas': a column of a `PyDataFrame`, or what extends it. Read only.
 *
 * Elements are what Python's own arrive as: integers are numbers where that is exact, moments `PyTimestamp`s, spans
 * `PyNanoTimeDelta`s; what is missing is `pyNaT`, `pyNA`, NaN or `null`, as the dtype has it.
 *
 * @example const names = [...frame.column("name")];
 */
export class PyColumn implements Iterable<unknown> {
  /** As Python's `str(dtype)` has it: `int64`, `category`, `datetime64[ns, Europe/Berlin]`. */
  readonly dtype: string;
  /** How many elements there are. */
  readonly length: number;
  /** What it is called: usually a text, `null` if nothing. */
  readonly name: unknown;
  readonly #source: ElementSource;

  constructor(source: ElementSource, name: unknown = null) {
    this.dtype = source.dtype;
    this.length = source.length;
    this.name = name;
    this.#source = source;
  }

  /** The element at an index from 0 on; `undefined` outside. */
  at(index: number): unknown {
    const isWithin = Number.isInteger(index) && index >= 0 && index < this.length;
    return isWithin ? this.#source.at(index) : undefined;
  }

  /** The elements, first to last. */
  *[Symbol.iterator](): Iterator<unknown> {
    for (let index = 0; index < this.length; index++) yield this.#source.at(index);
  }

  /** The elements as JSON has them. */
  toJSON(): unknown {
    return jsonForm([...this]);
  }

  toString(): string {
    return `${this.length} of ${this.dtype}`;
  }

  [inspectHook](_depth?: number, _options?: object, inspect?: Inspect): string {
    const name = this.name === null || this.name === undefined ? "" : ` ${shownText(this.name, inspect)}`;
    const head = printable(`${this.shownClass}(${this.length}) ${this.dtype}`);
    return `${head}${name} ${this.shownElements(inspect)}`;
  }

  /** What it is called on the console. */
  protected get shownClass(): string {
    return "PyColumn";
  }

  /** The first elements in brackets. */
  protected shownElements(inspect: Inspect | undefined): string {
    return `[${this.shownList((index) => shownText(this.at(index), inspect))}]`;
  }

  /** The first elements, each as it is shown. */
  protected shownList(shown: (index: number) => string): string {
    const list = Array.from({ length: Math.min(this.length, SHOWN_MAX) }, (_, index) => shown(index));
    if (this.length > SHOWN_MAX) list.push(`… ${this.length - SHOWN_MAX} more`);
    return list.join(", ");
  }
}

/** The text of an element in a table or as a label: as it is, without quotes. */
export function cellText(value: unknown, inspect?: Inspect): string {
  const text = shownText(value, inspect);
  return typeof value === "string" ? text.slice(1, text.endsWith('"') ? -1 : undefined) : text;
}
