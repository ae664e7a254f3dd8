import type { Segment } from "../segments/segment.ts";

/** Where a record is. */
export interface RecordPlace {
  readonly segment: Segment;
  readonly offset: number;
  /** The whole record's, in bytes. */
  readonly length: number;
}

/** Where the record is that last moved the end of an entry. */
export interface TouchPlace extends RecordPlace {
  /** The entry's own time to live in milliseconds, which the record says; undefined: the dictionary's. */
  readonly ownTtlMs: number | undefined;
}

/**
 * The record that decides a key.
 *
 * - `put`: the record is a put; the entry is there, though it may be past its end and not yet swept.
 * - `swept`: the record is a put that ended and was swept. It still stands in front of older ones.
 * - `removed`: the record is a removal, standing in front of older puts.
 */
export type Decision = "put" | "swept" | "removed";

/** The state of one key in one generation of a dictionary: the last record about it, and what memory knows. */
export interface KeyState extends RecordPlace {
  readonly decision: Decision;
  /** The sequence number of the record that wrote the entry; copies keep it. */
  readonly version: number;
  readonly expiresAtMs: number;
  /** The entry's own time to live in milliseconds; undefined: the dictionary's, or it never ends. */
  readonly ownTtlMs: number | undefined;
  /** The group whose flush makes this state durable; 0 if it is. */
  readonly group: number;
  readonly keyLength: number;
  /** The value, if it is in memory. Not to be changed. */
  value(): Buffer | undefined;
}

/** Whether there is an entry that can be seen at that moment. */
export function isLive(state: KeyState, nowMs: number): boolean {
  return state.decision === "put" && nowMs < state.expiresAtMs;
}
