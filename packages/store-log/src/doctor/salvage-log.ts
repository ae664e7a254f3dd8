/**
 * Makes a whole log from a damaged one, in another directory.
 *
 * Every whole record is written again, in its order, as compaction does: with a new sequence number and its own
 * version. So replaying the new log gives what is left of the old one: the last whole record about a key decides, and a
 * removed entry stays gone. Unlike compaction this needs no memory for keys.
 */

import { keyText } from "../bytes/key-text.ts";
import type { CatalogEntry } from "../entries/catalog.ts";
import { answeredCall, decodeAnswer, encodeAnswer, type RecordedAnswer } from "../entries/recorded-answer.ts";
import type { LogExamination, LogProofs } from "../examine/examine-log.ts";
import type { SnapshotSegment } from "../examine/snapshot.ts";
import type { FileLayer, LogFile } from "../files/files.ts";
import { ReadOnlyFile } from "../files/read-only-file.ts";
import type { RecordGroup } from "../log/commit-group.ts";
import { DiskRoom } from "../log/disk-room.ts";
import { FlushPath } from "../log/flush-path.ts";
import { LogWriter } from "../log/log-writer.ts";
import { answersNumber, catalogNumber } from "../record/dict-numbers.ts";
import { type RecordFields, RecordKind, type RecordView } from "../record/record.ts";
import { readRecordAt } from "../record/record-search.ts";
import type { HintRow } from "../segments/hint-rows.ts";
import { identifySegment } from "../segments/segment-identity.ts";
import { SegmentSet } from "../segments/segment-set.ts";
import { completeOptions } from "../store/options.ts";
import { SalvageCatalog } from "./salvage-catalog.ts";
import { type LostEntries, SalvageLosses } from "./salvage-losses.ts";
import { type SalvageVisitor, salvageSegment, type UnreadableStretch } from "./salvage-segment.ts";

// How much may wait to be flushed.
const pendingMaxBytes = 8 * 1024 * 1024;

/** What {@link salvageLog} takes. */
export interface SalvageLogOptions {
  /** The damaged log, oldest segment first. */
  readonly segments: readonly SnapshotSegment[];
  readonly proofs: LogProofs;
  readonly examination: LogExamination;
  /** Where to write. Nothing is in that directory. */
  readonly files: FileLayer;
  readonly directory: string;
  readonly nowMs: number;
}

/** What came of it. */
export interface SalvagedLog {
  /** How many records were written again. */
  readonly records: number;
  readonly unreadable: readonly UnreadableStretch[];
  /** Entries that are known to be lost, by dictionary. */
  readonly lost: readonly LostEntries[];
  /** Whether all that is lost is known: nothing but these entries. */
  readonly isAllKnown: boolean;
  /** Whether nothing is lost: what is unreadable held nothing, as far as hints know all of it, that still counted. */
  readonly isComplete: boolean;
}

/** Writes everything that is whole in a log into a new one. */
export async function salvageLog(options: SalvageLogOptions): Promise<SalvagedLog> {
  const { segments, proofs, examination } = options;
  const present = new Set(segments.map(({ number }) => number));
  const gone = examination.missing.filter(({ number }) => !present.has(number));
  // Something may be known of them: as segments without bytes.
  const empty = gone.map(({ number }) => ({ number, bytes: 0, file: noFile }));
  const all = [...segments, ...empty].sort((a, b) => a.number - b.number);
  let lastSequence = Math.max(0, ...examination.segments.map(({ sequences }) => sequences?.[1] ?? 0));
  for (const { number } of all) {
    lastSequence = Math.max(lastSequence, (await proofs.hintOf(number))?.lastSequence ?? 0);
  }
  return new Salvage({ ...options, segments: all }, lastSequence).run();
}

const noFile = new ReadOnlyFile({ read: async () => 0 } as unknown as LogFile, 0, 0);

class Salvage implements SalvageVisitor {
  lastSequence = 0;
  readonly #options: SalvageLogOptions;
  readonly #catalog = new SalvageCatalog();
  readonly #losses = new SalvageLosses();
  readonly #written: SegmentSet;
  readonly #room: DiskRoom;
  readonly #writer: LogWriter;
  #group: RecordGroup | undefined;
  #pendingBytes = 0;
  #records = 0;
  #failure: Error | undefined;
  /** Answers to calls that name a place in the old log. */
  readonly #places = new Map<string, RecordFields>();

  /** @param lastSequence - no record, whole or not, is known to have a higher one, so that no version is above it either */
  constructor(options: SalvageLogOptions, lastSequence: number) {
    const { files, directory } = options;
    this.#options = options;
    this.#written = new SegmentSet(directory);
    const { segmentMaxBytes } = completeOptions({ directory });
    this.#room = new DiskRoom({ files, segments: this.#written, segmentMaxBytes });
    this.#writer = new LogWriter({
      files,
      segments: this.#written,
      segmentMaxBytes,
      room: this.#room,
      flushPath: new FlushPath("pool"),
      lastSequence,
      nowMs: Date.now(),
    });
    this.#writer.onFailure = (error) => {
      this.#failure = error;
    };
  }

  async run(): Promise<SalvagedLog> {
    try {
      return await this.#run();
    } finally {
      await this.#room.close();
      for (const segment of this.#written.all()) await segment.close();
    }
  }

  async #run(): Promise<SalvagedLog> {
    const { segments, proofs, nowMs } = this.#options;
    const unreadable: UnreadableStretch[] = [];
    for (const segment of segments) {
      const isLast = segment === segments.at(-1);
      unreadable.push(...(await salvageSegment(segment, proofs, isLast, this)));
    }
    await this.#writePlaces();
    for (const entry of this.#losses.ended(nowMs)) this.#write(removalOf(entry));
    const isIncomplete = this.#isIncomplete(unreadable);
    for (const entry of this.#catalog.complete(isIncomplete, nowMs)) this.#write(catalogPut(entry));
    await this.#group?.durable;
    if (!(await this.#writer.end())) throw this.#failure ?? new Error("the log could not be completed");
    const lost = this.#losses.byDict(this.#catalog, nowMs);
    const isAllKnown = !isIncomplete;
    const isComplete = isAllKnown && lost.length === 0;
    return { records: this.#records, unreadable, lost, isAllKnown, isComplete };
  }

  found(record: RecordView | HintRow): void {
    const { kind, dict, generation, version, expiresAtMs } = record;
    if (kind === RecordKind.manifest) return;
    this.#catalog.add(record);
    this.#losses.decided(record);
    const key = record.key();
    const hasValue = kind === RecordKind.put || kind === RecordKind.ownTouch;
    const value = hasValue ? record.value() : Buffer.alloc(0);
    const fields = {
      kind,
      endsCommit: true,
      sequence: 0,
      dict,
      generation,
      version,
      expiresAtMs,
      key,
      value,
    };
    if (dict === answersNumber) this.#foundAnswer(fields);
    else this.#write(fields);
  }

  #foundAnswer(fields: RecordFields): void {
    const { kind, key, expiresAtMs } = fields;
    this.#places.delete(keyText(key));
    const isPut = kind === RecordKind.put;
    // Past its time nobody asks for it.
    if (isPut && expiresAtMs <= this.#options.nowMs) return;
    const value = Buffer.from(fields.value);
    if (!isPut || decodeAnswer(value).kind !== "place") this.#write(fields);
    else this.#places.set(keyText(key), { ...fields, key: Buffer.from(key), value });
  }

  lost(row: HintRow): void {
    this.#catalog.add(row);
    this.#losses.add(row);
  }

  async pause(): Promise<void> {
    if (this.#pendingBytes < pendingMaxBytes) return;
    this.#pendingBytes = 0;
    await this.#group?.durable;
  }

  #write(fields: RecordFields): void {
    this.#group = this.#writer.current();
    const sequence = this.#writer.nextSequence();
    const version = fields.version === 0 ? sequence : fields.version;
    const { length } = this.#group.append({ ...fields, sequence, version });
    this.#pendingBytes += length;
    this.#records++;
  }

  /** The old log goes: answers that name a record of it get the value itself. */
  async #writePlaces(): Promise<void> {
    const { segments } = this.#options;
    const salts = new Map<number, number>();
    for (const fields of this.#places.values()) {
      const bytes = Buffer.from(fields.value);
      const answer = decodeAnswer(bytes);
      if (answer.kind !== "place") continue;
      const segment = segments.find(({ number }) => number === answer.segment);
      const salt = segment && (salts.get(segment.number) ?? (await this.#saltOf(segment)));
      if (segment !== undefined && salt !== undefined) salts.set(segment.number, salt);
      const record =
        segment && (await readRecordAt(segment.file, answer.offset, { to: segment.bytes, salt: salt! }));
      // No segment has the number 0: who repeats the call is told that its value is lost.
      const kept: RecordedAnswer = record
        ? { kind: "value", value: record.value() }
        : { ...answer, segment: 0 };
      this.#write({ ...fields, value: encodeAnswer(kept, answeredCall(bytes)) });
      await this.pause();
    }
  }

  async #saltOf({ number, file, bytes }: SnapshotSegment): Promise<number> {
    const hint = await this.#options.proofs.hintOf(number);
    const otherSalts = hint === undefined ? [] : [hint.salt];
    return (await identifySegment(file, { number, bytes, otherSalts })).salt;
  }

  /** Whether a part of the log is lost of which nobody knows what it was. */
  #isIncomplete(unreadable: readonly UnreadableStretch[]): boolean {
    const { examination } = this.#options;
    const isKnown = (number: number) =>
      unreadable.some(({ segment, isKnown }) => segment === number && isKnown);
    return (
      unreadable.some((stretch) => !stretch.isKnown) ||
      examination.missing.some(({ number }) => !isKnown(number))
    );
  }
}

function removalOf(entry: Pick<RecordFields, "dict" | "generation" | "key">): RecordFields {
  const { dict, generation, key } = entry;
  const nothing = { version: 0, sequence: 0, expiresAtMs: Number.POSITIVE_INFINITY, value: Buffer.alloc(0) };
  return { kind: RecordKind.remove, endsCommit: true, dict, generation, key, ...nothing };
}

function catalogPut({ key, value }: CatalogEntry): RecordFields {
  const expiresAtMs = Number.POSITIVE_INFINITY;
  const where = { dict: catalogNumber, generation: 0, version: 0, sequence: 0 };
  return { kind: RecordKind.put, endsCommit: true, ...where, expiresAtMs, key, value };
}
