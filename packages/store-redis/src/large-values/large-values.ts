/**
 * Large values: immutable chunks in keys of their own, and a pointer in the entry.
 *
 * A server does one thing at a time, so a value of a hundred megabytes in one piece would stop it for everybody for a
 * quarter of a second. Chunks are sent first, in the same batch and to the same slot as the script that links them, so
 * a large write keeps its place among the writes of its shard. Until they are linked they end by themselves.
 *
 * A value that is written over or removed is retired: its chunks go soon after. A reader that was about to fetch them
 * finds them gone and reads the entry again.
 */

import { randomBytes } from "node:crypto";
import type { ValueRoom } from "@everdict/protocol";
import { withRoom } from "@everdict/store";
import { loosely, read, send } from "../context/commands.ts";
import { dataLoss } from "../context/data-loss.ts";
import { unlinkedChunkMs } from "../context/life-times.ts";
import type { StoreContext } from "../context/store-context.ts";
import { type EntryLife, encodePointer, type ValuePointer } from "../formats/entry-header.ts";
import type { ShardPlace } from "../keys/keyspace.ts";
import { chunkKeys } from "./remove-large-values.ts";

/** A value above this is stored in chunks. */
export const inlineMaxBytes = 256 * 1024;
const chunkBytes = 512 * 1024;

/** A large value on its way into the cluster. */
export interface LargeWrite {
  readonly entry: Buffer;
  readonly chunkKeys: readonly string[];
  /** Resolves when the chunks are there; the write that links them does not wait for it. */
  readonly sent: Promise<unknown>;
}

/** Sends the chunks of a value; call in the same turn as what links them. */
export function sendLargeValue(
  context: StoreContext,
  shard: ShardPlace,
  value: Uint8Array,
  life: EntryLife,
): LargeWrite {
  const chunks = Math.ceil(value.length / chunkBytes);
  const pointer: ValuePointer = { id: randomBytes(16), chunks, bytes: value.length };
  const keys = chunkKeys(context, shard, pointer);
  const sent = Promise.all(
    keys.map((key, index) => {
      // Subarrays of a copy that belongs to us: they must not change until they are sent.
      const chunk = value.subarray(index * chunkBytes, (index + 1) * chunkBytes);
      return send(context.router, shard.slot, ["SET", key, chunk, "PX", unlinkedChunkMs], loosely);
    }),
  );
  // What went wrong shows at the script that links them, too.
  sent.catch(() => {});
  return { entry: encodePointer(pointer, life), chunkKeys: keys, sent };
}

/** The value behind a pointer, once there is room for it; undefined if chunks of it are gone. */
export function fetchLargeValue(
  context: StoreContext,
  shard: ShardPlace,
  pointer: ValuePointer,
  room: ValueRoom | undefined,
): Promise<Uint8Array | undefined> {
  return withRoom(room, pointer.bytes, () => fetchChunks(context, shard, pointer));
}

async function fetchChunks(
  { router, keys }: StoreContext,
  shard: ShardPlace,
  pointer: ValuePointer,
): Promise<Uint8Array | undefined> {
  const value = Buffer.allocUnsafeSlow(pointer.bytes);
  const found = await Promise.all(
    chunkKeys({ keys }, shard, pointer).map(async (key, index) => {
      const chunk = await read(router, shard.slot, ["GET", key]);
      if (chunk instanceof Buffer) value.set(chunk, index * chunkBytes);
      return chunk instanceof Buffer;
    }),
  );
  return found.every(Boolean) ? value : undefined;
}

/** The error for a large value whose entry is there and whose chunks are not. */
export function chunksLost(context: StoreContext, dictId: string): Error {
  return dataLoss(context, `a part of a large value of dict '${dictId}'`);
}
