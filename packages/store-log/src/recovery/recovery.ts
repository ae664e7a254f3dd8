/**
 * Recovery: from the files of a directory to tables in memory.
 *
 * Segments are replayed oldest first, record by record; the last record about a key decides. A crash can break only the
 * end of the last segment, from the first commit of the last group that is not whole. That part is cut off, durably,
 * before anything is appended. Any other change is damage (`segment-end.ts` decides) and is reported with its place,
 * never skipped. Nothing is cut off or removed before all of the log was found good, so a damaged log stays as it is.
 *
 * Everything in the header of a segment can be known without it, so a segment with a damaged header is used as before.
 *
 * A sealed segment that has a hint (`hint.ts`) is not read: its records were found whole when the hint was written, and
 * each is checked again when its value is read.
 *
 * A last segment without a single whole commit was being created when the process died, and is removed. A
 * segment that the manifest does not list was about to be removed, and is used like any other: its removal
 * counts only from the moment when the file is gone.
 */

import { join } from "node:path";
import { createError, type EverdictError, idempotencyGuaranteeMs } from "@everdict/protocol";
import type { FileLayer, LogFile } from "../files/files.ts";
import type { EntryMemory } from "../index/entry-memory.ts";
import type { KeyTable } from "../index/key-table.ts";
import { answersNumber, keepsValue } from "../record/dict-numbers.ts";
import { ownTtlOf, RecordKind, type RecordView, recordHeaderBytes } from "../record/record.ts";
import { decodeHint, type Hint, hintName, hintNumber, readHint } from "../segments/hint.ts";
import type { HintRow } from "../segments/hint-rows.ts";
import { type LastSegment, readLastSegment } from "../segments/last-segment.ts";
import { Segment, segmentName, segmentNumber } from "../segments/segment.ts";
import { knownSalts, missingSegments, type SegmentProofs, whyDamaged } from "../segments/segment-end.ts";
import { segmentHeaderBytes } from "../segments/segment-header.ts";
import { identifySegment, type SegmentIdentity } from "../segments/segment-identity.ts";
import { type ScanEnd, scanSegment } from "../segments/segment-scan.ts";
import { decodeManifest, type ManifestEntry, type SegmentSet } from "../segments/segment-set.ts";

/** What was found. */
export interface RecoveredLog {
  readonly segments: SegmentSet;
  /** By dictionary number; those of deleted dictionaries included. */
  readonly tables: ReadonlyMap<number, KeyTable>;
  readonly lastSequence: number;
  /** Up to here the records of the last segment prove that it was flushed. */
  readonly provenTo: number;
  /** Segments whose header should be written anew. */
  readonly headless: readonly HeadlessSegment[];
}

/** A segment whose header is not as it was written. */
export interface HeadlessSegment {
  readonly segment: Segment;
  /** Whether it was flushed once; otherwise a crash has torn it. */
  readonly isDamaged: boolean;
}

export interface RecoveryOptions {
  readonly files: FileLayer;
  readonly directory: string;
  /**
   * With so many recorded answers, those go that were old when the newest was recorded: the log has them all, also
   * those that were dropped as soon as they had arrived, which may be a hundred times as many as fit.
   */
  readonly answersMax: number;
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
  readonly #headless: HeadlessSegment[] = [];
  #manifest: readonly ManifestEntry[] = [];
  #lastSequence = 0;
  #lastSegment: LastSegment = { number: 0 };
  /** The segments that have one. */
  #hints: ReadonlySet<number> = new Set();
  #hintMemory: Buffer = Buffer.alloc(0);
  #provenTo = 0;
  /** Takes away the torn end of the last segment. */
  #cut: () => Promise<void> = async () => {};

  constructor(options: RecoveryOptions) {
    this.#options = options;
    this.#segments = options.memory.segments;
  }

  async run(): Promise<RecoveredLog> {
    const { files, directory } = this.#options;
    this.#lastSegment = await readLastSegment(files, directory);
    const names = await files.list(directory);
    const numbers = names.map(segmentNumber).filter((number) => number !== undefined);
    numbers.sort((a, b) => a - b);
    this.#hints = new Set(names.map(hintNumber).filter((number) => number !== undefined));
    for (const number of numbers) await this.#recoverSegment(number, number === numbers.at(-1));
    this.#requireAll();
    await this.#cut();
    return {
      segments: this.#segments,
      tables: this.#tables,
      lastSequence: this.#lastSequence,
      provenTo: this.#provenTo,
      headless: this.#headless,
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
    const hint = await this.#readHint(number);
    const proofs: SegmentProofs = { isLast, lastSegment: this.#lastSegment, hint };
    const otherSalts = knownSalts(number, proofs);
    const identity = await identifySegment(file, { number, bytes: size, otherSalts });
    segment.salt = identity.salt;
    segment.formatVersion = identity.version;
    if (identity.header === "damaged") {
      const reason = await whyDamaged(file, { number, salt: segment.salt, end: 0, size }, proofs);
      this.#headless.push({ segment, isDamaged: reason !== undefined });
    }
    if (hint !== undefined && this.#recoverByHint(hint, segment, identity, size)) return;
    this.#provenTo = 0;
    const { end, lastSequence } = await this.#scan(segment, file, identity, size);
    const reason = await whyDamaged(file, { number, salt: segment.salt, end, size }, proofs);
    if (reason !== undefined) throw segment.damaged(end, reason);
    if (end <= segmentHeaderBytes) {
      this.#cut = () => this.#removeUnborn(segment);
      this.#segments.rewind(before, before?.bytes ?? 0);
      this.#provenTo = before?.bytes ?? 0;
      return;
    }
    if (end < size) this.#cut = () => file.truncate(end);
    segment.bytes = end;
    this.#lastSequence = lastSequence;
  }

  async #readHint(number: number): Promise<Hint | undefined> {
    if (!this.#hints.has(number)) return undefined;
    const { files, directory } = this.#options;
    const content = await readHint(join(directory, hintName(number)), files, this.#hintMemory);
    if (content.length > this.#hintMemory.length) this.#hintMemory = content;
    return decodeHint(content, number);
  }

  /** Replays the hint of a segment instead. @returns false if it is not of exactly this segment */
  #recoverByHint(hint: Hint, segment: Segment, { header, salt }: SegmentIdentity, size: number): boolean {
    if (header === "lost" || hint.salt !== salt || hint.bytes !== size) return false;
    segment.hint = "there";
    segment.bytes = size;
    hint.replay((row, offset) => this.#replay(row, segment, offset));
    this.#lastSequence = hint.lastSequence;
    this.#provenTo = size;
    return true;
  }

  async #scan(
    segment: Segment,
    file: LogFile,
    { header, salt }: SegmentIdentity,
    size: number,
  ): Promise<ScanEnd> {
    if (header === "lost") return { end: 0, lastSequence: this.#lastSequence, isWhole: false };
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
      const valueLength = record.length - recordHeaderBytes - record.keyLength;
      if (keepsValue(record.dict, valueLength)) table.at(slot).keepValue(record.bytes, record.valueStart);
      if (record.dict === answersNumber && table.size > this.#options.answersMax) {
        table.sweep(record.expiresAtMs - idempotencyGuaranteeMs, 2);
      }
    } else if (record.kind === RecordKind.remove) {
      table.remove(record.key(), { segment, offset, length });
    } else {
      const state = table.find(record.key());
      if (state?.decision !== "put" || state.version !== record.version) return;
      table.setEnd(state, record.expiresAtMs);
      table.touch(state, { segment, offset, length, ownTtlMs: ownTtlOf(record) });
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

  /** @throws `data_loss` if a segment is not there, or not of the length that it had */
  #requireAll(): void {
    const segments = this.#segments;
    const sizes = {
      get: (number: number) => segments.get(number),
      lastNumber: segments.active?.number ?? 0,
    };
    for (const missing of missingSegments(this.#manifest, this.#lastSegment, sizes)) {
      const segment = segments.get(missing.number);
      throw segment === undefined
        ? gone(missing)
        : segment.damaged(segment.bytes, `it should have ${missing.bytes} bytes`);
    }
  }
}

function gone({ number, bytes }: ManifestEntry): EverdictError {
  const what = bytes === 0 ? "the end of the log is gone" : `${bytes} bytes of the log are gone`;
  return createError("data_loss", `${segmentName(number)} is missing: ${what}`);
}
