/**
 * Reading a segment from front to back, commit by commit, for recovery and compaction.
 *
 * A visitor sees a record only once its whole commit was found good, so whatever it does with it is all or
 * nothing. Memory is bounded by the window and the largest commit.
 */

import { nextSlice, sliceBytes } from "@everdict/protocol";
import { slicedChecksum } from "../bytes/sliced-checksum.ts";
import type { LogFile } from "../files/files.ts";
import { checksumSeed, RecordView, recordHeaderBytes } from "../record/record.ts";
import { findRecord, type SearchRange } from "../record/record-search.ts";

const windowBytes = 1024 * 1024;

/** Where to read. */
export interface ScanRange {
  /** Offset of the first record. */
  readonly from: number;
  /** Offset of the end of what was written. */
  readonly to: number;
  /** The segment's. */
  readonly salt: number;
  /** How much is read at once; also how much is visited between two calls of `pause`. Default: 1 MiB. */
  readonly windowBytes?: number | undefined;
  /** Records must have sequence numbers above this. */
  readonly afterSequence: number;
  /** Where to read into, for those who scan more than once; default: memory of its own. */
  readonly memory?: ScanMemory | undefined;
}

/**
 * What scans read into, one after the other: as long as the largest commit so far. To free 100 MiB takes the platform
 * 5 to 20 ms in one turn, so a segment's memory serves the next.
 */
export class ScanMemory {
  #bytes: Buffer = Buffer.alloc(0);

  /** The first bytes of it, so many; what is in it stays at the front only if it was as long before. */
  take(length: number): Buffer {
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length);
    return this.#bytes.subarray(0, length);
  }
}

/** Where reading ended. */
export interface ScanEnd {
  /** The end of the last whole commit. */
  readonly end: number;
  /** The highest sequence number in it, or `afterSequence`. */
  readonly lastSequence: number;
  /** Whether that is also the end of the range. */
  readonly isWhole: boolean;
}

/**
 * Visits every record of every whole commit, up to the first that is damaged or cut off.
 *
 * @param visit - gets a view that is only valid during the call, and the record's offset
 * @param pause - awaited between windows
 */
export async function scanSegment(
  file: LogFile,
  range: ScanRange,
  visit: (record: RecordView, offset: number) => void,
  pause?: () => Promise<void>,
): Promise<ScanEnd> {
  const scan = new Scan(file, range, visit);
  for (;;) {
    const status = scan.visitWindow();
    if (status === "end") return scan.result();
    if (status === "slice") {
      await nextSlice();
      continue;
    }
    await pause?.();
    await scan.readOn();
    await scan.checkLarge();
  }
}

class Scan {
  readonly #file: LogFile;
  readonly #range: ScanRange;
  readonly #visit: (record: RecordView, offset: number) => void;
  readonly #view = new RecordView();
  readonly #memory: ScanMemory;
  #window: Buffer = Buffer.alloc(0);
  /** Offset of the window's first byte. */
  #windowStart: number;
  #commitStart: number;
  /** Offset of the next record. */
  #next: number;
  #wantedBytes = recordHeaderBytes;
  /** Where a large record begins whose checksum was found right already. */
  #checkedAt = -1;
  #sequence: number;
  #commitSequence: number;

  constructor(file: LogFile, range: ScanRange, visit: (record: RecordView, offset: number) => void) {
    this.#file = file;
    this.#range = range;
    this.#memory = range.memory ?? new ScanMemory();
    this.#visit = visit;
    this.#windowStart = range.from;
    this.#commitStart = range.from;
    this.#next = range.from;
    this.#sequence = range.afterSequence;
    this.#commitSequence = range.afterSequence;
  }

  /** Goes through the window as far as there are whole records, or for a slice: a large commit makes a large window. */
  visitWindow(): "more" | "slice" | "end" {
    const view = this.#view;
    const sliceEnd = this.#next + 2 * sliceBytes;
    for (;;) {
      if (this.#next > sliceEnd) return "slice";
      const at = this.#next - this.#windowStart;
      const status =
        this.#next === this.#checkedAt
          ? view.readHead(this.#window, at, this.#window.length)
          : view.read(this.#window, at, this.#window.length, this.#seed);
      if (status === "short") {
        this.#wantedBytes = view.length;
        return this.#next + view.length > this.#range.to ? "end" : "more";
      }
      if (status === "bad" || view.sequence <= this.#sequence) return "end";
      this.#sequence = view.sequence;
      const offset = this.#next;
      this.#next += view.length;
      if (!view.endsCommit) continue;
      if (offset === this.#commitStart) this.#visit(view, offset);
      else this.#visitCommit();
      this.#commitStart = this.#next;
      this.#commitSequence = this.#sequence;
    }
  }

  /** Moves the window on so that it begins with the commit under way and has the next record in it. */
  async readOn(): Promise<void> {
    const { to } = this.#range;
    const needed = this.#next + this.#wantedBytes - this.#commitStart;
    // Doubled while one commit fills the window, so that a large one is not copied again for each of its records.
    const doubled = this.#commitStart === this.#windowStart ? 2 * this.#window.length : 0;
    const wanted = Math.max(needed, doubled, this.#range.windowBytes ?? windowBytes);
    const length = Math.min(to - this.#commitStart, wanted);
    const kept = await this.#keepCommit(length);
    const read = await this.#file.read(this.#window.subarray(kept), this.#commitStart + kept);
    // A file that turns out shorter than it said ends here instead of being asked for ever.
    this.#window.fill(0, kept + read);
    this.#windowStart = this.#commitStart;
  }

  /** Takes the checksum of the next record in slices if it is large, so that nobody waits for it. */
  async checkLarge(): Promise<void> {
    if (this.#wantedBytes <= sliceBytes) return;
    const at = this.#next - this.#windowStart;
    const end = at + this.#wantedBytes;
    if (end > this.#window.length) return;
    const crc = await slicedChecksum(this.#window, at + 4, end, this.#seed);
    if (crc === this.#window.readUInt32LE(at)) this.#checkedAt = this.#next;
  }

  get #seed(): number {
    return checksumSeed(this.#range.salt, this.#next);
  }

  /** Makes the window so long, with what there is of the commit in front. The same memory, if that is enough. */
  async #keepCommit(length: number): Promise<number> {
    const commit = this.#window.subarray(this.#commitStart - this.#windowStart);
    this.#window = this.#memory.take(length);
    for (let at = 0; at < commit.length; at += sliceBytes) {
      if (at > 0) await nextSlice();
      commit.copy(this.#window, at, at, at + sliceBytes);
    }
    return commit.length;
  }

  result(): ScanEnd {
    const end = this.#commitStart;
    return { end, lastSequence: this.#commitSequence, isWhole: end === this.#range.to };
  }

  #visitCommit(): void {
    const view = this.#view;
    for (let at = this.#commitStart; at < this.#next; at += view.length) {
      view.readHead(this.#window, at - this.#windowStart, this.#window.length);
      this.#visit(view, at);
    }
  }
}

/**
 * Whether the bytes of a stretch hold a record that proves them to have been durable: a valid one of a group
 * that began after where it begins.
 *
 * After a crash the last group may be there in parts, in any order, so valid records behind a broken one prove
 * nothing as long as they belong to the same group (`record.ts`).
 */
export async function provesDurable(file: LogFile, range: SearchRange): Promise<boolean> {
  const { from } = range;
  const proof = await findRecord(
    file,
    range,
    ({ flushedTo }, offset) => flushedTo > from && flushedTo <= offset,
  );
  return proof !== undefined;
}
