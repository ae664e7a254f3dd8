/**
 * The field `m` of a shard, which says that the shard is there and what holds for its entries. Fixed layout,
 * big-endian, since scripts read it on every call: format (1 byte), policy (1), number of shards of the dictionary
 * (2), time to live in ms (6), end of an ephemeral dictionary in ms (6; 0: none), how often it was cleared (4), how
 * many large values it has (4).
 */

import type { ExpiryPolicy } from "@everdict/protocol";

const metaBytes = 24;
const format = 1;
const policies: readonly ExpiryPolicy["policy"][] = ["never", "afterWrite", "afterUse"];
const longestMs = 2 ** 48 - 1;

/** What a new shard's meta field says. */
export interface NewShard {
  readonly shards: number;
  readonly expiry: ExpiryPolicy;
  readonly endsAtMs: number | undefined;
}

/** The meta field of a new shard. */
export function encodeShardMeta({ shards, expiry, endsAtMs }: NewShard): Buffer {
  const meta = Buffer.alloc(metaBytes);
  meta[0] = format;
  meta[1] = policies.indexOf(expiry.policy);
  meta.writeUInt16BE(shards, 2);
  const ttlMs = expiry.policy === "never" ? 0 : Math.ceil(expiry.ttlMs);
  meta.writeUIntBE(Math.min(ttlMs, longestMs), 4, 6);
  meta.writeUIntBE(Math.min(endsAtMs ?? 0, longestMs), 10, 6);
  return meta;
}

/** Whether this version writes such meta fields. */
export function isShardMeta(meta: Buffer): boolean {
  return meta.length === metaBytes && meta[0] === format;
}

/** When the dictionary of a shard ends; 0: never. */
export function endOf(meta: Buffer): number {
  return meta.readUIntBE(10, 6);
}

/** Whether the dictionary of a shard has ended. */
export function hasEnded(meta: Buffer, nowMs: number): boolean {
  const endsAtMs = endOf(meta);
  return endsAtMs !== 0 && endsAtMs <= nowMs;
}
