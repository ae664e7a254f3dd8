/** What somebody typed, as a value, or what is wrong with it. */
export type ReadJson = { readonly value: unknown } | { readonly wrong: string };

/** Reads JSON that was typed. */
export function readJson(text: string): ReadJson {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { wrong: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** How deep a value may be nested to be edited as JSON. */
const depthMax = 100;

/**
 * Whether JSON can say all that a value holds, so that it can be edited as JSON without losing anything: texts, numbers,
 * booleans, null, and lists and mappings of them.
 */
export function isPlainJson(value: unknown, depth = 0): boolean {
  if (value === null || typeof value === "boolean" || typeof value === "string") return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object" || depth > depthMax) return false;
  // A tuple is a frozen array, which JSON would turn into a list.
  if (Array.isArray(value))
    return !Object.isFrozen(value) && value.every((each) => isPlainJson(each, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.entries(value).every(([name, each]) => name !== "__proto__" && isPlainJson(each, depth + 1));
}
