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
 * A last segment without a single whole commit was being created when the process died, and is removed. A
 * segment that the manifest does not list was about to be removed, and is used like any other: its removal
 * counts only from the moment when the file is gone.
 */

import { createError } from "@everdict/protocol";
import { firstDictNumber } from "./catalog.ts";
import type { FileLayer, LogFile } from "./files.ts";
import { KeyState } from "./key-state.ts";
import { KeyTable, type OnDropped } from "./key-table.ts";
import { RecordKind, type RecordView } from "./record.ts";
import { Segment, segmentName, segmentNumber } from "./segment.ts";
import { isSegmentHeader, segmentHeaderBytes } from "./segment-header.ts";
import { provesDurable, type ScanEnd, scanSegment } from "./segment-scan.ts";
import { decodeManifest, type ManifestEntry, SegmentSet } from "./segment-set.ts";

/** What was found. */
export interface RecoveredLog {
  readonly segments: SegmentSet;
  /** By dictionary number; those of deleted dictionaries included. */
  readonly tables: ReadonlyMap<number, KeyTable>;
  readonly lastSequence: number;
  /** How many bytes were cut off the end. */
  readonly cutBytes: number;
}

export interface RecoveryOptions {
  readonly files: FileLayer;
  readonly directory: string;
  /** What the table of that dictionary tells when a state is gone. */
  onDropped(dictNumber: number): OnDropped;
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

class Recovery {
  readonly #options: RecoveryOptions;
  readonly #segments: SegmentSet;
  readonly #tables = new Map<number, KeyTable>();
  readonly #opened: LogFile[] = [];
  #manifest: readonly ManifestEntry[] = [];
  #lastSequence = 0;
  #cutBytes = 0;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    this.#segments = new SegmentSet(options.directory);
  }

  async run(): Promise<RecoveredLog> {
    const names = await this.#options.files.list(this.#options.directory);
    const numbers = names.map(segmentNumber).filter((number) => number !== undefined);
    numbers.sort((a, b) => a - b);
    for (const number of numbers) await this.#recoverSegment(number, number === numbers.at(-1));
    this.#checkManifest();
    return {
      segments: this.#segments,
      tables: this.#tables,
      lastSequence: this.#lastSequence,
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
    const scanned = await this.#scan(segment, file, size);
    if (!scanned.isWhole) {
      if (!isLast || (await provesDurable(file, scanned.end, size))) {
        throw segment.damaged(scanned.end, isLast ? "later records are whole" : "later segments follow");
      }
      this.#cutBytes += size - scanned.end;
    }
    if (scanned.end <= segmentHeaderBytes) {
      if (!isLast) throw segment.damaged(scanned.end, "later segments follow");
      await this.#removeUnborn(segment);
      return;
    }
    if (!scanned.isWhole) await file.truncate(scanned.end);
    segment.bytes = scanned.end;
    this.#lastSequence = scanned.lastSequence;
    this.#segments.add(segment);
  }

  async #scan(segment: Segment, file: LogFile, size: number): Promise<ScanEnd> {
    const header = Buffer.alloc(Math.min(size, segmentHeaderBytes));
    await file.read(header, 0);
    const range = { from: segmentHeaderBytes, to: size, afterSequence: this.#lastSequence };
    if (!isSegmentHeader(header, segment.number)) {
      return { end: 0, lastSequence: range.afterSequence, isWhole: false };
    }
    return scanSegment(file, range, (record, offset) => this.#replay(record, segment, offset));
  }

  async #removeUnborn(segment: Segment): Promise<void> {
    const { files, directory } = this.#options;
    await segment.close();
    this.#opened.pop();
    await files.remove(segment.path);
    await files.syncDirectory(directory);
  }

  #replay(record: RecordView, segment: Segment, offset: number): void {
    if (record.kind === RecordKind.manifest) {
      this.#manifest = decodeManifest(record.value());
      return;
    }
    const table = this.#tableOf(record);
    if (table === undefined) return;
    const place = { segment, offset, length: record.length };
    const text = record.key().toString("latin1");
    if (record.kind === RecordKind.put) {
      const state = new KeyState(text, place, record.version, record.expiresAtMs, 0);
      if (record.dict < firstDictNumber) state.value = Buffer.from(record.value());
      table.put(state);
    } else if (record.kind === RecordKind.remove) {
      table.remove(text, place);
    } else {
      const state = table.get(text);
      if (state?.decision !== "put" || state.version !== record.version) return;
      state.expiresAtMs = record.expiresAtMs;
      table.touch(state, place);
    }
  }

  /** The table the record belongs to; undefined if its generation is over. */
  #tableOf(record: RecordView): KeyTable | undefined {
    const present = this.#tables.get(record.dict);
    if (present?.generation === record.generation) return present;
    if (present !== undefined) {
      if (record.generation < present.generation) return undefined;
      for (const _ of present.discard());
    }
    const table = new KeyTable(record.generation, this.#options.onDropped(record.dict));
    this.#tables.set(record.dict, table);
    return table;
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
