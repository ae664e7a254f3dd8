/** The answers about many entries, and of one entry with all that is known of it. */

import {
  type DictStats,
  type FoundEntry,
  type Page,
  versionBytes,
  versionBytesLength,
  versionFromBytes,
} from "@everdict/protocol";
import type { ByteSource } from "../frames/byte-source.ts";
import { entriesBytes, rawsOfEntries, readEntries, writeEntries } from "./entries-message.ts";
import type { Codec } from "./info-messages.ts";

/** `entry`: the version, when it ends (infinity: never), the value. */
export const foundEntryCodec: Codec<FoundEntry> = {
  room: ({ value }) => versionBytesLength + 8 + value.length,
  write: (sink, { version, expiresAtMs, value }) => {
    sink.raw(versionBytes(version));
    sink.f64(expiresAtMs ?? Number.POSITIVE_INFINITY);
    sink.raw(value);
  },
  read: (source) => {
    const version = versionFromBytes(source.view(versionBytesLength));
    const endMs = source.f64();
    const expiresAtMs = endMs === Number.POSITIVE_INFINITY ? undefined : endMs;
    return { version, expiresAtMs, value: source.rest() };
  },
  raws: ({ value }) => [value],
};

/** The length of a value that is not there. */
const absentLength = 0xffff_ffff;
const valueMinBytes = 4;

/** `getMany`: their number, then each value behind its length. */
export const valuesCodec: Codec<readonly (Uint8Array | undefined)[]> = {
  room: (values) => values.reduce((sum, value) => sum + valueMinBytes + (value?.length ?? 0), 4),
  write: (sink, values) => {
    sink.u32(values.length);
    for (const value of values) {
      if (value === undefined) sink.u32(absentLength);
      else sink.sized(value);
    }
  },
  read: (source) => {
    const count = source.announced(source.u32(), valueMinBytes, "values");
    return Array.from({ length: count }, () => readValue(source));
  },
  raws: (values) => values.filter((value) => value !== undefined),
};

function readValue(source: ByteSource): Uint8Array | undefined {
  const length = source.u32();
  return length === absentLength ? undefined : source.view(length);
}

/** `page`: where the next begins, if one does, and the entries. */
export const pageAnswerCodec: Codec<Page> = {
  room: ({ entries, next }) => 1 + (next === undefined ? 0 : 4 + next.length) + entriesBytes(entries),
  write: (sink, { entries, next }) => {
    sink.u8(next === undefined ? 0 : 1);
    if (next !== undefined) sink.sized(next);
    writeEntries(sink, entries);
  },
  read: (source) => {
    const next = source.u8() === 0 ? undefined : source.sized();
    return { next, entries: readEntries(source) };
  },
  raws: ({ entries }) => rawsOfEntries(entries),
};

/** `stats`: how many entries, and their bytes if that is known. */
export const statsCodec: Codec<DictStats> = {
  room: () => 17,
  write: (sink, { entries, bytes }) => {
    sink.u64(entries);
    sink.u8(bytes === undefined ? 0 : 1);
    if (bytes !== undefined) sink.u64(bytes);
  },
  read: (source) => {
    const entries = source.u64();
    return { entries, bytes: source.u8() === 0 ? undefined : source.u64() };
  },
};
