import { loosely, read, runScript, write } from "../context/commands.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import type { ShardPlace } from "../keys/keyspace.ts";
import { itemsOf } from "../resp/reply.ts";
import { reapScript } from "../scripts/entry-scripts.ts";

/** A large value as the index of its shard has it. */
export interface IndexedValue {
  readonly id: Buffer;
  readonly chunks: number;
  /** From when on it is used no more; 0: it is in use. */
  readonly retiredAtMs: number;
}

/** Every large value in the index of a shard. */
export async function largeValuesOf(context: StoreContext, shard: ShardPlace): Promise<IndexedValue[]> {
  const items = itemsOf(await read(context.router, shard.slot, ["HGETALL", shard.indexKey]));
  const values: IndexedValue[] = [];
  for (let index = 0; index < items.length; index += 2) {
    const record = items[index + 1] as Buffer;
    values.push({
      id: items[index] as Buffer,
      retiredAtMs: record.readUIntBE(0, 6),
      chunks: record.readUInt32BE(6),
    });
  }
  return values;
}

/** The keys of a large value's chunks. */
export function chunkKeys(
  { keys }: Pick<StoreContext, "keys">,
  shard: ShardPlace,
  { id, chunks }: Pick<IndexedValue, "id" | "chunks">,
): string[] {
  return Array.from({ length: chunks }, (_, index) => keys.chunk(shard, id, index));
}

/** Removes all large values of a shard that is gone. Safe to repeat. */
export async function removeLargeValues(context: StoreContext, shard: ShardPlace): Promise<void> {
  const values = await largeValuesOf(context, shard);
  if (values.length === 0) return;
  for (const value of values) {
    await write(context.router, shard.slot, ["UNLINK", ...chunkKeys(context, shard, value)]);
  }
  await write(context.router, shard.slot, ["UNLINK", shard.indexKey]);
}

/**
 * Removes the chunks of a large value, if it is used no more. A failure is of no interest: what stays is found by
 * the next sweep.
 */
export async function reapLargeValue(
  context: StoreContext,
  shard: ShardPlace,
  value: Pick<IndexedValue, "id" | "chunks">,
  options: { readonly evenIfRemembered: boolean } = { evenIfRemembered: false },
): Promise<void> {
  const keys = [shard.indexKey, ...chunkKeys(context, shard, value)];
  const args = [value.id, wholeMs(context), options.evenIfRemembered ? "1" : "0"];
  try {
    await runScript(context.router, reapScript, { slot: shard.slot, keys, args }, loosely);
  } catch {
    // See above.
  }
}
