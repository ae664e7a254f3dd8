// How one type crosses the border between the languages, as data. The rows of the README's table are these rules. The
// encoder and the decoder look up in them what they meet.

import { type PyConstruction, PyGlobal, PyObject } from "../values/py-object.ts";

/** One row of the type table. */
export interface TypeRule {
  /** The TypeScript side, as Markdown. */
  readonly typescript: string;
  /** The Python side, as Markdown. */
  readonly python: string;
  /** What else there is to know, as Markdown. */
  readonly note?: string | undefined;
  /** Classes whose instances, and those of subclasses without a rule of their own, {@link reduce} writes. */
  readonly classes?: readonly { readonly prototype: object }[] | undefined;
  /** The same for built-in classes that not every platform has, by their `Symbol.toStringTag`. */
  readonly kinds?: readonly string[] | undefined;
  /** What Python must be told to make an equal object. */
  readonly reduce?: ((value: never) => PyObject | PyGlobal) | undefined;
  /** Whether Python cannot hash it, so that it can be no dict key or set element. */
  readonly unhashable?: boolean | undefined;
  /** By the name of what is called: the value that a call stands for, or `undefined` for an unknown form. */
  readonly calls?: Readonly<Record<string, ObjectReader>> | undefined;
  /** The same for objects that are complete only with their state. */
  readonly completed?: Readonly<Record<string, (object: PyObject) => object | undefined>> | undefined;
  /** Names that are values themselves. */
  readonly globals?: Readonly<Record<string, unknown>> | undefined;
  /** What an instance costs the reader, in bytes or time's worth of bytes. Default 280. */
  readonly costBytes?: number | undefined;
  /** What each character of its texts costs, in the same unit. Default 1. */
  readonly textFactor?: number | undefined;
}

/** Reads the arguments of a call or, with `construction`, of an instantiation. */
export type ObjectReader = (args: readonly unknown[], construction: PyConstruction) => unknown;

/** Something that Python makes by a call. */
export function pyCall(callable: PyGlobal, ...args: unknown[]): PyObject {
  return new PyObject({ callable, args });
}

/** Whether a value is the Python class or function of this name. */
export function isGlobal(value: unknown, name: string): boolean {
  return value instanceof PyGlobal && `${value.module}.${value.name}` === name;
}

/** An integer as Python's int: a number where that is exact. */
export function pyInteger(value: number | bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Whether a value is what a Python int arrives as. */
export function isInteger(value: unknown): value is number | bigint {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}
