/**
 * Reads every byte of a log and says what is right and what is wrong with it, without needing memory for keys.
 *
 * Recovery stops at the first damage, because a store that goes on would hide it. This goes on behind it, in order
 * to say what is left: the next whole record, and how much follows.
 */

import type { LogFile } from "./files.ts";
import { RecordKind, type RecordView } from "./record.ts";
import { believedSalt, findRecord } from "./record-search.ts";
import { readSegmentHeader, segmentHeaderBytes } from "./segment-header.ts";
import { provesDurable, scanSegment } from "./segment-scan.ts";
import { decodeManifest, type ManifestEntry } from "./segment-set.ts";
import type { SnapshotSegment } from "./snapshot.ts";

/** A stretch of a segment that is not as it was written. */
export interface DamagedStretch {
  /** Offset of the first broken commit. */
  readonly from: number;
  /** Where whole records begin again, or the segment ends. */
  readonly to: number;
  readonly what: string;
}

/** What is known of one segment. */
export interface SegmentExamination {
  readonly number: number;
  /** Up to the end of its last whole record. */
  readonly bytes: number;
  readonly records: number;
  /** The lowest and the highest sequence number; undefined without records. */
  readonly sequences: readonly [number, number] | undefined;
  /** At the end of the last segment: a write that was never acknowledged as flushed, or room for the next. */
  readonly unfinishedBytes: number;
  readonly damage: readonly DamagedStretch[];
}

/** What is known of a log. */
export interface LogExamination {
  /** Oldest first. */
  readonly segments: readonly SegmentExamination[];
  /** Segments that the log says it has and that are not there, or shorter. */
  readonly missing: readonly ManifestEntry[];
  /** Whether a store opens on it. */
  readonly isWhole: boolean;
}

/**
 * Examines all segments of a log.
 *
 * @param lastSegment - the number of a segment that is known to have been there; 0 if none is
 * @throws `conflict` if a newer program wrote it
 */
export async function examineLog(
  segments: readonly SnapshotSegment[],
  lastSegment = 0,
): Promise<LogExamination> {
  const examiner = new Examiner();
  const examined: SegmentExamination[] = [];
  for (const segment of segments) {
    examined.push(await examiner.examine(segment, segment === segments.at(-1)));
  }
  const missing = examiner.manifest.filter(({ number, bytes }) => {
    const found = examined.find((segment) => segment.number === number);
    return found === undefined || (found.bytes !== bytes && found.damage.length === 0);
  });
  if (lastSegment > (examined.at(-1)?.number ?? 0)) missing.push({ number: lastSegment, bytes: 0 });
  return {
    segments: examined,
    missing,
    isWhole: missing.length === 0 && examined.every(({ damage }) => damage.length === 0),
  };
}

class Examiner {
  manifest: readonly ManifestEntry[] = [];
  #lastSequence = 0;

  async examine({ number, file, bytes }: SnapshotSegment, isLast: boolean): Promise<SegmentExamination> {
    const header = Buffer.alloc(Math.min(bytes, segmentHeaderBytes));
    await file.read(header, 0);
    const found = readSegmentHeader(header, number);
    const { isWhole } = found;
    const salt = await believedSalt(file, found, bytes);
    const walk = new SegmentWalk(file, { bytes, salt, isLast, afterSequence: this.#lastSequence });
    await walk.run(isWhole, (manifest) => {
      this.manifest = manifest;
    });
    this.#lastSequence = walk.lastSequence;
    const { records, firstSequence, lastSequence, unfinishedBytes, damage } = walk;
    const sequences = firstSequence === undefined ? undefined : ([firstSequence, lastSequence] as const);
    return { number, bytes: bytes - unfinishedBytes, records, sequences, unfinishedBytes, damage };
  }
}

interface WalkedSegment {
  readonly bytes: number;
  readonly salt: number;
  readonly isLast: boolean;
  readonly afterSequence: number;
}

/** One way through a segment. */
class SegmentWalk {
  records = 0;
  firstSequence: number | undefined;
  lastSequence: number;
  unfinishedBytes = 0;
  readonly damage: DamagedStretch[] = [];
  readonly #file: LogFile;
  readonly #bytes: number;
  readonly #salt: number;
  readonly #isLast: boolean;

  constructor(file: LogFile, { bytes, salt, isLast, afterSequence }: WalkedSegment) {
    this.#file = file;
    this.#bytes = bytes;
    this.#salt = salt;
    this.#isLast = isLast;
    this.lastSequence = afterSequence;
  }

  async run(hasHeader: boolean, onManifest: (manifest: ManifestEntry[]) => void): Promise<void> {
    let from = segmentHeaderBytes;
    if (!hasHeader) {
      if (!(await this.#isProven(0))) {
        this.unfinishedBytes = this.#bytes;
        return;
      }
      from = await this.#skip(0, "its header is not one of ours");
    }
    let isSecondLook = false;
    while (from < this.#bytes) {
      const range = { from, to: this.#bytes, salt: this.#salt, afterSequence: this.lastSequence };
      const end = await scanSegment(this.#file, range, (record) => {
        this.records++;
        this.firstSequence ??= record.sequence;
        if (record.kind === RecordKind.manifest) onManifest(decodeManifest(record.value()));
      });
      this.lastSequence = end.lastSequence;
      if (end.isWhole) return;
      if (!(await this.#isProven(end.end))) {
        this.unfinishedBytes = this.#bytes - end.end;
        return;
      }
      // While its owner writes, a later record can be seen before an earlier one was looked at. By now that one is
      // whole, unless it is damaged.
      isSecondLook = end.end === from && !isSecondLook;
      from =
        isSecondLook || end.end > from
          ? end.end
          : await this.#skip(from, "a record is not as it was written");
    }
  }

  /** Whether what is at an offset was flushed once, so that it should be whole. */
  async #isProven(from: number): Promise<boolean> {
    return !this.#isLast || (await provesDurable(this.#file, { from, to: this.#bytes, salt: this.#salt }));
  }

  /** Says what is wrong from an offset on, and answers where to go on. */
  async #skip(from: number, what: string): Promise<number> {
    // Not from the very place: it may be whole itself, and only what follows in its commit is not.
    const isLater = ({ sequence }: RecordView) => sequence > this.lastSequence;
    const range = { from: from + 1, to: this.#bytes, salt: this.#salt };
    const to = (await findRecord(this.#file, range, isLater)) ?? this.#bytes;
    this.damage.push({ from, to, what });
    return to;
  }
}
