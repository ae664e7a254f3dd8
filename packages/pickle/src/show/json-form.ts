/**
 * The JSON form of values. It says how JSON shows the values that Python and TypeScript can store but JSON cannot hold.
 *
 * Such a value is an object with exactly one property, its tag:
 *
 * | tag | holds |
 * | --- | --- |
 * | `$bytes`, `$bytearray` | base64 |
 * | `$int` | an integer beyond 2^53, as decimal digits |
 * | `$float` | `"NaN"`, `"Infinity"` or `"-Infinity"`; when read, also any number |
 * | `$datetime` | a moment, ISO 8601 in UTC |
 * | `$tuple` | an array of the elements |
 * | `$map` | a mapping with other than string keys: an array of pairs |
 * | `$set`, `$frozenset` | an array of the elements |
 * | `$object` | an object whose only property looks like a tag; its content is taken literally |
 * | `$key` | the key of an entry by its bytes: a text, to be looked at, and its `hex`, which alone is read back |
 * | `$python` | anything else: its class and parts, to be looked at, and its `pickle`, which alone is read back |
 *
 * These tags are read back to the same values, so that entries can be copied as JSON. Two tags are only written:
 * `$circular` (the path of the ancestor that appears again; that ancestor is a `$python`, whose pickle has it) and
 * `$undecodable`. Floats with an integral value are written as `2.0` and read back as floats. In keys and in sets
 * Python takes only tuples and frozen sets; there they are plain arrays and `$set`.
 */
export const readableTags = [
  "$bytes",
  "$bytearray",
  "$int",
  "$float",
  "$datetime",
  "$tuple",
  "$map",
  "$set",
  "$frozenset",
  "$object",
  "$key",
  "$python",
] as const;

/** Tags that describe what cannot be rebuilt from JSON. */
export const writtenOnlyTags = ["$circular", "$undecodable"] as const;

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
