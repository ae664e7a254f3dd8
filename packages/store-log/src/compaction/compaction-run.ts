/**
 * One run of compaction. It writes every record of one sealed segment that still decides something again at the end of
 * the log, and then removes the segment.
 *
 * The order of steps is what makes it safe to stop anywhere:
 *
 * 1. Copies are ordinary records in ordinary groups. A record that is there twice does no harm. 2. When all copies are
 * durable, no state points into the segment any more. Recorded answers may still: they get the value itself. 3. A
 * manifest without the segment is made durable. A crash before it leaves the segment in use, a crash after it a file
 * that is replayed once more and listed again. 4. The file is removed and the directory synced. Only now is an older
 * record in it beyond coming back; so from the first copy to this point no other segment is compacted, and if a run is
 * given up, the next one is of the same segment. (See `OlderPuts`, from which this run has struck the segment.)
 *
 * A segment in which nothing is needed any more is removed unread. Most segments end like that where the same keys are
 * written again and again.
 *
 * If a decision about a key is not durable yet, its record stands behind the segment in the log. Then nothing is
 * copied, since a copy would stand behind *it*.
 */

import type { DictCatalog } from "../entries/dict-catalog.ts";
import type { DictEntries } from "../entries/dict-entries.ts";
import type { EntryLog } from "../entries/entry-log.ts";
import type { RecordedAnswers } from "../entries/recorded-answers.ts";
import type { FileLayer } from "../files/files.ts";
import type { KeyTable } from "../index/key-table.ts";
import type { SlotState } from "../index/slot-state.ts";
import type { RecordGroup } from "../log/commit-group.ts";
import type { DiskRoom } from "../log/disk-room.ts";
import type { LogWriter } from "../log/log-writer.ts";
import { movesEnd, RecordKind, type RecordView } from "../record/record.ts";
import { NoRecord, RecordReader } from "../segments/record-reader.ts";
import type { Segment } from "../segments/segment.ts";
import type { SegmentSet } from "../segments/segment-set.ts";
import { removeHint } from "./hint-writer.ts";

// Small enough that going through it, all records being tiny, holds up the event loop for less than 5 ms.
const sliceBytes = 32 * 1024;
// How much is copied before a flush is waited for: a slow disk should not be waited for at every slice.
const settleBytes = 512 * 1024;

export interface CompactionParts {
  readonly files: FileLayer;
  readonly segments: SegmentSet;
  readonly writer: LogWriter;
  readonly log: EntryLog;
  readonly catalog: DictCatalog;
  readonly answers: RecordedAnswers;
  readonly room: DiskRoom;
  /** How much garbage may lie about in any case. */
  readonly slackBytes: number;
}

/** Thrown to end a run that need not go on. */
export class CompactionStopped extends Error {}

/**
 * Compacts one segment away.
 *
 * @param pause - awaited between slices, with how much was read since; throws `CompactionStopped` to end the run
 * @throws whatever made it impossible; the segment stays, and must be the next to be compacted
 */
export async function compactSegment(
  segment: Segment,
  parts: CompactionParts,
  pause: (bytes: number) => Promise<void>,
): Promise<void> {
  const { files, segments, writer, log, answers } = parts;
  const rewindsBefore = writer.rewindCount;
  const copier = new Copier(segment, parts);
  const reader = new RecordReader({ file: segment.file!, salt: segment.salt }, sliceBytes);
  while (!segment.isDead && reader.offset < segment.bytes) {
    const from = reader.offset;
    await readSlice(segment, reader, copier);
    if (copier.movingBytes >= settleBytes) await copier.settle();
    await pause(reader.offset - from);
  }
  await copier.settle();
  while (!(await answers.releaseHolds(segment, log, writer))) await pause(0);
  segment.listed = false;
  try {
    // A rewind took back decisions that this run has relied on: what was not copied may be needed after all.
    if (writer.rewindCount !== rewindsBefore) throw new CompactionStopped("the log was cut back");
    await writer.appendManifest().durable;
  } catch (error) {
    segment.listed = true;
    throw error;
  }
  await segment.close();
  await files.remove(segment.path);
  await files.syncDirectory(segments.directory);
  segments.drop(segment);
  parts.room.freed(segment.bytes);
  await removeHint(segment, parts);
}

async function readSlice(segment: Segment, reader: RecordReader, copier: Copier): Promise<void> {
  try {
    await reader.readTo(segment.bytes, (record, offset) => copier.visit(record, offset));
  } catch (error) {
    throw error instanceof NoRecord ? segment.damaged(error.offset, error.message) : error;
  }
}

/** An entry whose copy is on its way. */
interface Moving {
  readonly table: KeyTable;
  readonly slot: number;
}

/** Writes again what a segment has that is still needed. */
class Copier {
  readonly #segment: Segment;
  readonly #parts: CompactionParts;
  #group: RecordGroup | undefined;
  readonly #moving: Moving[] = [];

  constructor(segment: Segment, parts: CompactionParts) {
    this.#segment = segment;
    this.#parts = parts;
  }

  /** How much was copied since the last `settle`. */
  movingBytes = 0;

  /** Resolves when what was copied so far is durable. */
  async settle(): Promise<void> {
    try {
      await this.#group?.durable;
    } finally {
      // Where the copy never got there. Nobody else marks a slot, so it does not matter whose it is by now.
      for (const { table, slot } of this.#moving.splice(0)) {
        const state = table.peek(slot);
        if (state !== undefined) state.isMoving = false;
      }
      this.movingBytes = 0;
    }
  }

  visit(record: RecordView, offset: number): void {
    if (record.kind === RecordKind.manifest) return;
    const dict = this.#parts.catalog.byNumber(record.dict);
    if (dict === undefined || dict.table.generation !== record.generation) return;
    const key = record.key();
    const state = dict.table.find(key);
    if (state === undefined) return;
    if (this.#isLastTouch(record, offset, state)) {
      // The copy of the put says it as well, and so does what moves the end once more.
      if (!state.isMoving && !dict.isOvertaken(key))
        this.#group = this.#parts.log.copyTouch(dict, state, key);
      return;
    }
    if (state.isAt(this.#segment, offset)) {
      if (!dict.isReplaced(state, key)) this.#copy(record, dict, state);
      return;
    }
    if (record.kind === RecordKind.remove) return;
    // What moved the end of a swept entry forward means nothing without its put, and there may be older ones.
    const isSweptPut =
      state.decision === "swept" && state.version === record.version && !movesEnd(record.kind);
    if (isSweptPut && !dict.isReplaced(state, key))
      this.#group = this.#parts.log.copyRemoval(dict, state, key);
    // The deciding record is elsewhere, or further on in this segment.
    dict.table.forgetOlderPut(state, this.#segment);
  }

  /** Whether a record is what last moved the end of an entry that is there. */
  #isLastTouch({ kind }: RecordView, offset: number, { touch, decision }: SlotState): boolean {
    const isAtHand = touch?.segment === this.#segment && touch.offset === offset;
    return movesEnd(kind) && isAtHand && decision === "put";
  }

  #copy(record: RecordView, dict: DictEntries, state: SlotState): void {
    this.movingBytes += record.length;
    const { log } = this.#parts;
    if (state.decision === "put") {
      state.isMoving = true;
      this.#moving.push({ table: dict.table, slot: state.slot });
      this.#group = log.copyPut(dict, state, record.key(), record.value());
    } else if (state.hasOlderPuts) {
      this.#group = log.copyRemoval(dict, state, record.key());
    }
  }
}
