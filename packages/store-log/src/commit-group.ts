import { crc32c } from "./crc32c.ts";
import type { RecordPlace } from "./key-state.ts";
import { encodeRecordHead, type RecordFields, recordBytes, recordHeaderBytes } from "./record.ts";
import type { Segment } from "./segment.ts";

// Records up to this size are copied into a shared chunk with their neighbours; larger values are parts of their
// own, so that they are copied once, and get their checksum when the group is written, with pauses.
const inlineMaxBytes = 4096;
// Chunks double, so that a group of one small record does not cost what a group of thousands does.
const firstChunkBytes = 4096;
const chunkMaxBytes = 256 * 1024;
const checksumSliceBytes = 1024 * 1024;

interface DeferredChecksum {
  readonly head: Buffer;
  readonly at: number;
  readonly headBytes: number;
  readonly value: Buffer;
}

/**
 * What is written and flushed at once: the records of the calls that came in while the group before it was on
 * its way, and what they have to do in memory once they are durable.
 */
export class CommitGroup {
  /** Counts groups; a group is durable if its number is at most the writer's `durableGroup`. */
  readonly number: number;
  readonly segment: Segment;
  /** The offset of its first byte in the segment. */
  readonly start: number;
  /** Resolves when the group is durable and its effects are applied. */
  readonly durable: Promise<void>;
  /** The highest sequence number of its records. */
  lastSequence = 0;
  readonly #parts: Buffer[] = [];
  readonly #effects: (() => void)[] = [];
  readonly #deferred: DeferredChecksum[] = [];
  #chunk = Buffer.alloc(0);
  /** Where the part that is not yet in `#parts` begins and ends. */
  #chunkStart = 0;
  #chunkUsed = 0;
  #bytes = 0;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(number: number, segment: Segment) {
    this.number = number;
    this.segment = segment;
    this.start = segment.bytes;
    this.durable = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A group nobody waits for (touches, copies) must not end the process by failing.
    this.durable.catch(() => {});
  }

  /** Its length so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes to write, in order. Complete only after `finish`. */
  get parts(): readonly Buffer[] {
    return this.#parts;
  }

  /** Adds bytes that are no record. */
  appendRaw(bytes: Buffer): void {
    const chunk = this.#reserve(bytes.length);
    chunk.set(bytes, this.#chunkUsed);
    this.#chunkUsed += bytes.length;
    this.#bytes += bytes.length;
  }

  /**
   * Adds a record and says where it will be. Copies key and value.
   *
   * @param ownValue - the value, if the caller has a copy that nobody else changes: then it is not copied again
   */
  append(fields: RecordFields, ownValue?: Buffer): RecordPlace {
    const { key, value } = fields;
    const offset = this.start + this.#bytes;
    const length = recordBytes(key.length, value.length);
    if (length <= inlineMaxBytes) {
      const chunk = this.#reserve(length);
      const at = this.#chunkUsed;
      encodeRecordHead(chunk, at, fields, this.start);
      chunk.set(value, at + recordHeaderBytes + key.length);
      chunk.writeUInt32LE(crc32c(chunk, at + 4, at + length), at);
      this.#chunkUsed += length;
    } else {
      this.#appendLarge(fields, ownValue ?? Buffer.from(value));
    }
    this.#bytes += length;
    this.lastSequence = fields.sequence;
    return { segment: this.segment, offset, length };
  }

  /** Has something done in memory when the group is durable, in the order of the calls. */
  onDurable(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** Completes the parts. Pauses between slices of large values, so that the event loop is not held up. */
  async finish(): Promise<void> {
    this.#closeChunk();
    for (const { head, at, headBytes, value } of this.#deferred) {
      let crc = crc32c(head, at + 4, at + headBytes);
      for (let start = 0; start < value.length; start += checksumSliceBytes) {
        if (start > 0) await new Promise((resolve) => setImmediate(resolve));
        crc = crc32c(value, start, Math.min(value.length, start + checksumSliceBytes), crc);
      }
      head.writeUInt32LE(crc, at);
    }
  }

  /** The group is on disk: applies all effects at one instant, then lets the callers know. */
  complete(): void {
    for (const effect of this.#effects) effect();
    this.#resolve();
  }

  /** The group will never be on disk. */
  fail(error: unknown): void {
    this.#reject(error);
  }

  #appendLarge(fields: RecordFields, value: Buffer): void {
    const headBytes = recordHeaderBytes + fields.key.length;
    const head = this.#reserve(headBytes);
    const at = this.#chunkUsed;
    encodeRecordHead(head, at, fields, this.start);
    this.#chunkUsed += headBytes;
    this.#deferred.push({ head, at, headBytes, value });
    this.#closeChunk();
    this.#parts.push(value);
  }

  /** A chunk with room for so many bytes at `#chunkUsed`. */
  #reserve(bytes: number): Buffer {
    if (this.#chunkUsed + bytes > this.#chunk.length) {
      this.#closeChunk();
      const doubled = Math.min(chunkMaxBytes, Math.max(firstChunkBytes, this.#chunk.length * 2));
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(doubled, bytes));
      this.#chunkUsed = 0;
      this.#chunkStart = 0;
    }
    return this.#chunk;
  }

  /** Makes what the chunk holds so far a part of its own; the rest of it stays in use. */
  #closeChunk(): void {
    if (this.#chunkUsed > this.#chunkStart) {
      this.#parts.push(this.#chunk.subarray(this.#chunkStart, this.#chunkUsed));
      this.#chunkStart = this.#chunkUsed;
    }
  }
}
