// Keys that JavaScript tells apart and Python does not: 1, true and 1n, or two arrays of the same content. Python would
// keep the last value of such a pair, and nobody would notice.

import { latin1 } from "./opcode-arguments.ts";
import { PyFloat } from "./py-float.ts";

const kindBits = { number: 1, boolean: 2, bigint: 4, object: 8 } as Readonly<Record<string, number>>;

/**
 * The place of the first key, or of every `step`-th of the items, that is equal to an earlier one for Python, or -1.
 * Instances of classes are not compared.
 */
export function findEqualKey(items: readonly unknown[], count: number, step: 1 | 2): number {
  let kinds = 0;
  for (let at = 0; at < count; at += step) kinds |= kindBits[typeof items[at]] ?? 0;
  // Of one kind, but for objects, a Map and a Set hold none twice.
  if (kinds === 0 || kinds === 1 || kinds === 2 || kinds === 4) return -1;
  const seen = new Set<string>();
  for (let at = 0; at < count; at += step) {
    const form = formOf(items[at], 0);
    if (form === undefined) continue;
    if (seen.has(form)) return at;
    seen.add(form);
  }
  return -1;
}

const LEVELS_MAX = 100;

/** A text that is the same for keys that are equal, or `undefined` for what is not compared. */
function formOf(key: unknown, level: number): string | undefined {
  switch (typeof key) {
    case "string":
      return level === 0 ? undefined : JSON.stringify(key);
    case "boolean":
      return key ? "1" : "0";
    case "bigint":
      return key.toString(36);
    case "number":
      return Number.isSafeInteger(key) ? key.toString(36) : Number.isNaN(key) ? undefined : `f${key}`;
    default:
  }
  if (key === null) return "null";
  if (key instanceof PyFloat) return formOf(key.value, level);
  if (key instanceof Uint8Array) return `b${JSON.stringify(latin1(key))}`;
  if (!Array.isArray(key) || level === LEVELS_MAX) return undefined;
  const parts = key.map((part) => formOf(part, level + 1));
  return parts.includes(undefined) ? undefined : `(${parts.join()})`;
}
