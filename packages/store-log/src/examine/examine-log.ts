/**
 * Reads every byte of a log and reports what is whole and what is damaged. Needs no memory for keys.
 *
 * Recovery stops at the first damage, because a store that went on would hide it. This examination goes on behind the
 * damage, to report what is left: the next whole record, and how much follows. Both use `segment-end.ts` to decide what
 * damage is.
 */

import type { LogFile } from "../files/files.ts";
import { RecordKind, type RecordView } from "../record/record.ts";
import { findRecord } from "../record/record-search.ts";
import type { Hint } from "../segments/hint.ts";
import type { LastSegment } from "../segments/last-segment.ts";
import {
  knownSalts,
  missingSegments,
  provenBytes,
  type SegmentProofs,
  whyDamaged,
} from "../segments/segment-end.ts";
import { segmentHeaderBytes } from "../segments/segment-header.ts";
import { identifySegment, type SegmentIdentity } from "../segments/segment-identity.ts";
import { ScanMemory, scanSegment } from "../segments/segment-scan.ts";
import { decodeManifest, type ManifestEntry } from "../segments/segment-set.ts";
import type { SnapshotSegment } from "./snapshot.ts";

/** A stretch of a segment that is not as it was written. */
export interface DamagedStretch {
  /** Offset of the first broken commit. */
  readonly from: number;
  /** Where whole records begin again, or the segment ends or should end. */
  readonly to: number;
  readonly what: string;
  /** Whether nothing is lost by it: a store opens all the same, and mends it. */
  readonly isMendable: boolean;
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
  /** Whether nothing is damaged or missing. */
  readonly isWhole: boolean;
  /** Whether a store opens on it. What is damaged in a segment that has a hint it finds only when it is read. */
  readonly opens: boolean;
  /** Whether the end is proven to be the end; false after a kill, when what was flushed last may be gone unseen. */
  readonly isEndProven: boolean;
}

/** What is known of a log besides its segments. */
export interface LogProofs {
  readonly lastSegment: LastSegment;
  /** The whole hint of a segment, if it has one. */
  hintOf(number: number): Promise<Hint | undefined>;
}

const noProofs: LogProofs = { lastSegment: { number: 0 }, hintOf: async () => undefined };

/**
 * Examines all segments of a log.
 *
 * @throws `conflict` if a newer program wrote it
 */
export async function examineLog(
  segments: readonly SnapshotSegment[],
  proofs: LogProofs = noProofs,
): Promise<LogExamination> {
  const examiner = new Examiner(proofs);
  const examined: SegmentExamination[] = [];
  for (const segment of segments) {
    examined.push(await examiner.examine(segment, segment === segments.at(-1)));
  }
  const found = new Map(examined.map((segment) => [segment.number, segment]));
  const missing = missingSegments(examiner.manifest, proofs.lastSegment, {
    get: (number) => found.get(number),
    lastNumber: examined.at(-1)?.number ?? 0,
  }).filter(({ number, bytes }) => {
    const segment = found.get(number);
    return segment === undefined || segment.damage.length === 0 || segment.bytes < bytes;
  });
  const damage = examined.flatMap((segment) => segment.damage);
  return {
    segments: examined,
    missing,
    isWhole: missing.length === 0 && damage.length === 0,
    opens: missing.length === 0 && damage.every(({ isMendable }) => isMendable),
    isEndProven: examiner.isEndProven,
  };
}

class Examiner {
  manifest: readonly ManifestEntry[] = [];
  isEndProven = true;
  readonly #proofs: LogProofs;
  readonly #memory = new ScanMemory();
  #lastSequence = 0;

  constructor(proofs: LogProofs) {
    this.#proofs = proofs;
  }

  async examine({ number, file, bytes }: SnapshotSegment, isLast: boolean): Promise<SegmentExamination> {
    const hint = await this.#proofs.hintOf(number);
    const proofs = { isLast, lastSegment: this.#proofs.lastSegment, hint };
    const otherSalts = knownSalts(number, proofs);
    const { salt, header } = await identifySegment(file, { number, bytes, otherSalts });
    const afterSequence = this.#lastSequence;
    const walk = new SegmentWalk(file, { number, bytes, salt, proofs, afterSequence, memory: this.#memory });
    await walk.run(header, (manifest) => {
      this.manifest = manifest;
    });
    this.#lastSequence = walk.lastSequence;
    const { records, firstSequence, lastSequence, unfinishedBytes, damage } = walk;
    const sequences = firstSequence === undefined ? undefined : ([firstSequence, lastSequence] as const);
    const end = bytes - unfinishedBytes;
    this.isEndProven = provenBytes(number, salt, proofs) >= end;
    return { number, bytes: end, records, sequences, unfinishedBytes, damage };
  }
}

interface WalkedSegment {
  readonly number: number;
  readonly bytes: number;
  readonly salt: number;
  readonly proofs: SegmentProofs;
  readonly afterSequence: number;
  readonly memory: ScanMemory;
}

/** One way through a segment. */
class SegmentWalk {
  records = 0;
  firstSequence: number | undefined;
  lastSequence: number;
  unfinishedBytes = 0;
  readonly damage: DamagedStretch[] = [];
  readonly #file: LogFile;
  readonly #segment: WalkedSegment;

  constructor(file: LogFile, segment: WalkedSegment) {
    this.#file = file;
    this.#segment = segment;
    this.lastSequence = segment.afterSequence;
  }

  async run(
    header: SegmentIdentity["header"],
    onManifest: (manifest: ManifestEntry[]) => void,
  ): Promise<void> {
    const { bytes, salt, memory } = this.#segment;
    let from = segmentHeaderBytes;
    if (header === "damaged" && (await this.#whyDamaged(0)) !== undefined) {
      const what = "its header is not as it was written, but its records say what it was";
      this.damage.push({ from: 0, to: from, what, isMendable: true });
    }
    if (header === "lost") {
      if ((await this.#whyDamaged(0)) === undefined) {
        this.unfinishedBytes = bytes;
        return;
      }
      from = await this.#skip(0, "its header is not one of ours");
    }
    let isSecondLook = false;
    while (from < bytes) {
      const range = { from, to: bytes, salt, afterSequence: this.lastSequence, memory };
      const { end, lastSequence } = await scanSegment(this.#file, range, (record) => {
        this.records++;
        this.firstSequence ??= record.sequence;
        if (record.kind === RecordKind.manifest) onManifest(decodeManifest(record.value()));
      });
      this.lastSequence = lastSequence;
      const reason = await this.#whyDamaged(end);
      if (end === bytes) return this.#requireEnd(end, reason);
      if (reason === undefined) {
        this.unfinishedBytes = bytes - end;
        return;
      }
      // While its owner writes, a later record can be seen before an earlier one was looked at. By now that one is
      // whole, unless it is damaged.
      isSecondLook = end === from && !isSecondLook;
      from = isSecondLook || end > from ? end : await this.#skip(from, "a record is not as it was written");
    }
    // What was skipped at the end is named already.
    if ((this.damage.at(-1)?.to ?? -1) < bytes) this.#requireEnd(from, await this.#whyDamaged(from));
  }

  /** Why it is damage that no whole commit ends behind an offset, if it is. */
  #whyDamaged(end: number): Promise<string | undefined> {
    const { number, salt, bytes: size, proofs } = this.#segment;
    return whyDamaged(this.#file, { number, salt, end, size }, proofs);
  }

  /** Says what is gone behind the end of the file. */
  #requireEnd(end: number, reason: string | undefined): void {
    if (reason === undefined) return;
    const { number, salt, proofs } = this.#segment;
    const to = Math.max(end, provenBytes(number, salt, proofs));
    this.damage.push({ from: end, to, what: `the end is gone: ${reason}`, isMendable: false });
  }

  /** Says what is wrong from an offset on, and answers where to go on. */
  async #skip(from: number, what: string): Promise<number> {
    const { number, bytes, salt, proofs } = this.#segment;
    // Not from the very place: it may be whole itself, and only what follows in its commit is not.
    const isLater = ({ sequence }: RecordView) => sequence > this.lastSequence;
    const found = await findRecord(this.#file, { from: from + 1, to: bytes, salt }, isLater);
    const to = found ?? Math.max(bytes, provenBytes(number, salt, proofs));
    this.damage.push({ from, to, what, isMendable: false });
    return to;
  }
}
