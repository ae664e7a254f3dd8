/**
 * Recovery: from the files of a directory to tables in memory.
 *
 * Segments are replayed oldest first, record by record; the last record about a key decides. What may be broken
 * is exactly what a crash can break: the end of the last segment, from the first commit of the last group that
 * is not whole. It is cut off, durably, before anything is appended. Everything else that is not as it was
 * written is damage and is reported with its place, never skipped:
 *
 * - a broken record in front of a later group, or in any but the last segment;
 * - a segment that a later manifest lists and that is missing or has another length.
 *
 * A sealed segment that has a hint (`hint.ts`) is not read: its records were found whole when the hint was written, and
 * each is checked again when its value is read.
 *
 * A last segment without a single whole commit was being created when the process died, and is removed. A
 * segment that the manifest does not list was about to be removed, and is used like any other: its removal
 * counts only from the moment when the file is gone.
 */

import { join } from "node:path";
import { createError, idempotencyGuaranteeMs } from "@everdict/protocol";
import { firstDictNumber, tokensNumber } from "./catalog.ts";
import type { EntryMemory } from "./entry-memory.ts";
import type { FileLayer, LogFile } from "./files.ts";
import { decodeHint, hintName, hintNumber, readHint } from "./hint.ts";
import type { HintRow } from "./hint-rows.ts";
import type { KeyTable } from "./key-table.ts";
import { readLastSegment } from "./last-segment.ts";
import { RecordKind, type RecordView } from "./record.ts";
import { believedSalt } from "./record-search.ts";
import { Segment, segmentName, segmentNumber } from "./segment.ts";
import { readSegmentHeader, type SegmentHeader, segmentHeaderBytes } from "./segment-header.ts";
import { provesDurable, type ScanEnd, scanSegment } from "./segment-scan.ts";
import { decodeManifest, type ManifestEntry, type SegmentSet } from "./segment-set.ts";

/** What was found. */
export interface RecoveredLog {
  readonly segments: SegmentSet;
  /** By dictionary number; those of deleted dictionaries included. */
  readonly tables: ReadonlyMap<number, KeyTable>;
  readonly lastSequence: number;
  /** Up to here the records of the last segment prove that it was flushed. */
  readonly provenTo: number;
  /** How many bytes were cut off the end. */
  readonly cutBytes: number;
}

export interface RecoveryOptions {
  readonly files: FileLayer;
  readonly directory: string;
  /**
   * With so many answers to tokens, those go that were old when the newest was recorded: the log has them all, also
   * those that were dropped as soon as they had arrived, which may be a hundred times as many as fit.
   */
  readonly tokensMax: number;
  /** Makes the tables, and has an empty set of segments, to which those that are found are added. */
  readonly memory: EntryMemory;
}

/**
 * Opens all segments of a directory and replays them.
 *
 * @throws `data_loss` with the segment and the offset; `conflict` if a newer program wrote the directory
 */
export async function recoverLog(options: RecoveryOptions): Promise<RecoveredLog> {
  const recovery = new Recovery(options);
  try {
    return await recovery.run();
  } catch (error) {
    await recovery.closeFiles();
    throw error;
  }
}

/** What `Recovery` needs of a record: the record itself, or its row in a hint. */
type ReplayedRecord = RecordView | HintRow;

class Recovery {
  readonly #options: RecoveryOptions;
  readonly #segments: SegmentSet;
  readonly #tables = new Map<number, KeyTable>();
  readonly #opened: LogFile[] = [];
  #manifest: readonly ManifestEntry[] = [];
  #lastSequence = 0;
  #cutBytes = 0;
  /** The segments that have one. */
  #hints: ReadonlySet<number> = new Set();
  #hintMemory: Buffer = Buffer.alloc(0);
  #provenTo = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    this.#segments = options.memory.segments;
  }

  async run(): Promise<RecoveredLog> {
    const names = await this.#options.files.list(this.#options.directory);
    const numbers = names.map(segmentNumber).filter((number) => number !== undefined);
    numbers.sort((a, b) => a - b);
    this.#hints = new Set(names.map(hintNumber).filter((number) => number !== undefined));
    for (const number of numbers) await this.#recoverSegment(number, number === numbers.at(-1));
    this.#checkManifest();
    await this.#checkEnd();
    return {
      segments: this.#segments,
      tables: this.#tables,
      lastSequence: this.#lastSequence,
      provenTo: this.#provenTo,
      cutBytes: this.#cutBytes,
    };
  }

  async closeFiles(): Promise<void> {
    for (const file of this.#opened) await file.close();
  }

  async #recoverSegment(number: number, isLast: boolean): Promise<void> {
    const { files, directory } = this.#options;
    const path = new Segment(directory, number).path;
    const file = await files.open(path);
    this.#opened.push(file);
    const segment = new Segment(directory, number, file);
    const size = await file.size();
    // Tables ask for it by its number.
    const before = this.#segments.active;
    this.#segments.add(segment);
    if (this.#hints.has(number) && (await this.#recoverByHint(segment, file, size))) return;
    this.#provenTo = 0;
    const scanned = await this.#scan(segment, file, size);
    if (!scanned.isWhole) {
      if (!isLast || (await provesDurable(file, { from: scanned.end, to: size, salt: segment.salt }))) {
        throw segment.damaged(scanned.end, isLast ? "later records are whole" : "later segments follow");
      }
      this.#cutBytes += size - scanned.end;
    }
    if (scanned.end <= segmentHeaderBytes) {
      if (!isLast) throw segment.damaged(scanned.end, "later segments follow");
      await this.#removeUnborn(segment);
      this.#segments.rewind(before, before?.bytes ?? 0);
      this.#provenTo = before?.bytes ?? 0;
      return;
    }
    if (!scanned.isWhole) await file.truncate(scanned.end);
    segment.bytes = scanned.end;
    this.#lastSequence = scanned.lastSequence;
  }

  /** Replays the hint of a segment instead. @returns false if it cannot be believed */
  async #recoverByHint(segment: Segment, file: LogFile, size: number): Promise<boolean> {
    const { files, directory } = this.#options;
    const path = join(directory, hintName(segment.number));
    const content = await readHint(path, files, this.#hintMemory);
    if (content.length > this.#hintMemory.length) this.#hintMemory = content;
    const hint = decodeHint(content, { number: segment.number, bytes: size });
    const { isWhole, salts } = await readHeader(file, segment.number, size);
    if (hint === undefined || !isWhole || hint.salt !== salts[0]) return false;
    segment.hint = "there";
    segment.salt = hint.salt;
    segment.bytes = size;
    hint.replay((row, offset) => this.#replay(row, segment, offset));
    this.#lastSequence = hint.lastSequence;
    this.#provenTo = size;
    return true;
  }

  async #scan(segment: Segment, file: LogFile, size: number): Promise<ScanEnd> {
    const header = await readHeader(file, segment.number, size);
    const { isWhole } = header;
    const salt = await believedSalt(file, header, size);
    segment.salt = salt;
    if (!isWhole) return { end: 0, lastSequence: this.#lastSequence, isWhole };
    const range = { from: segmentHeaderBytes, to: size, salt, afterSequence: this.#lastSequence };
    return scanSegment(file, range, (record, offset) => {
      this.#provenTo = Math.max(this.#provenTo, record.flushedTo);
      this.#replay(record, segment, offset);
    });
  }

  async #removeUnborn(segment: Segment): Promise<void> {
    const { files, directory } = this.#options;
    await segment.close();
    this.#opened.pop();
    await files.remove(segment.path);
    await files.syncDirectory(directory);
  }

  #replay(record: ReplayedRecord, segment: Segment, offset: number): void {
    if (record.kind === RecordKind.manifest) {
      this.#manifest = decodeManifest(record.value());
      return;
    }
    const table = this.#tableOf(record);
    if (table === undefined) return;
    const { length } = record;
    if (record.kind === RecordKind.put) {
      const slot = table.put(record, segment, offset);
      if (record.dict < firstDictNumber) table.at(slot).keepValue(record.bytes, record.valueStart);
      if (record.dict === tokensNumber && table.size > this.#options.tokensMax) {
        table.sweep(record.expiresAtMs - idempotencyGuaranteeMs, 2);
      }
    } else if (record.kind === RecordKind.remove) {
      table.remove(record.key(), { segment, offset, length });
    } else {
      const state = table.find(record.key());
      if (state?.decision !== "put" || state.version !== record.version) return;
      state.expiresAtMs = record.expiresAtMs;
      table.touch(state, { segment, offset, length });
    }
  }

  /** The table the record belongs to; undefined if its generation is over. */
  #tableOf(record: ReplayedRecord): KeyTable | undefined {
    const present = this.#tables.get(record.dict);
    if (present?.generation === record.generation) return present;
    if (present !== undefined) {
      if (record.generation < present.generation) return undefined;
      for (const _ of present.discard());
    }
    const table = this.#options.memory.newTable(record.dict, record.generation);
    this.#tables.set(record.dict, table);
    return table;
  }

  async #checkEnd(): Promise<void> {
    const last = await readLastSegment(this.#options.files, this.#options.directory);
    if (last <= (this.#segments.active?.number ?? 0)) return;
    throw createError("data_loss", `${segmentName(last)} is missing: the end of the log is gone`);
  }

  #checkManifest(): void {
    for (const { number, bytes } of this.#manifest) {
      const segment = this.#segments.get(number);
      if (segment === undefined) {
        throw createError(
          "data_loss",
          `${segmentName(number)} is missing: ${bytes} bytes of the log are gone`,
        );
      }
      if (segment.bytes !== bytes) throw segment.damaged(segment.bytes, `it should have ${bytes} bytes`);
    }
  }
}

async function readHeader(file: LogFile, number: number, size: number): Promise<SegmentHeader> {
  const header = Buffer.alloc(Math.min(size, segmentHeaderBytes));
  await file.read(header, 0);
  return readSegmentHeader(header, number);
}
