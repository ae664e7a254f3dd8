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
export type StoreCounters = ReturnType<typeof newCounters>;

/** Counters of a store that is about to be opened. */
export function newCounters() {
  return {
    /** Times that something that must be there was not. */
    dataLoss: 0,
    /** Times that a record was met which this version did not write. */
    foreignRecords: 0,
    /** Entries and dictionaries removed by sweeping. */
    sweptEntries: 0,
    /** Entries looked at by sweeping. */
    sweepScanned: 0,
    /** Dictionaries whose look for expired entries came to its end. */
    sweepPasses: 0,
    /** Shards that a stream began again because their connection changed. */
    scanRestarts: 0,
    /** Times a large value was replaced while it was read. */
    largeValueRereads: 0,
    /** Entries of the largest shard that was seen. */
    largestShardEntries: 0,
    /** Times that a dictionary's shards were seen to have outgrown 50,000 entries. */
    dictsWithLargeShards: 0,
    /** Times that a dictionary's shards were seen to have outgrown 100,000 entries. */
    dictsWithHugeShards: 0,
  };
}

/** The time in whole milliseconds, as scripts and servers take it. */
export function wholeMs({ clock }: Pick<StoreContext, "clock">): number {
  return Math.floor(clock());
}
