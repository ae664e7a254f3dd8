import type { TimeToLiveMs } from "@everdict/protocol";
import { shardOf } from "../keys/keyspace.ts";

/** An entry whose bytes belong to us: the field of its key, and its value. */
export interface OwnedEntry {
  readonly field: Buffer;
  readonly value: Buffer;
  /** Its own time to live. Undefined: it lives as the dictionary's policy says. */
  readonly ttlMs: TimeToLiveMs | undefined;
}

/** Entries of one shard that one script writes. */
export interface WritePart {
  readonly shard: number;
  readonly entries: readonly OwnedEntry[];
}

/** Limits of one script: a server does nothing else meanwhile. */
const partMaxEntries = 500;
const partMaxBytes = 1024 * 1024;

/** Divides entries into parts, each for one shard and of limited size; those of one shard in order. */
export function writeParts(entries: readonly OwnedEntry[], shards: number): WritePart[] {
  const parts: WritePart[] = [];
  const open = new Map<number, { entries: OwnedEntry[]; bytes: number }>();
  for (const entry of entries) {
    const shard = shardOfField(entry.field, shards);
    const bytes = entry.field.length + entry.value.length;
    const part = open.get(shard);
    if (part !== undefined && part.entries.length < partMaxEntries && part.bytes + bytes <= partMaxBytes) {
      part.entries.push(entry);
      part.bytes += bytes;
      continue;
    }
    const begun = { entries: [entry], bytes };
    open.set(shard, begun);
    parts.push({ shard, entries: begun.entries });
  }
  return parts;
}

/** The shard of the key in a field. */
export function shardOfField(field: Buffer, shards: number): number {
  return shardOf(field, shards, 1);
}
