import { createError } from "@everdict/protocol";

/** A plain object whose properties are entries; only for dictionaries whose keys may be strings. */
export type EntriesObject<K, V> = string extends K
  ? Readonly<Record<string, V>>
  : K extends string
    ? Readonly<Partial<Record<K, V>>>
    : never;

/** Entries as a program has them: a Map, any iterable of pairs, or a plain object. */
export type DictEntries<K, V> = ReadonlyMap<K, V> | Iterable<readonly [K, V]> | EntriesObject<K, V>;

/** {@link DictEntries}, or pairs that come one after the other, such as another Dict. */
export type DictSource<K, V> = DictEntries<K, V> | AsyncIterable<readonly [K, V]>;

/**
 * The pairs of a source that is there at once.
 *
 * @throws {InvalidError} `invalid_argument` if it is no such source.
 */
export function* pairsOf<K, V>(entries: DictEntries<K, V>): Generator<readonly [K, V], void, undefined> {
  if (typeof entries !== "object" || entries === null) throw notEntries();
  if (!isIterable(entries)) {
    yield* Object.entries(entries) as unknown as [K, V][];
    return;
  }
  for (const pair of entries as Iterable<readonly [K, V]>) yield checkedPair(pair);
}

/**
 * The pairs of any source, in its order.
 *
 * @throws {InvalidError} `invalid_argument` if it is no such source.
 */
export async function* pairsOfSource<K, V>(
  source: AsyncIterable<readonly [K, V]>,
): AsyncGenerator<readonly [K, V], void, undefined> {
  for await (const pair of source) yield checkedPair(pair);
}

/** Whether the pairs come one after the other. */
export function isAsyncSource<K, V>(source: DictSource<K, V>): source is AsyncIterable<readonly [K, V]> {
  return typeof source === "object" && source !== null && Symbol.asyncIterator in source;
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function checkedPair<K, V>(pair: readonly [K, V]): readonly [K, V] {
  if (Array.isArray(pair) && pair.length === 2) return pair;
  throw notEntries();
}

function notEntries() {
  return createError(
    "invalid_argument",
    "Entries must be a Map, an iterable of [key, value] pairs, or a plain object",
  );
}
