import { nextSlice, sliceBytes } from "@everdict/protocol";
import type { Durability } from "@everdict/store";
import { crc32c } from "../bytes/crc32c.ts";
import type { RecordBytes } from "../index/decided-key.ts";
import {
  checksumSeed,
  encodeRecordHead,
  type RecordFields,
  RecordTarget,
  recordBytes,
  recordHeaderBytes,
} from "../record/record.ts";
import type { Segment } from "../segments/segment.ts";

/**
 * Records up to this size are copied into a shared chunk with their neighbours. A larger value is a part of its own, so
 * that it is copied at most once. It gets its checksum when the group is written, with pauses.
 */
export const inlineMaxBytes = 4096;
// Chunks double, so that a group of one small record does not cost what a group of thousands does.
const firstChunkBytes = 4096;
const chunkMaxBytes = 256 * 1024;
const noChunk = new RecordTarget(Buffer.alloc(0));
// Checksums of more small records than that in one group are left for the write, too.
const promptChecksumMaxBytes = 8 * 1024 * 1024;
const noBytes = Buffer.alloc(0);

interface DeferredChecksum {
  readonly head: Buffer;
  readonly at: number;
  readonly seed: number;
  readonly headBytes: number;
  readonly value: Buffer;
}

/**
 * A commit group as one call sees it: "durable" means as durable as the call's dictionary promises. See
 * `LogWriter.current`.
 */
export interface RecordGroup {
  /** Counts groups. */
  readonly number: number;
  /** The length of the group so far. */
  readonly bytes: number;
  /** Resolves when the call's records are as durable as promised and their effects are applied. */
  readonly durable: Promise<void>;
  /**
   * Adds a record and returns where it will be. Copies key and value.
   *
   * @param ownValue - the value, if the caller has a copy that nobody else changes: then it is not copied again
   */
  append(fields: RecordFields, ownValue?: Buffer): RecordBytes;
  /** Has something done in memory when the records are as durable as promised, in the order of the calls. */
  onDurable(effect: () => void): void;
}

/** Where a group is in its segment. */
export interface GroupPlace {
  readonly segment: Segment;
  /** Everything in front of this offset is flushed before a byte of the group is written. */
  readonly flushedTo: number;
  /** Whether all calls in it wait for its flush, whatever their durability. */
  readonly isFlushedForAll: boolean;
}

/**
 * A group is written at once. It holds the records of the calls that came in while the group before it was on its way,
 * and their effects in memory. It has two sides, which take effect one after the other: that of calls that only wait
 * for the write, and that of calls that wait for a flush.
 */
export class CommitGroup {
  readonly number: number;
  readonly segment: Segment;
  /** The offset of its first byte in the segment. */
  readonly start: number;
  readonly flushedTo: number;
  /** May become true while calls still come. */
  isFlushedForAll: boolean;
  /** The highest sequence number of its records. */
  lastSequence = 0;
  /** Whether a call asked for a flush within about a second. */
  isFlushedSoon = false;
  #parts: Buffer[] = [];
  readonly #deferred: DeferredChecksum[] = [];
  #flushedSide: GroupSide | undefined;
  #writtenSide: GroupSide | undefined;
  #chunk = noChunk;
  /** Where the part that is not yet in `#parts` begins and ends. */
  #chunkStart = 0;
  #chunkUsed = 0;
  #bytes = 0;
  #isWritten = false;
  /** How many bytes of small records have had their checksums at once. */
  #promptBytes = 0;

  constructor(number: number, { segment, flushedTo, isFlushedForAll }: GroupPlace) {
    this.number = number;
    this.segment = segment;
    this.start = segment.bytes;
    this.flushedTo = flushedTo;
    this.isFlushedForAll = isFlushedForAll;
  }

  /** Its length so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Where it ends in the segment, so far. */
  get end(): number {
    return this.start + this.#bytes;
  }

  /** The bytes to write, in order. Complete only after `finish`. */
  get parts(): readonly Buffer[] {
    return this.#parts;
  }

  /** Whether a call waits for its flush. */
  get needsFlush(): boolean {
    return this.#flushedSide !== undefined;
  }

  /** Whether a call waits for its write only. */
  get isRelaxed(): boolean {
    return this.#writtenSide !== undefined;
  }

  /** The group as a call of that durability sees it. */
  side(durability: Durability): RecordGroup {
    if (durability === "sync" || this.isFlushedForAll) {
      this.#flushedSide ??= new GroupSide(this);
      return this.#flushedSide;
    }
    if (durability === "everysec") this.isFlushedSoon = true;
    this.#writtenSide ??= new GroupSide(this);
    return this.#writtenSide;
  }

  /** Resolves when what calls of that durability wrote here is so durable; undefined if it is, or there were none. */
  whenDurable(durability: Durability): Promise<void> | undefined {
    const isFlush = durability === "sync" || this.isFlushedForAll;
    if (isFlush && this.#flushedSide !== undefined) return this.#flushedSide.durable;
    return durability === "sync" || this.#isWritten ? undefined : this.#writtenSide?.durable;
  }

  /** Adds bytes that are no record. */
  appendRaw(bytes: Buffer): void {
    const chunk = this.#reserve(bytes.length);
    chunk.bytes.set(bytes, this.#chunkUsed);
    this.#chunkUsed += bytes.length;
    this.#bytes += bytes.length;
  }

  /** See `RecordGroup.append`. */
  append(fields: RecordFields, ownValue?: Buffer): RecordBytes {
    const { key, value } = fields;
    const offset = this.start + this.#bytes;
    const length = recordBytes(key.length, value.length);
    const isLarge = length > inlineMaxBytes;
    const target = this.#reserve(isLarge ? length - value.length : length);
    const { bytes } = target;
    const start = this.#chunkUsed;
    encodeRecordHead(target, start, fields, this.flushedTo);
    const seed = checksumSeed(this.segment.salt, offset);
    const largeValue = isLarge ? (ownValue ?? Buffer.from(value)) : undefined;
    if (largeValue === undefined) {
      bytes.set(value, start + recordHeaderBytes + key.length);
      this.#chunkUsed += length;
      this.#promptBytes += length;
      if (this.#promptBytes > promptChecksumMaxBytes) {
        this.#deferred.push({ head: bytes, at: start, seed, headBytes: length, value: noBytes });
      } else {
        target.view.setUint32(start, crc32c(bytes, start + 4, start + length, seed), true);
      }
    } else {
      this.#appendValue({
        head: bytes,
        at: start,
        seed,
        headBytes: length - value.length,
        value: largeValue,
      });
    }
    this.#bytes += length;
    this.lastSequence = fields.sequence;
    return { segment: this.segment, offset, length, bytes, start, largeValue };
  }

  /**
   * Completes the parts: at once (undefined) unless there is much to take checksums of, for which it pauses between
   * slices, so that the event loop is not held up.
   */
  finish(): Promise<void> | undefined {
    this.#closeChunk();
    return this.#deferred.length === 0 ? undefined : this.#finishLarge();
  }

  /** The group is in the file. Applies at one instant the effects that waited for that, then resolves the calls. */
  completeWritten(): void {
    // It may wait for a flush for long: by then what is of no more use would have grown old in memory.
    this.#parts = [];
    this.#chunk = noChunk;
    this.#isWritten = true;
    this.#writtenSide?.complete();
  }

  /** The group is on disk. Applies at one instant the effects that waited for that, then resolves the calls. */
  completeFlushed(): void {
    this.#flushedSide?.complete();
  }

  /** What calls still wait for will never be. */
  fail(error: unknown): void {
    this.#writtenSide?.fail(error);
    this.#flushedSide?.fail(error);
  }

  async #finishLarge(): Promise<void> {
    let untilPause = sliceBytes;
    for (const { head, at, seed, headBytes, value } of this.#deferred) {
      let crc = crc32c(head, at + 4, at + headBytes, seed);
      untilPause -= headBytes;
      for (let start = 0; start < value.length; ) {
        if (untilPause <= 0) {
          await nextSlice();
          untilPause = sliceBytes;
        }
        const end = Math.min(value.length, start + untilPause);
        crc = crc32c(value, start, end, crc);
        untilPause -= end - start;
        start = end;
      }
      head.writeUInt32LE(crc, at);
      if (untilPause > 0) continue;
      await nextSlice();
      untilPause = sliceBytes;
    }
  }

  /** A large value becomes a part of its own. */
  #appendValue(deferred: DeferredChecksum): void {
    this.#chunkUsed += deferred.headBytes;
    this.#deferred.push(deferred);
    this.#closeChunk();
    this.#parts.push(deferred.value);
  }

  /** A chunk with room for this many bytes at `#chunkUsed`. */
  #reserve(bytes: number): RecordTarget {
    const { length } = this.#chunk.bytes;
    if (this.#chunkUsed + bytes > length) {
      this.#closeChunk();
      const doubled = Math.min(chunkMaxBytes, Math.max(firstChunkBytes, length * 2));
      this.#chunk = new RecordTarget(Buffer.allocUnsafeSlow(Math.max(bytes, doubled)));
      this.#chunkStart = 0;
      this.#chunkUsed = 0;
    }
    return this.#chunk;
  }

  /** Makes what the chunk holds so far a part of its own; the rest of it stays in use. */
  #closeChunk(): void {
    if (this.#chunkUsed > this.#chunkStart) {
      this.#parts.push(this.#chunk.bytes.subarray(this.#chunkStart, this.#chunkUsed));
      this.#chunkStart = this.#chunkUsed;
    }
  }
}

/** The calls of a group that wait for the same. */
class GroupSide implements RecordGroup {
  readonly durable: Promise<void>;
  readonly #group: CommitGroup;
  #effects: (() => void)[] = [];
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(group: CommitGroup) {
    this.#group = group;
    this.durable = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A group nobody waits for (touches, copies) must not end the process by failing.
    this.durable.catch(() => {});
  }

  get number(): number {
    return this.#group.number;
  }

  get bytes(): number {
    return this.#group.bytes;
  }

  append(fields: RecordFields, ownValue?: Buffer): RecordBytes {
    return this.#group.append(fields, ownValue);
  }

  onDurable(effect: () => void): void {
    this.#effects.push(effect);
  }

  complete(): void {
    for (const effect of this.#effects) effect();
    this.#effects = [];
    this.#resolve();
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
