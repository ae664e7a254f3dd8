import type { Entry, TimedEntry } from "@everdict/protocol";
import type { ByteSink } from "../frames/byte-sink.ts";
import type { ByteSource } from "../frames/byte-source.ts";
import { readCounted } from "./counted-list.ts";
import { readTimeToLive, timeToLiveBytes, writeTimeToLive } from "./time-to-live.ts";

/** The bytes of an entry besides its key and value. */
export const entryOverheadBytes = 8;
/** Set in the number of entries if each has a time to live. */
const areTimedBit = 0x8000_0000;

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
  return readPlain(source, source.u32(), maxEntries);
}

/** Whether one of them has a time to live of its own. */
export function areTimed(entries: readonly TimedEntry[]): boolean {
  return entries.some(({ ttlMs }) => ttlMs !== undefined);
}

/** The bytes of these entries, with their number, and with their times to live if they have any. */
export function timedEntriesBytes(entries: readonly TimedEntry[]): number {
  return entriesBytes(entries) + (areTimed(entries) ? entries.length * timeToLiveBytes : 0);
}

/** Writes entries of which some may have times to live. If none has, as {@link writeEntries} does. */
export function writeTimedEntries(sink: ByteSink, entries: readonly TimedEntry[]): void {
  if (!areTimed(entries)) {
    writeEntries(sink, entries);
    return;
  }
  sink.u32(entries.length | areTimedBit);
  for (const { key, value, ttlMs } of entries) {
    sink.u32(key.length);
    sink.u32(value.length);
    writeTimeToLive(sink, ttlMs);
    sink.raw(key);
    sink.raw(value);
  }
}

/** All keys and values: what of entries may be large. */
export function rawsOfEntries(entries: readonly Entry[]): Uint8Array[] {
  return entries.flatMap(({ key, value }) => [key, value]);
}

/** Reads entries with or without times to live, in place. @throws `too_many_entries`, as {@link readEntries} */
export function readTimedEntries(source: ByteSource, maxEntries: number): TimedEntry[] {
  const count = source.u32();
  if (count < areTimedBit) return readPlain(source, count, maxEntries);
  const list = { count: count - areTimedBit, itemMinBytes: entryOverheadBytes + timeToLiveBytes };
  return readCounted<TimedEntry>(source, { ...list, items: "entries", read: readTimedEntry }, maxEntries);
}

function readPlain(source: ByteSource, count: number, maxEntries: number): Entry[] {
  const list = { count, itemMinBytes: entryOverheadBytes, items: "entries", read: readEntry };
  return readCounted(source, list, maxEntries);
}

function readEntry(source: ByteSource): Entry {
  const keyBytes = source.u32();
  const valueBytes = source.u32();
  return { key: source.view(keyBytes), value: source.view(valueBytes) };
}

function readTimedEntry(source: ByteSource): TimedEntry {
  const keyBytes = source.u32();
  const valueBytes = source.u32();
  const ttlMs = readTimeToLive(source);
  return { key: source.view(keyBytes), value: source.view(valueBytes), ttlMs };
}
