import type { Entry } from "@everdict/protocol";
import type { Clock } from "@everdict/store";
import { keyBytes } from "./key-text.ts";
import type { LogDict } from "./log-dict.ts";
import type { ValueCache } from "./value-cache.ts";
import { readValue } from "./value-source.ts";

const batchMaxEntries = 256;
const batchMaxBytes = 256 * 1024;
// A consumer that needs no I/O would otherwise hold the event loop from the first batch to the last.
const batchesPerTurn = 8;
const noBytes = new Uint8Array(0);

export interface ContentsOptions {
  readonly parts: { readonly keys: boolean; readonly values: boolean };
  readonly clock: Clock;
  readonly cache: ValueCache;
  /** What had a version up to this one was durable when the stream began. */
  readonly upToVersion: number;
  /** The dictionary. @throws `dict_not_found` or `store_closed`, from the moment when that is so */
  open(): LogDict;
}

/**
 * Batches of the live entries of a dictionary.
 *
 * A `Map` may change while it is walked: entries that are there keep their place, those that appear come at the
 * end. So each shard is walked up to the first key that appeared after the stream began: a key that was there
 * throughout is met once, one that was removed and written again is not met a second time, and no writer can keep
 * the stream from ending. Nothing is held but the place in one shard.
 */
export async function* streamContents(options: ContentsOptions): AsyncGenerator<readonly Entry[]> {
  const { parts, clock, cache, upToVersion, open } = options;
  const { table } = open().entries;
  let batch: Entry[] = [];
  let batchBytes = 0;
  let batchCount = 0;
  for (const shard of table.shards()) {
    for (const state of shard.values()) {
      if (state.appearedAt > upToVersion) break;
      if (!state.isLive(clock())) continue;
      const key = parts.keys ? keyBytes(state.text) : noBytes;
      let value = parts.values ? readValue(state, cache) : noBytes;
      if (value instanceof Promise) {
        value = await value;
        if (open().entries.table !== table) return;
      }
      batch.push({ key, value });
      batchBytes += key.length + value.length;
      if (batch.length < batchMaxEntries && batchBytes < batchMaxBytes) continue;
      yield batch;
      batch = [];
      batchBytes = 0;
      if (++batchCount % batchesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
      // Another table: the dictionary was cleared. What was written since need not show.
      if (open().entries.table !== table) return;
    }
  }
  if (batch.length === 0) return;
  yield batch;
  open();
}
