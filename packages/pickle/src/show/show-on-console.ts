// How the classes of this package show themselves on a console: in one line, by the name of the class and its text. The
// names are spelled out here, since minifiers change the names of classes.

import { PyDefaultDict, PyDeque } from "../types/collections.ts";
import { PyException } from "../types/errors.ts";
import { PyComplex, PyDecimal, PyFraction, PyRange, PySlice } from "../types/numbers.ts";
import { PyPath } from "../types/path.ts";
import { PyDate, PyDateTime, PyTime } from "../types/time/times.ts";
import { PyTimeDelta, PyTimezone } from "../types/time/timezone.ts";
import { PyZoneInfo } from "../types/time/zone-info.ts";
import { PyUuid } from "../types/uuid.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyGlobal } from "../values/py-global.ts";
import { PyObject, PyPersistentId } from "../values/py-object.ts";
import { showPyObject } from "../values/py-object-shown.ts";
import { type Inspect, inspectHook, printable, shownText } from "../values/shown.ts";

/** What a console gives to the hook: the levels that may still be shown, its options, and itself. */
type Show<Value> = (value: Value, depth: number | null, options: object, inspect: Inspect) => string;

function shows<Value>(type: { readonly prototype: Value }, show: Show<Value>): void {
  Object.defineProperty(type.prototype, inspectHook, {
    value(this: Value, depth: number | null, options: object, inspect: Inspect) {
      return show(this, depth, options, inspect);
    },
    configurable: true,
    writable: true,
  });
}

const asText = [
  ["PyFloat", PyFloat],
  ["PyGlobal", PyGlobal],
  ["PyDate", PyDate],
  ["PyTimeDelta", PyTimeDelta],
  ["PyTimezone", PyTimezone],
  ["PyZoneInfo", PyZoneInfo],
  ["PyDecimal", PyDecimal],
  ["PyFraction", PyFraction],
  ["PyComplex", PyComplex],
  ["PyUuid", PyUuid],
  ["PyRange", PyRange],
  ["PySlice", PySlice],
] as const;

/** Gives all these classes what consoles ask for. Called once, when the package is loaded. */
export function showOnConsole(): void {
  for (const [name, type] of asText) shows<object>(type, (value) => `${name} ${printable(String(value))}`);
  shows(PyTime, (value) => `PyTime ${printable(timeText(value))}`);
  shows(PyDateTime, (value) => `PyDateTime ${printable(timeText(value))}`);
  shows(PyPath, (value) => `PyPath ${value.className} ${printable(String(value))}`);
  shows(
    PyPersistentId,
    ({ id }, depth, options, inspect) => `PyPersistentId ${inspect(id, { ...options, depth })}`,
  );
  shows(PyDeque, ({ items, maxLength }, depth, options, inspect) => {
    const bound = maxLength === undefined ? "" : ` of at most ${maxLength}`;
    return `PyDeque${bound} ${inspect(items, { ...options, depth })}`;
  });
  shows(PyDefaultDict, (map, depth, options, inspect) => {
    return `PyDefaultDict of ${shownText(map.factory, inspect)} ${inspect(new Map(map), { ...options, depth })}`;
  });
  shows(PyException, (error, depth, options, inspect) => {
    const attributes = { ...error };
    const shown =
      Object.keys(attributes).length === 0 ? "" : ` ${inspect(attributes, { ...options, depth })}`;
    return `${printable(String(error))}${shown}`;
  });
  shows(PyObject, showPyObject);
}

function timeText(value: PyTime): string {
  if (value.zone !== undefined && value.zone !== null) return String(value);
  return `${value} naive${value.fold === 1 ? ", the second of its kind" : ""}`;
}
