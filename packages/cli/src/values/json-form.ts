/**
 * The JSON form of values: how what Python and TypeScript can store, but JSON cannot hold, looks in JSON.
 *
 * Such a value is an object with exactly one property, its tag:
 *
 * | tag | holds |
 * | --- | --- |
 * | `$bytes`, `$bytearray` | base64 |
 * | `$int` | an integer beyond 2^53, as decimal digits |
 * | `$float` | `"NaN"`, `"Infinity"` or `"-Infinity"`; when read, also any number |
 * | `$datetime` | a moment, ISO 8601 in UTC |
 * | `$map` | a mapping with other than string keys: an array of pairs |
 * | `$set` | an array of the elements |
 * | `$object` | an object whose only property looks like a tag; its content is taken literally |
 *
 * These are read back. Only written: `$dict` (a handle), `$python` (something of Python's that this program does
 * not know), `$circular` (the path of the ancestor that appears again), `$undecodable`. Floats with an integral
 * value are written as `2.0` and read back as floats. Tuples appear as arrays and frozen sets as `$set`, so
 * these two change kind when they are read back.
 */
export const readableTags = [
  "$bytes",
  "$bytearray",
  "$int",
  "$float",
  "$datetime",
  "$map",
  "$set",
  "$object",
] as const;

/** Tags that describe what cannot be rebuilt from JSON. */
export const writtenOnlyTags = ["$dict", "$python", "$circular", "$undecodable"] as const;

/** A tag that is read back. */
export type ReadableTag = (typeof readableTags)[number];
/** Any tag. */
export type Tag = ReadableTag | (typeof writtenOnlyTags)[number];

/** How deep values may be nested, in either direction. */
export const jsonMaxDepth = 1000;

/** The name of the only property of `value`, if it starts with `$`. */
export function tagOf(value: object): string | undefined {
  const [first, second] = Object.keys(value);
  return second === undefined && first?.startsWith("$") ? first : undefined;
}
