/**
 * Reads everything that is whole in a segment, damaged or not, in its order.
 *
 * A commit with a damaged part was whole once, so its other records are used. At an end that a crash may have torn, a
 * commit was perhaps never whole. There the same rule holds as for a store that opens, but whole commits further on are
 * used.
 *
 * The hint says what a damaged stretch held, except the values of entries. Removals, and records about the log itself,
 * are taken from there.
 */

import type { DamagedStretch, LogProofs } from "../examine/examine-log.ts";
import type { SnapshotSegment } from "../examine/snapshot.ts";
import { firstDictNumber } from "../record/dict-numbers.ts";
import { RecordKind, type RecordView } from "../record/record.ts";
import { findRecord, readRecordAt } from "../record/record-search.ts";
import type { Hint } from "../segments/hint.ts";
import type { HintRow } from "../segments/hint-rows.ts";
import { knownSalts, provenBytes, type SegmentProofs, whyDamaged } from "../segments/segment-end.ts";
import { segmentHeaderBytes } from "../segments/segment-header.ts";
import { identifySegment } from "../segments/segment-identity.ts";
import { scanSegment } from "../segments/segment-scan.ts";

/** Gets what is found, in order. What it is given is only valid during the call. */
export interface SalvageVisitor {
  /** The highest sequence number that was met; set by the reader. */
  lastSequence: number;
  /** A whole record, or the row of one that is damaged and is known all the same. */
  found(record: RecordView | HintRow): void;
  /** An entry whose record is damaged, by its row. */
  lost(row: HintRow): void;
  /** Awaited now and then, so that what was found can be written. */
  pause(): Promise<void>;
}

/** What was unreadable in a segment. */
export interface UnreadableStretch extends Pick<DamagedStretch, "from" | "to"> {
  readonly segment: number;
  /** Whether a hint says what was there. */
  readonly isKnown: boolean;
}

/** Reads a segment, or what its hint says if it is not there any more. @returns what is unreadable */
export async function salvageSegment(
  { number, file, bytes }: SnapshotSegment,
  { lastSegment, hintOf }: LogProofs,
  isLast: boolean,
  visitor: SalvageVisitor,
): Promise<UnreadableStretch[]> {
  const hint = await hintOf(number);
  const proofs = { isLast, lastSegment, hint };
  const { salt } = await identifySegment(file, { number, bytes, otherSalts: knownSalts(number, proofs) });
  return new SegmentSalvage({ number, file, bytes, salt, proofs, hint, visitor }).run();
}

interface SalvagedSegment extends SnapshotSegment {
  readonly salt: number;
  readonly proofs: SegmentProofs;
  readonly hint: Hint | undefined;
  readonly visitor: SalvageVisitor;
}

class SegmentSalvage {
  readonly #segment: SalvagedSegment;
  readonly #unreadable: UnreadableStretch[] = [];

  constructor(segment: SalvagedSegment) {
    this.#segment = segment;
  }

  async run(): Promise<UnreadableStretch[]> {
    const { file, bytes, salt, visitor } = this.#segment;
    let from = segmentHeaderBytes;
    while (from < bytes) {
      const range = { from, to: bytes, salt, afterSequence: visitor.lastSequence };
      const visit = (record: RecordView) => this.#found(record);
      const { end } = await scanSegment(file, range, visit, () => visitor.pause());
      await visitor.pause();
      from = end < bytes ? await this.#readBroken(end) : bytes;
    }
    const { number, proofs } = this.#segment;
    const proven = provenBytes(number, salt, proofs);
    if (proven > bytes && (this.#unreadable.at(-1)?.to ?? 0) < proven)
      this.#skip(Math.max(bytes, segmentHeaderBytes), proven);
    return this.#unreadable;
  }

  #found(record: RecordView): void {
    this.#segment.visitor.lastSequence = record.sequence;
    this.#segment.visitor.found(record);
  }

  /** Goes through a commit that is not whole, up to behind its damage. Answers where to go on. */
  async #readBroken(commitAt: number): Promise<number> {
    const { number, file, bytes, salt, proofs, visitor } = this.#segment;
    const end = { number, salt, end: commitAt, size: bytes };
    const wasWhole = (await whyDamaged(file, end, proofs)) !== undefined;
    let at = commitAt;
    for (;;) {
      const record = await readRecordAt(file, at, { to: bytes, salt });
      if (record === undefined || record.sequence <= visitor.lastSequence) break;
      if (wasWhole) this.#found(record);
      else visitor.lastSequence = record.sequence;
      at += record.length;
      await visitor.pause();
    }
    const isLater = ({ sequence }: RecordView) => sequence > visitor.lastSequence;
    const found = await findRecord(file, { from: at + 1, to: bytes, salt }, isLater);
    const to = found ?? Math.max(bytes, provenBytes(number, salt, proofs));
    if (wasWhole || found !== undefined) this.#skip(at, to);
    await visitor.pause();
    if (wasWhole || found === undefined) return to;
    return this.#behindCommit(found);
  }

  /** Where the commit ends in whose midst a record may be; for the next one to be whole from its beginning. */
  async #behindCommit(recordAt: number): Promise<number> {
    const { file, bytes, salt, visitor } = this.#segment;
    let at = recordAt;
    for (;;) {
      const record = await readRecordAt(file, at, { to: bytes, salt });
      if (record === undefined) break;
      visitor.lastSequence = record.sequence;
      at += record.length;
      if (record.endsCommit) break;
    }
    return at;
  }

  /** Takes from the hint what was in a stretch. */
  #skip(from: number, to: number): void {
    if (from >= to) return;
    const { number, hint, salt, visitor } = this.#segment;
    const isKnown = hint !== undefined && hint.salt === salt;
    this.#unreadable.push({ segment: number, from, to, isKnown });
    if (!isKnown) return;
    hint.replay((row, offset) => {
      if (offset < from || offset >= to || row.sequence <= visitor.lastSequence) return;
      visitor.lastSequence = row.sequence;
      const isEntry = row.kind === RecordKind.put && row.dict >= firstDictNumber;
      if (isEntry) visitor.lost(row);
      else visitor.found(row);
    });
  }
}
