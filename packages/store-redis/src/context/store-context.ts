import type { Clock } from "@everdict/store";
import type { Router } from "../cluster/router.ts";
import type { Keyspace } from "../keys/keyspace.ts";

/** What all parts of a store share. */
export interface StoreContext {
  readonly router: Router;
  readonly keys: Keyspace;
  readonly clock: Clock;
  readonly counters: StoreCounters;
  /** Tells the operator what is not as it should be. */
  readonly warn: (message: string) => void;
  /** When the operator was last told of a loss, by message. */
  readonly said: Map<string, number>;
}

/** What a store counts itself, besides its router. */
export interface StoreCounters {
  /** Times that something that must be there was not. */
  dataLoss: number;
  /** Times that a record was met which this version did not write. */
  foreignRecords: number;
  /** Entries and dictionaries removed by sweeping. */
  sweptEntries: number;
  /** Entries looked at by sweeping. */
  sweepScanned: number;
  /** Dictionaries whose look for expired entries came to its end. */
  sweepPasses: number;
  /** Shards that a stream began again because their connection changed. */
  scanRestarts: number;
  /** Times a large value was replaced while it was read. */
  largeValueRereads: number;
  /** Entries of the largest shard that was seen. */
  largestShardEntries: number;
  /** Times that a dictionary's shards were seen to have outgrown 50,000 entries. */
  dictsWithLargeShards: number;
  /** Times that a dictionary's shards were seen to have outgrown 100,000 entries. */
  dictsWithHugeShards: number;
}

/** The time in whole milliseconds, as scripts and servers take it. */
export function wholeMs({ clock }: Pick<StoreContext, "clock">): number {
  return Math.floor(clock());
}
