import { tooManyEntries } from "@everdict/protocol";
import type { ByteSource } from "../frames/byte-source.ts";

/** What a list in a request is read with. */
export interface CountedList<T> {
  /** How many are announced. */
  readonly count: number;
  /** What each takes at least. */
  readonly itemMinBytes: number;
  /** What they are called. */
  readonly items: string;
  readonly read: (source: ByteSource) => T;
}

/** Reads a list. @throws `too_many_entries` for more than `maxEntries`, before any memory is taken for them */
export function readCounted<T>(
  source: ByteSource,
  { count, itemMinBytes, items, read }: CountedList<T>,
  maxEntries: number,
): T[] {
  source.announced(count, itemMinBytes, items);
  if (count > maxEntries) throw tooManyEntries(count, maxEntries);
  const list: T[] = [];
  for (let left = count; left > 0; left--) list.push(read(source));
  return list;
}
