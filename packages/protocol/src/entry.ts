import type { TimeToLiveMs } from "./commit.ts";

/** Key and value of an entry, as opaque bytes. */
export interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** An entry to write, and when it ends. */
export interface TimedEntry extends Entry {
  /** Beats the dictionary's policy for this entry until it is written again. Absent: as the policy says. */
  readonly ttlMs?: TimeToLiveMs | undefined;
}
