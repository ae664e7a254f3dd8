import type { Segment } from "./segment.ts";

/** Where a record is. */
export interface RecordPlace {
  readonly segment: Segment;
  readonly offset: number;
  /** The whole record's, in bytes. */
  readonly length: number;
}

/**
 * What decides a key.
 *
 * - `put`: the record is a put; the entry is there, though it may be past its end and not yet swept.
 * - `swept`: the record is a put that ended and was swept. It still stands in front of older ones.
 * - `removed`: the record is a removal, standing in front of older puts.
 */
export type Decision = "put" | "swept" | "removed";

/** Segments of older puts of a key: none, one (nearly always), or several. */
export type OlderPuts = undefined | Segment | readonly Segment[];

/**
 * The state of one key in one generation of a dictionary: the last record about it, and what memory knows.
 *
 * `olderPuts` is why a removal may have to outlive the entry: it names the segments, other than the deciding
 * record's own, in which the last record about this key is a put. Should the deciding record vanish while one of
 * them is still there, a restart would bring the old put back. So as long as the set is not empty a decision
 * against the entry is kept, in memory and in the log; once it is empty nothing needs to be kept.
 */
export class KeyState {
  readonly text: string;
  decision: Decision = "put";
  segment: Segment;
  offset: number;
  length: number;
  /** The sequence number of the record that wrote the entry; copies keep it. */
  readonly version: number;
  expiresAtMs: number;
  /** The version with which the key appeared; writing over a live entry keeps it. */
  appearedAt: number;
  olderPuts: OlderPuts = undefined;
  /** The group whose flush makes this state durable. */
  readonly group: number;
  /** A copy of the record is on its way into the log; until it is there the state must not be swept. */
  isMoving = false;
  /** The record that moved the expiry, if one did since the entry was written. */
  touch: RecordPlace | undefined = undefined;
  /** The value, if it is kept in memory. */
  value: Buffer | undefined = undefined;
  /** Since the cache last came by. */
  wasRead = false;
  /** Neighbours in an `ExpiryList`. */
  earlier: KeyState | undefined = undefined;
  later: KeyState | undefined = undefined;

  constructor(text: string, place: RecordPlace, version: number, expiresAtMs: number, group: number) {
    this.text = text;
    this.segment = place.segment;
    this.offset = place.offset;
    this.length = place.length;
    this.version = version;
    this.expiresAtMs = expiresAtMs;
    this.appearedAt = version;
    this.group = group;
  }

  /** Whether there is an entry that can be seen at that moment. */
  isLive(nowMs: number): boolean {
    return this.decision === "put" && nowMs < this.expiresAtMs;
  }

  /** Whether this record decides the key. */
  isAt(segment: Segment, offset: number): boolean {
    return this.segment === segment && this.offset === offset;
  }

  /** Names the record that decides the key from now on. */
  moveTo(place: RecordPlace): void {
    this.segment = place.segment;
    this.offset = place.offset;
    this.length = place.length;
  }

  /** Forgets that a segment holds an older put: it is about to go. */
  forgetOlderPut(segment: Segment): void {
    const present = this.olderPuts;
    if (present === segment) this.olderPuts = undefined;
    if (!Array.isArray(present) || !present.includes(segment)) return;
    const rest = present.filter((other) => other !== segment);
    this.olderPuts = rest.length === 1 ? rest[0] : rest;
  }

  /** What `olderPuts` is for a later decision about the same key in `segment`. */
  olderPutsFrom(segment: Segment): OlderPuts {
    const present = this.olderPuts;
    if (this.decision === "removed" || this.segment === segment) return present;
    if (present === undefined) return this.segment;
    return Array.isArray(present) ? [...present, this.segment] : [present as Segment, this.segment];
  }
}
