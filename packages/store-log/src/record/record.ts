/**
 * The record: the one unit of the log.
 *
 * | offset | size | field |
 * | ---: | ---: | --- |
 * | 0 | 4 | CRC-32C of everything after it, begun with a seed |
 * | 4 | 4 | length of the whole record, in bytes |
 * | 8 | 8 | sequence number: strictly increasing through the whole log |
 * | 16 | 1 | operation |
 * | 17 | 1 | 1 if the record ends its commit |
 * | 18 | 2 | zero |
 * | 20 | 4 | flushed to |
 * | 24 | 4 | dictionary number |
 * | 28 | 4 | generation of the dictionary: counts its clears |
 * | 32 | 8 | version of the entry: the sequence number of the record that wrote it |
 * | 40 | 8 | absolute expiry in milliseconds since the epoch, a double; infinite for never |
 * | 48 | 4 | length of the key |
 * | 52 | | key, then value |
 *
 * All numbers are little-endian. A *commit* is a run of records of which only the last ends it: it is replayed whole or
 * not at all. `flushedTo` is an offset in the segment: the record was written only after everything in front of that
 * offset, and every earlier segment, had been flushed. So a valid record proves that all bytes before its `flushedTo`
 * had been durable. That distinguishes a torn end of the log from damage. Behind a torn end nothing valid follows, or
 * only records that did not wait for a flush of the broken bytes.
 *
 * The seed (`checksumSeed`) depends on the segment and the offset. A caller who only writes values does not know it. So
 * the bytes of a record inside a value never look like a record of the log.
 *
 * A copy that compaction makes is a `put` whose version is older than its sequence number. An entry that has a time to
 * live of its own has an `ownTouch` behind its put, in the same commit.
 */

import { copyBytes } from "../bytes/copy-bytes.ts";
import { crc32c } from "../bytes/crc32c.ts";

/** Bytes of a record before its key. */
export const recordHeaderBytes = 52;

/** What a record does. The numbers are on disk. */
export const RecordKind = {
  /** The entry has this value and expiry. */
  put: 1,
  /** The entry is gone. */
  remove: 2,
  /** The entry of this version has this expiry. */
  touch: 3,
  /** The sealed segments there are. Belongs to no dictionary. */
  manifest: 4,
  /** As `touch`, and the entry has the time to live that is the value: milliseconds, a double. */
  ownTouch: 5,
} as const;

/** One of {@link RecordKind}. */
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** Whether records of a kind move the end of an entry. */
export function movesEnd(kind: RecordKind): boolean {
  return kind === RecordKind.touch || kind === RecordKind.ownTouch;
}

/** The length of the value of an `ownTouch`. */
export const ownTtlBytes = 8;

/** The value of an `ownTouch`. */
export function encodeOwnTtl(ownTtlMs: number): Buffer {
  const bytes = Buffer.allocUnsafe(ownTtlBytes);
  bytes.writeDoubleLE(ownTtlMs);
  return bytes;
}

/** The entry's own time to live that a record which moves its end gives it; undefined: it has none. */
export function ownTtlOf(record: { readonly kind: RecordKind; value(): Buffer }): number | undefined {
  return record.kind === RecordKind.ownTouch ? record.value().readDoubleLE() : undefined;
}

/** What to write. Lengths, checksum and `flushedTo` are the encoder's business. */
export interface RecordFields {
  readonly kind: RecordKind;
  readonly endsCommit: boolean;
  readonly sequence: number;
  readonly dict: number;
  readonly generation: number;
  readonly version: number;
  readonly expiresAtMs: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const lastKind = RecordKind.ownTouch;
const twoTo32 = 0x1_0000_0000;

/** What the checksum of a record at that offset begins with, in the segment of that salt. */
export function checksumSeed(salt: number, offset: number): number {
  return (salt ^ Math.imul(offset, 0x9e3779b1)) >>> 0;
}

/** The length of the record of a key and a value of these lengths. */
export function recordBytes(keyBytes: number, valueBytes: number): number {
  return recordHeaderBytes + keyBytes + valueBytes;
}

/** Bytes, and a view on them: what it writes are single instructions, which the calls of a `Buffer` are not. */
export class RecordTarget {
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/** Writes everything but checksum and value. */
export function encodeRecordHead(
  { bytes, view }: RecordTarget,
  at: number,
  fields: RecordFields,
  flushedTo: number,
): void {
  const { key, value, sequence, version } = fields;
  view.setUint32(at + 4, recordBytes(key.length, value.length), true);
  setUint64(view, at + 8, sequence);
  view.setUint32(at + 16, fields.kind | (fields.endsCommit ? 1 << 8 : 0), true);
  view.setUint32(at + 20, flushedTo, true);
  view.setUint32(at + 24, fields.dict, true);
  view.setUint32(at + 28, fields.generation, true);
  setUint64(view, at + 32, version);
  view.setFloat64(at + 40, fields.expiresAtMs, true);
  view.setUint32(at + 48, key.length, true);
  copyBytes(key, 0, bytes, at + recordHeaderBytes, key.length);
}

/** A quick check that nearly all bytes fail if they are no record. So a search need not read a head at every offset. */
export function mayBeRecord(bytes: Buffer, at: number): boolean {
  const kind = bytes[at + 16]!;
  return kind >= RecordKind.put && kind <= lastKind && bytes[at + 17]! <= 1 && bytes[at + 18]! === 0;
}

/** What {@link RecordView.read} found. `short`: the bytes end before the record does. */
export type RecordStatus = "whole" | "short" | "bad";

/** A window on one record in a buffer. Reused from record to record, so that reading a log allocates nothing. */
export class RecordView {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  length = 0;
  kind: RecordKind = RecordKind.put;
  endsCommit = false;
  sequence = 0;
  flushedTo = 0;
  dict = 0;
  generation = 0;
  version = 0;
  expiresAtMs = 0;
  keyLength = 0;

  /** Reads the record at `at`, of which nothing at or past `end` may be looked at, and checks its checksum. */
  read(bytes: Buffer, at: number, end: number, seed: number): RecordStatus {
    const status = this.readHead(bytes, at, end);
    if (status !== "whole") return status;
    return crc32c(bytes, at + 4, at + this.length, seed) === bytes.readUInt32LE(at) ? "whole" : "bad";
  }

  /** As `read`, but believes the checksum. `length` is set even if the answer is `short`, if there is one. */
  readHead(bytes: Buffer, at: number, end: number): RecordStatus {
    this.length = recordHeaderBytes;
    if (end - at < recordHeaderBytes) return "short";
    this.bytes = bytes;
    this.start = at;
    this.length = bytes.readUInt32LE(at + 4);
    this.sequence = readUint64(bytes, at + 8);
    this.kind = bytes[at + 16] as RecordKind;
    this.endsCommit = bytes[at + 17] === 1;
    this.flushedTo = bytes.readUInt32LE(at + 20);
    this.dict = bytes.readUInt32LE(at + 24);
    this.generation = bytes.readUInt32LE(at + 28);
    this.version = readUint64(bytes, at + 32);
    this.expiresAtMs = bytes.readDoubleLE(at + 40);
    this.keyLength = bytes.readUInt32LE(at + 48);
    if (!this.#isPlausible()) return "bad";
    return this.length > end - at ? "short" : "whole";
  }

  /** Where the record ends, in the buffer. */
  get end(): number {
    return this.start + this.length;
  }

  /** Where the key begins, in the buffer. */
  get keyStart(): number {
    return this.start + recordHeaderBytes;
  }

  /** Where the value begins, in the buffer. */
  get valueStart(): number {
    return this.keyStart + this.keyLength;
  }

  /** The key, as a view on the buffer. */
  key(): Buffer {
    return this.bytes.subarray(this.keyStart, this.valueStart);
  }

  /** The value, as a view on the buffer. */
  value(): Buffer {
    return this.bytes.subarray(this.valueStart, this.end);
  }

  // Bounds the length before anything is allocated or summed for it, and lets a search for records skip nearly
  // every offset without a checksum.
  #isPlausible(): boolean {
    return (
      this.length >= recordHeaderBytes &&
      this.keyLength <= this.length - recordHeaderBytes &&
      this.kind >= RecordKind.put &&
      this.kind <= lastKind &&
      this.bytes[this.start + 17]! <= 1 &&
      this.bytes.readUInt16LE(this.start + 18) === 0
    );
  }
}

function setUint64(target: DataView, at: number, value: number): void {
  target.setUint32(at, value % twoTo32, true);
  target.setUint32(at + 4, Math.floor(value / twoTo32), true);
}

function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * twoTo32 + bytes.readUInt32LE(at);
}
