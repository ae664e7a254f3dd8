import { describeGiven, isPlainObject } from "./describe-given.ts";

/**
 * What is wrong with entries, by their kind; undefined: nothing. Many things hold no entries but look like an empty
 * source of them: a Promise, a Date, a Number, bytes of length 0.
 *
 * @param what how the message names them.
 */
export function entriesFault(entries: unknown, what: string): string | undefined {
  if (holdsEntries(entries)) return undefined;
  const expected = `${what} must be a Map, an iterable of [key, value] pairs, or a plain object`;
  const isLater = typeof entries === "object" && entries !== null && Symbol.asyncIterator in entries;
  const hint = isLater ? ": what comes one by one goes to update()" : "";
  return `${expected}, not ${describeGiven(entries)}${hint}`;
}

function holdsEntries(entries: unknown): boolean {
  if (typeof entries !== "object" || entries === null) return false;
  if (ArrayBuffer.isView(entries) || entries instanceof String) return false;
  return Symbol.iterator in entries || isPlainObject(entries);
}

/** What is wrong with one of the pairs that an iterable gave. */
export function pairFault(pair: unknown, index: number): string {
  const given = Array.isArray(pair) ? `an array of ${pair.length}` : describeGiven(pair);
  const hint = index === 0 && !isObject(pair) ? ": is a pair of brackets missing, as in [[key, value]]?" : "";
  return `entry ${index} must be a [key, value] pair, not ${given}${hint}`;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
