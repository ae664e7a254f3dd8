import { KeyHasher } from "../bytes/key-hasher.ts";
import { KeySecret } from "../files/key-secret.ts";
import { EntryMemory } from "../index/entry-memory.ts";
import type { RecordPlace } from "../index/key-state.ts";
import type { KeyTable } from "../index/key-table.ts";
import type { SlotState } from "../index/slot-state.ts";
import { ValueCache } from "../index/value-cache.ts";
import { recordHeaderBytes } from "../record/record.ts";
import { SegmentSet } from "../segments/segment-set.ts";

const dictNumber = 1000;
const hasher = new KeyHasher(new KeySecret().hashes);
const never = Number.POSITIVE_INFINITY;

/** A table of keys apart from a store: its records are numbers, and in no file. */
export class TableOnly {
  readonly memory: EntryMemory;
  readonly segments = new SegmentSet("/nowhere");
  readonly table: KeyTable;
  version = 0;
  #offset = 0;

  /** @param like - whose memory it shares */
  constructor(cache = new ValueCache(0), like?: TableOnly, memoryMaxBytes = never) {
    this.segments = like?.segments ?? this.segments;
    this.memory = like?.memory ?? new EntryMemory(this.segments, cache, memoryMaxBytes, hasher);
    if (like === undefined) this.segments.startNext();
    this.table = this.memory.emptyTable(dictNumber, 0);
  }

  /** A put of a key became durable. */
  put(key: Buffer, expiresAtMs = never, valueBytes = 0): SlotState {
    const { segment, offset, length } = this.#place(recordHeaderBytes + key.length + valueBytes);
    const version = ++this.version;
    const record = { length, version, expiresAtMs, bytes: key, keyStart: 0, keyLength: key.length };
    return this.table.at(this.table.put(record, segment, offset));
  }

  /** A removal of a key became durable. */
  remove(key: Buffer): void {
    this.version++;
    this.table.remove(key, this.#place(recordHeaderBytes + key.length));
  }

  /** A record that moves the end of an entry became durable. */
  moveEnd(state: SlotState, expiresAtMs: number): void {
    const place = this.#place(recordHeaderBytes + state.keyLength);
    this.table.setEnd(state, expiresAtMs);
    this.table.touch(state, { ...place, ownTtlMs: undefined });
  }

  #place(length: number): RecordPlace {
    this.#offset += length;
    return { segment: this.segments.active!, offset: this.#offset, length };
  }
}

/** All bytes of records that the segments count as alive. */
export function liveBytes(segments: SegmentSet): number {
  return [...segments.all()].reduce((sum, segment) => sum + segment.liveBytes, 0);
}
