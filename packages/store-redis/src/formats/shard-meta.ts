/**
 * The field `m` of a shard, which says that the shard is there and what holds for its entries. Fixed layout,
 * big-endian, since scripts read it on every call: format (1 byte), set-up (1), number of shards of the dictionary
 * (2), time to live in ms (6), end of an ephemeral dictionary in ms (6; 0: none), how often it was cleared (4), how
 * many large values it has (4).
 *
 * The set-up has the policy in its lowest 2 bits. The next one says that writes do not wait for replicas. The other 5 count
 * the changes of the set-up, from 1 to 31 and again from 1; 0: it is as it was created, and the third bit says nothing.
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
  meta.writeUIntBE(ttlOf(expiry), 4, 6);
  meta.writeUIntBE(Math.min(endsAtMs ?? 0, longestMs), 10, 6);
  return meta;
}

const waitsNotBit = 4;
const changesShift = 3;
const changesSpan = 31;

/** How the entries of a dictionary are written. */
export interface SetUp {
  readonly expiry: ExpiryPolicy;
  /** Whether the answer to a write waits for replicas, if the profile does. */
  readonly waits: boolean;
}

/** The byte of a set-up that was changed so many times, at least once. */
export function setUpByte({ expiry, waits }: SetUp, changes: number): number {
  const counted = ((changes - 1) % changesSpan) + 1;
  return policies.indexOf(expiry.policy) | (waits ? 0 : waitsNotBit) | (counted << changesShift);
}

/** How long entries live by a policy, as a meta field has it. */
export function ttlOf(expiry: ExpiryPolicy): number {
  return expiry.policy === "never" ? 0 : Math.min(Math.ceil(expiry.ttlMs), longestMs);
}

/** Whether the set-up in a meta field is another one than the dictionary was created with. */
export function hasChangedSetUp(meta: Buffer): boolean {
  return meta[1]! >> changesShift > 0;
}

/** What tells a changed set-up in a meta field from others, as scripts compare it: see `setUpCheck` in `shard-prelude.ts`. */
export function setUpStamp(meta: Buffer): string {
  return ` ${meta[1]} ${meta.readUIntBE(4, 6)}`;
}

/** The set-up in a meta field that was changed. */
export function setUpIn(meta: Buffer): SetUp {
  const policy = policies[meta[1]! & 3] ?? "never";
  const ttlMs = meta.readUIntBE(4, 6);
  const expiry: ExpiryPolicy = policy === "never" ? { policy } : { policy, ttlMs };
  return { expiry, waits: (meta[1]! & waitsNotBit) === 0 };
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
