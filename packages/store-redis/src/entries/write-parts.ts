import type { TimeToLiveMs } from "@everdict/protocol";
import { shardOf } from "../keys/keyspace.ts";

/** An entry whose bytes belong to us: the field of its key, and its value. */
export interface OwnedEntry {
  readonly field: Buffer;
  readonly value: Buffer;
  /** Its own time to live. Undefined: it lives as the dictionary's policy says. */
  readonly ttlMs: TimeToLiveMs | undefined;
}

/** What one script does to one shard. */
export interface ShardPart<Item> {
  readonly shard: number;
  readonly items: readonly Item[];
}

/** Limits of one script: a server does nothing else meanwhile. */
const partMaxEntries = 500;
const partMaxBytes = 1024 * 1024;

/** Divides entries into parts, each for one shard and of limited size; those of one shard in order. */
export function writeParts(entries: readonly OwnedEntry[], shards: number): ShardPart<OwnedEntry>[] {
  return shardParts(entries, shards, ({ field, value }) => field.length + value.length);
}

/** The same for anything that is about a field. */
export function shardParts<Item extends { readonly field: Buffer }>(
  items: readonly Item[],
  shards: number,
  bytesOf: (item: Item) => number,
): ShardPart<Item>[] {
  const parts: ShardPart<Item>[] = [];
  const open = new Map<number, { items: Item[]; bytes: number }>();
  for (const item of items) {
    const shard = shardOfField(item.field, shards);
    const bytes = bytesOf(item);
    const part = open.get(shard);
    if (part !== undefined && part.items.length < partMaxEntries && part.bytes + bytes <= partMaxBytes) {
      part.items.push(item);
      part.bytes += bytes;
      continue;
    }
    const begun = { items: [item], bytes };
    open.set(shard, begun);
    parts.push({ shard, items: begun.items });
  }
  return parts;
}

/** The shard of the key in a field. */
export function shardOfField(field: Buffer, shards: number): number {
  return shardOf(field, shards, 1);
}
