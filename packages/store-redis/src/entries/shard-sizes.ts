/**
 * Reports when a dictionary outgrows its shards. A shard moves between servers as a whole, and stops its server for 15
 * ms at 10,000 entries, and for 180 ms at 100,000.
 *
 * It looks where that costs nothing: in every `len`, and from time to time when entries are written. The shards of a
 * dictionary have about the same size, so one stands for all.
 */

import { readingOnce, send } from "../context/commands.ts";
import type { StoreContext } from "../context/store-context.ts";
import type { OpenDict } from "../registry/open-dict.ts";

/** With this many entries in a shard, its dictionary should have had more shards. */
export const shardWarningEntries = 50_000;
/** With this many entries, moving a shard hurts. */
export const shardAlarmEntries = 100_000;
/** This many entries are written between two looks. */
const writtenPerLook = 1_000;

/** Looks at how large shards are. */
export class ShardSizes {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Notes that entries were written to a shard. */
  wrote(dict: OpenDict, shard: number, entries: number): void {
    dict.writtenSinceLook += entries;
    if (dict.writtenSinceLook < writtenPerLook) return;
    dict.writtenSinceLook = 0;
    const { slot, key } = dict.shards[shard]!;
    send(this.#context.router, slot, ["HLEN", key], readingOnce).then(
      (length) => this.note(dict, Number(length) - 1),
      // The next look may be luckier.
      () => {},
    );
  }

  /** Notes how many entries a shard has. */
  note(dict: OpenDict, entries: number): void {
    const { counters, warn } = this.#context;
    counters.largestShardEntries = Math.max(counters.largestShardEntries, entries);
    const size = entries < shardWarningEntries ? "good" : entries < shardAlarmEntries ? "large" : "huge";
    if (size === dict.shardSize) return;
    const hasGrown = size === "huge" || dict.shardSize === "good";
    dict.shardSize = size;
    if (!hasGrown) return;
    if (size === "large") counters.dictsWithLargeShards++;
    else counters.dictsWithHugeShards++;
    warn(
      `a shard of dict '${dict.name}' (${dict.id}) has ${entries} entries, 25,000 is a good size: servers stop for as ` +
        "long as it moves, so it should be created anew with more than its " +
        `${dict.shards.length} shards (docs/cluster.md, "How large")`,
    );
  }
}
