import type { DurationCounts } from "@everdict/protocol";

/**
 * What a store counts, for metrics. All of it costs next to nothing to count and to ask for. Counters begin with the
 * opening of the store and never go down; sizes are those of the moment. What a store does not have is absent.
 */
export interface StoreActivity {
  readonly kind: "memory" | "log" | "cluster";
  /** Entries of all dictionaries, expired ones that are not yet swept included. Absent for a cluster. */
  readonly entries?: number | undefined;
  /** Bytes of their keys and values. */
  readonly entryBytes?: number | undefined;
  readonly dictionaries?: number | undefined;
  /** Entries and dictionaries that were removed because their time was over. */
  readonly expirations: number;
  readonly answers: AnswerActivity;
  readonly log?: LogActivity | undefined;
  readonly cluster?: ClusterActivity | undefined;
}

/** Answers that are kept for repeated calls. */
export interface AnswerActivity {
  /** Recorded so far. */
  readonly recorded: number;
  /** Repeats that got a recorded answer. */
  readonly repeated: number;
  /** Calls that were refused because there was no room to record one. */
  readonly refused: number;
  /** Kept at the moment, and their bytes in memory. */
  readonly kept?: number | undefined;
  readonly bytes?: number | undefined;
}

/** What the log store does. */
export interface LogActivity {
  /** Groups of records that were written together, their records and bytes. */
  readonly groups: number;
  readonly records: number;
  readonly writtenBytes: number;
  /** How long each flush to the disk took. */
  readonly flushes: DurationCounts;
  /** Flushes under way or over, the latest last, at most 256: to see what an operation waited for. Times of `performance.now()`. */
  readonly recentFlushes: readonly { readonly beganMs: number; readonly endedMs: number }[];
  readonly diskBytes: number;
  readonly liveBytes: number;
  readonly segments: number;
  readonly compactions: number;
  readonly compactedBytes: number;
  readonly isCompacting: boolean;
  /** Memory of the index, and of cached values. */
  readonly indexBytes: number;
  readonly cachedBytes: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Refused because the disk or the memory was full. */
  readonly refusedFull: number;
  readonly readErrors: number;
}

/** What the cluster store does. */
export interface ClusterActivity {
  /** Commands sent again, by reason. */
  readonly retries: Readonly<Record<string, number>>;
  /** `MOVED` and `ASK` replies. */
  readonly redirects: number;
  /** Times that a `WAIT` saw too few replicas, and calls given up for that. */
  readonly waitShortfalls: number;
  readonly notReplicated: number;
  readonly deadlinesExceeded: number;
  readonly refusedOverloaded: number;
  /** Dictionaries found to have lost entries, and records that are none of ours. */
  readonly dataLoss: number;
  readonly foreignRecords: number;
  readonly dictsWithLargeShards: number;
  readonly dictsWithHugeShards: number;
  readonly slotMapRefreshes: number;
  readonly slotMapAgeSeconds: number;
  /** How long commands took from queue to reply, and `WAIT`s. */
  readonly commands: DurationCounts;
  readonly waits: DurationCounts;
  readonly nodes: readonly {
    readonly address: string;
    readonly role: "primary" | "replica";
    readonly slots: number;
    readonly isReachable: boolean;
    readonly retries: number;
  }[];
}
