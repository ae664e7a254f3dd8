import { setImmediate } from "node:timers";
import { type ContentsParts, type Entry, keysInOneTurn, type ValueRoom } from "@everdict/protocol";
import type { Clock } from "@everdict/store";
import { isLive } from "../index/key-state.ts";
import { readValue } from "../index/value-source.ts";
import { KeyMatcher } from "./key-matcher.ts";
import type { LogDict } from "./log-dict.ts";

const batchMaxEntries = 256;
// What a stream holds if its consumer stops.
const batchMaxBytes = 32 * 1024;
// A consumer that needs no I/O would otherwise hold the event loop from the first batch to the last.
const slotsPerTurnMax = 2048;
const noBytes = new Uint8Array(0);

export interface ContentsOptions {
  readonly parts: ContentsParts;
  /** Where room for large values is reserved. */
  readonly room?: ValueRoom | undefined;
  readonly clock: Clock;
  /** Entries with a version up to this one were durable when the stream began. */
  readonly upToVersion: number;
  /** The dictionary. @throws `dict_not_found` or `store_closed`, from the moment when that is so */
  open(): LogDict;
}

/**
 * Batches of the live entries of a dictionary whose keys match.
 *
 * A table may change during the walk. An existing key keeps its slot, even when it is written again, and a new key may
 * get any slot. So the walk visits each slot once, up to where the slots ended when the stream began, and skips keys
 * that appeared since. A key that was there throughout is met once. A key that was removed and written again is not met
 * a second time. No writer can keep the stream from ending. The stream holds only its place. Values that it reads from
 * the log are not kept in memory, where they would push out values that others read often.
 */
export async function* streamContents(options: ContentsOptions): AsyncGenerator<readonly Entry[]> {
  const { parts, room, clock, upToVersion, open } = options;
  const { table } = open().entries;
  const { end } = table;
  const matcher = parts.match && new KeyMatcher(parts.match);
  const slotsPerTurn = keysInOneTurn(parts.match, slotsPerTurnMax);
  let batch: Entry[] = [];
  let batchBytes = 0;
  let walked = 0;
  for (let slot = table.next(0, end); slot < end; slot = table.next(slot + 1, end)) {
    const state = table.at(slot);
    if (state.appearedAt <= upToVersion && isLive(state, clock()) && matcher?.matches(state) !== false) {
      const key = parts.keys ? state.key() : noBytes;
      let value = parts.values ? readValue(state, undefined, room) : noBytes;
      if (value instanceof Promise) {
        value = await value;
        if (open().entries.table !== table) return;
      }
      batch.push({ key, value });
      batchBytes += key.length + value.length;
    }
    const isFull = batch.length === batchMaxEntries || batchBytes >= batchMaxBytes;
    if (isFull) {
      yield batch;
      batch = [];
      batchBytes = 0;
    }
    const isTurnOver = ++walked % slotsPerTurn === 0;
    if (isTurnOver) await new Promise((resolve) => setImmediate(resolve));
    // Another table: the dictionary was cleared. What was written since need not show.
    if ((isFull || isTurnOver) && open().entries.table !== table) return;
  }
  if (batch.length === 0) return;
  yield batch;
  open();
}
