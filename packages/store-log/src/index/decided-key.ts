import { equalBytes } from "../bytes/equal-bytes.ts";
import { recordHeaderBytes } from "../record/record.ts";
import type { Segment } from "../segments/segment.ts";
import type { Decision, KeyState } from "./key-state.ts";

/** Where a group has the bytes of a record, before they are written and after. */
export interface RecordBytes {
  readonly segment: Segment;
  readonly offset: number;
  readonly length: number;
  /** Holds the record from `start` on, or all but the value if that is apart. Nobody changes it. */
  readonly bytes: Buffer;
  readonly start: number;
  /** The value of a large record. */
  readonly largeValue: Buffer | undefined;
}

/** A decision about a key that is not durable yet: what will decide it once its group is. */
export class DecidedKey implements KeyState {
  /** Of the key. */
  readonly hash: number;
  readonly keyLength: number;
  readonly decision: Decision;
  readonly version: number;
  readonly expiresAtMs: number;
  readonly group: number;
  readonly record: RecordBytes;
  /** Of its chain in `PendingKeys`. */
  next: DecidedKey | undefined;

  constructor(
    hash: number,
    keyLength: number,
    decision: Decision,
    version: number,
    expiresAtMs: number,
    group: number,
    record: RecordBytes,
  ) {
    this.hash = hash;
    this.keyLength = keyLength;
    this.decision = decision;
    this.version = version;
    this.expiresAtMs = expiresAtMs;
    this.group = group;
    this.record = record;
    this.next = undefined;
  }

  get ownTtlMs(): number | undefined {
    return undefined;
  }

  get segment(): Segment {
    return this.record.segment;
  }

  get offset(): number {
    return this.record.offset;
  }

  get length(): number {
    return this.record.length;
  }

  get bytes(): Buffer {
    return this.record.bytes;
  }

  /** Where the key begins in `bytes`. */
  get keyStart(): number {
    return this.record.start + recordHeaderBytes;
  }

  /** Where the value begins in `bytes`, unless it is a large one. */
  get valueStart(): number {
    return this.keyStart + this.keyLength;
  }

  get valueLength(): number {
    return this.record.length - recordHeaderBytes - this.keyLength;
  }

  /** Whether `other[start, start + length)` is the key. */
  isKey(other: Uint8Array, start: number, length: number): boolean {
    return length === this.keyLength && equalBytes(this.bytes, this.keyStart, other, start, length);
  }

  key(): Buffer {
    return this.bytes.subarray(this.keyStart, this.valueStart);
  }

  value(): Buffer | undefined {
    const { valueStart } = this;
    return this.record.largeValue ?? this.bytes.subarray(valueStart, valueStart + this.valueLength);
  }
}
