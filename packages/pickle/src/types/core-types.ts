// The rows of the type table that the encoder and the decoder handle themselves.

import type { TypeRule } from "./type-rule.ts";

/** Scalars. */
export const scalarRules: readonly TypeRule[] = [
  { typescript: "`null`, `boolean`", python: "`None`, `bool`" },
  { typescript: "`string`", python: "`str`", note: "lone surrogates survive" },
  {
    typescript: "`number`, integral and safe, not -0",
    python: "`int`",
    note: "a Python int outside the safe range arrives as `bigint`",
  },
  {
    typescript: "other `number`, with NaN, infinities, -0",
    python: "`float`",
    note: "an integral float arrives as a number, and is a float again when its container is written back; for one on its own there is `PyFloat`",
  },
  { typescript: "`PyFloat`", python: "`float`", note: 'also if integral; read with `floats: "exact"`' },
  { typescript: "`bigint`", python: "`int`", note: "in a form that comes back as `bigint`, however small" },
  {
    typescript: "`undefined`",
    python: "`None` in an array",
    note: "a property is left out; anywhere else it is refused",
  },
];

/** Containers and bytes. */
export const containerRules: readonly TypeRule[] = [
  { typescript: "array", python: "`list`", note: "a `tuple` as dict key or set element" },
  {
    typescript: "frozen array",
    python: "`tuple`",
    note: "`Object.freeze([1, 2])`; tuples arrive so",
  },
  {
    typescript: "plain object",
    python: "`dict` with `str` keys",
    note: "a key named `__proto__` is data; JavaScript puts keys that are array indices first",
  },
  {
    typescript: "`Map` with other keys",
    python: "`dict`",
    note: "keys that are equal for Python alone (1, `true`, 1n) are refused",
  },
  { typescript: "`Set` / frozen `Set`", python: "`set` / `frozenset`" },
  { typescript: "`Uint8Array`, `Buffer`", python: "`bytes`" },
];

/** References, and what only Python has. */
export const opaqueRules: readonly TypeRule[] = [
  { typescript: "shared and circular references", python: "the same" },
  {
    typescript: "registered class",
    python: "class of the registered name",
    note: '`registerClass("module.Name", Class, { toState, fromState })`',
  },
  {
    typescript: "`PyObject`",
    python: "instance of any other class",
    note: "inert: shows class, arguments and state, and is written back as it came. Enum members, namedtuples, dataclasses, functions and classes by value (cloudpickle) arrive so. A class of a script or notebook has the module `__main__`, an enum's member of one its `member`",
  },
  { typescript: "`PyGlobal`", python: "class or function that Python finds by name" },
  {
    typescript: "`PyPersistentId`",
    python: "what `persistent_load` resolves",
    note: "unless `persistentLoad` resolves it; a Modal handle is one",
  },
  {
    typescript: "functions, symbols, other class instances",
    python: "",
    note: "refused, with the path to them",
  },
];
