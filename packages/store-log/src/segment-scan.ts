/**
 * Reading a segment from front to back, commit by commit, for recovery and compaction.
 *
 * A visitor sees a record only once its whole commit was found good, so whatever it does with it is all or
 * nothing. Memory is bounded by the window and the largest commit.
 */

import { sliceBytes } from "@everdict/protocol";
import type { LogFile } from "./files.ts";
import { checksumSeed, RecordView, recordHeaderBytes } from "./record.ts";
import { findRecord, type SearchRange } from "./record-search.ts";
import { slicedChecksum } from "./sliced-checksum.ts";

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
    if (status !== "more") return scan.result();
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
  #memory = Buffer.alloc(0);
  #window = this.#memory;
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
    this.#visit = visit;
    this.#windowStart = range.from;
    this.#commitStart = range.from;
    this.#next = range.from;
    this.#sequence = range.afterSequence;
    this.#commitSequence = range.afterSequence;
  }

  /** Goes through the window as far as there are whole records. */
  visitWindow(): "more" | "end" {
    const view = this.#view;
    for (;;) {
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
    const kept = this.#keepCommit(length);
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
  #keepCommit(length: number): number {
    const commit = this.#window.subarray(this.#commitStart - this.#windowStart);
    if (this.#memory.length < length) this.#memory = Buffer.allocUnsafeSlow(length);
    commit.copy(this.#memory);
    this.#window = this.#memory.subarray(0, length);
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
