import { losesNames, typedJsonFault } from "./typed-json-fault.ts";

/** What somebody typed, as a value, or what is wrong with it. */
export type ReadJson = { readonly value: unknown } | { readonly wrong: string };

/** Reads JSON that was typed. What would become another value than the text says is refused. */
export function readJson(text: string): ReadJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { wrong: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const wrong = typedJsonFault(text);
  return wrong === undefined ? { value } : { wrong };
}

/** How deep and how large a value may be to be edited as JSON. */
const depthMax = 100;
const partsMax = 100_000;

/**
 * Whether JSON can say all that a value holds, so that it can be edited as JSON without losing anything: texts, numbers,
 * booleans, null, and lists and mappings of them. What is in a value twice is not: JSON would make two things of it. A
 * larger value is looked at up to a bound, and is not.
 */
export function isPlainJson(value: unknown): boolean {
  return isPlain(value, 0, new Set());
}

function isPlain(value: unknown, depth: number, seen: Set<object>): boolean {
  if (value === null || typeof value === "boolean" || typeof value === "string") return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || depth > depthMax || seen.has(value) || seen.size > partsMax) return false;
  seen.add(value);
  // A tuple is a frozen array, which JSON would turn into a list.
  if (Array.isArray(value))
    return !Object.isFrozen(value) && value.every((each) => isPlain(each, depth + 1, seen));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const names = Object.keys(value);
  return !losesNames(names) && Object.values(value).every((each) => isPlain(each, depth + 1, seen));
}
