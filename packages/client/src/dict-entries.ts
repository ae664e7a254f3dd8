import { createError } from "@everdict/protocol";
import { entriesFault, pairFault } from "./arguments/entries-fault.ts";

/** A plain object whose properties are entries; only for dictionaries whose keys may be strings. */
export type EntriesObject<K, V> = string extends K
  ? Readonly<Record<string, V>>
  : K extends string
    ? Readonly<Partial<Record<K, V>>>
    : never;

/** Entries as a program passes them: a Map, any iterable of pairs, or a plain object. */
export type DictEntries<K, V> = ReadonlyMap<K, V> | Iterable<readonly [K, V]> | EntriesObject<K, V>;

/** {@link DictEntries}, or pairs that come one after the other, such as another Dict. */
export type DictSource<K, V> = DictEntries<K, V> | AsyncIterable<readonly [K, V]>;

/**
 * The pairs of a source that has them all at once.
 *
 * @throws {InvalidError} `invalid_argument` if it is no such source.
 */
export function* pairsOf<K, V>(entries: DictEntries<K, V>): Generator<readonly [K, V], void, undefined> {
  const fault = entriesFault(entries, "entries");
  if (fault !== undefined) throw createError("invalid_argument", fault);
  if (!(Symbol.iterator in entries)) {
    yield* Object.entries(entries) as unknown as [K, V][];
    return;
  }
  let index = 0;
  for (const pair of entries as Iterable<readonly [K, V]>) yield checkedPair(pair, index++);
}

/**
 * The pairs of initial content, copied when its handle is made: an iterator can be read only once, and a Map may change
 * before the first use.
 */
export function copiedPairs<K, V>(data: DictEntries<K, V> | undefined): readonly (readonly [K, V])[] {
  return data === undefined ? [] : [...pairsOf<K, V>(data)];
}

/**
 * The pairs of any source, in its order.
 *
 * @throws {InvalidError} `invalid_argument` if it is no such source.
 */
export async function* pairsOfSource<K, V>(
  source: AsyncIterable<readonly [K, V]>,
): AsyncGenerator<readonly [K, V], void, undefined> {
  let index = 0;
  for await (const pair of source) yield checkedPair(pair, index++);
}

/** Whether the pairs come one after the other. */
export function isAsyncSource<K, V>(source: DictSource<K, V>): source is AsyncIterable<readonly [K, V]> {
  return typeof source === "object" && source !== null && Symbol.asyncIterator in source;
}

function checkedPair<K, V>(pair: readonly [K, V], index: number): readonly [K, V] {
  if (Array.isArray(pair) && pair.length === 2) return pair;
  throw createError("invalid_argument", pairFault(pair, index));
}
