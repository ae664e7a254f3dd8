// Boxes the integral floats of a decoded container that is taken apart to become something else, so that they stay
// floats in what is made of its parts.

import { floatMarksOf } from "./float-marks.ts";
import { PyFloat } from "./py-float.ts";

/** The elements of an array, with integral floats as {@link PyFloat}. */
export function exactItems(items: readonly unknown[]): readonly unknown[] {
  const marks = floatMarksOf(items)?.elements;
  if (marks === undefined) return items;
  return items.map((item, index) => (item === marks[index] ? new PyFloat(item as number) : item));
}

/** The pairs of a Map or plain object, with integral floats as {@link PyFloat}. */
export function exactEntries(container: object): [unknown, unknown][] {
  const entries: [unknown, unknown][] = container instanceof Map ? [...container] : Object.entries(container);
  const marks = floatMarksOf(container);
  if (marks === undefined) return entries;
  return entries.map(([key, value]) => [
    marks.keys.has(key) ? new PyFloat(key as number) : key,
    typeof value === "number" && marks.values.get(key) === value ? new PyFloat(value) : value,
  ]);
}
