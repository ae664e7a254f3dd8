import { type Entry, tooManyEntries } from "@everdict/protocol";
import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { SessionProtocolError } from "../frames/session-protocol-error.ts";

/** The bytes of an entry besides its key and value. */
export const entryOverheadBytes = 8;

/** The bytes of these entries, with their number. */
export function entriesBytes(entries: readonly Entry[]): number {
  let bytes = 4;
  for (const { key, value } of entries) bytes += entryOverheadBytes + key.length + value.length;
  return bytes;
}

/** Writes one entry: both lengths, then both parts. */
export function writeEntry(sink: ByteSink, { key, value }: Entry): void {
  sink.u32(key.length);
  sink.u32(value.length);
  sink.raw(key);
  sink.raw(value);
}

/** Writes their number and the entries. */
export function writeEntries(sink: ByteSink, entries: readonly Entry[]): void {
  sink.u32(entries.length);
  for (const entry of entries) writeEntry(sink, entry);
}

/**
 * Reads entries, in place.
 *
 * @param maxEntries - of a request, how many it may hold; of an answer, as many as its frame has room for
 * @throws `too_many_entries`, before any memory is taken for them
 */
export function readEntries(source: ByteSource, maxEntries = Number.POSITIVE_INFINITY): Entry[] {
  const count = source.u32();
  // Before any memory is taken for them: each takes at least its two lengths.
  if (count * entryOverheadBytes > source.left) {
    throw new SessionProtocolError(`${count} entries are announced in ${source.left} bytes`);
  }
  if (count > maxEntries) throw tooManyEntries(count, maxEntries);
  const entries: Entry[] = [];
  for (let left = count; left > 0; left--) entries.push(readEntry(source));
  return entries;
}

function readEntry(source: ByteSource): Entry {
  const keyBytes = source.u32();
  const valueBytes = source.u32();
  return { key: source.view(keyBytes), value: source.view(valueBytes) };
}
