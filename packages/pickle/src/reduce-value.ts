// JavaScript objects that Python knows under another name, as the constructor calls that CPython writes for them.

import { reduceDate } from "./date-time.ts";
import { PyObject as Placeholder, PyGlobal, type PyObject } from "./py-object.ts";

const bytearrayClass = new PyGlobal("builtins", "bytearray");

/** What to write for an object, or `undefined` if Python has nothing like it. */
export function reduceValue(value: object): PyObject | PyGlobal | undefined {
  if (value instanceof Date) return reduceDate(value);
  if (value instanceof ArrayBuffer) {
    const bytes = new Uint8Array(value);
    return new Placeholder({ callable: bytearrayClass, args: bytes.length === 0 ? [] : [bytes] });
  }
  return undefined;
}
