// The type table in the form in which the encoder and the decoder look things up.

import { type ClassRegistry, reduceRegistered } from "../values/class-registry.ts";
import type { PyGlobal, PyObject } from "../values/py-object.ts";
import type { ObjectReader, TypeRule } from "./type-rule.ts";
import { typeTable } from "./type-table.ts";

const COST_DEFAULT_BYTES = 280;

/** How something is read, and what that costs: each time, and for each character of its texts. */
interface Reading<Read> {
  readonly read: Read;
  readonly costBytes: number;
  readonly textFactor: number;
}

/** What the table says of a built-in class. */
interface BuiltInRule {
  readonly reduce: (value: object) => PyObject;
  readonly isUnhashable: boolean;
}

type Reducer = (value: object) => PyObject | PyGlobal;

const reducers = new Map<object, Reducer>();
const unhashable = new Set<object>();
const builtIns = new Map<string, BuiltInRule>();
const calls = new Map<string, Reading<ObjectReader>>();
const completed = new Map<string, Reading<(object: PyObject) => object | undefined>>();
const globals = new Map<string, unknown>();
for (const rule of typeTable) addRule(rule);

function addRule(rule: TypeRule): void {
  const { costBytes = COST_DEFAULT_BYTES, textFactor = 1 } = rule;
  for (const { prototype } of rule.classes ?? []) {
    reducers.set(prototype, rule.reduce as unknown as Reducer);
    if (rule.unhashable) unhashable.add(prototype);
    const type = prototype.constructor;
    if (Reflect.get(globalThis, type.name) === type) addBuiltIn(type.name, rule);
  }
  for (const kind of rule.kinds ?? []) addBuiltIn(kind, rule);
  for (const [name, read] of Object.entries(rule.calls ?? {}))
    calls.set(name, { read, costBytes, textFactor });
  for (const [name, read] of Object.entries(rule.completed ?? {}))
    completed.set(name, { read, costBytes, textFactor });
  for (const [name, value] of Object.entries(rule.globals ?? {})) globals.set(name, value);
}

function addBuiltIn(kind: string, rule: TypeRule): void {
  const reduce = rule.reduce as unknown as (value: object) => PyObject;
  builtIns.set(kind, { reduce, isUnhashable: rule.unhashable === true });
}

/** What to write for an object, by its class or the nearest that it extends; `undefined` if there is no rule. */
export function reduceObject(value: object, classes: ClassRegistry): PyObject | PyGlobal | undefined {
  let prototype = Object.getPrototypeOf(value) as object | null;
  while (prototype !== null) {
    const registered = classes.of(prototype);
    if (registered !== undefined) return reduceRegistered(registered, value);
    const reducer = reducers.get(prototype);
    if (reducer !== undefined) return reducer(value);
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return undefined;
}

/** What is written for objects of the built-in class of this name, of any realm; `undefined` if there is no rule. */
export function builtInRule(kind: string): BuiltInRule | undefined {
  return builtIns.get(kind);
}

/** Whether the table of types says how to write an object. */
export function hasRule(value: object): boolean {
  let prototype = Object.getPrototypeOf(value) as object | null;
  while (prototype !== null && !reducers.has(prototype)) {
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return prototype !== null;
}

/** Whether an object can be no dict key or set element in Python, as far as the table tells. */
export function isUnhashable(value: object): boolean {
  return value instanceof Map || unhashable.has(Object.getPrototypeOf(value) as object);
}

/** What a call of `module.name` stands for, if its result is known at once. */
export function knownCall(name: string): Reading<ObjectReader> | undefined {
  return calls.get(name);
}

/** What an object made by `module.name` stands for once it has its state. */
export function knownCompleted(name: string): Reading<(object: PyObject) => object | undefined> | undefined {
  return completed.get(name);
}

/** The value that is found by this name. */
export function knownGlobal(name: string): unknown {
  return globals.get(name);
}
