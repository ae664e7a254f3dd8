/**
 * One run of compaction: everything in one sealed segment that still decides something is written again at the
 * end of the log, and then the segment goes.
 *
 * The order of steps is what makes it safe to stop anywhere:
 *
 * 1. Copies are ordinary records in ordinary groups. A record that is there twice says the same twice.
 * 2. When all copies are durable, no state points into the segment any more. Answers to tokens may still: they
 *    get the value itself.
 * 3. A manifest without the segment is made durable. A crash before it leaves the segment in use, a crash after
 *    it a file that is replayed once more and listed again.
 * 4. The file is removed and the directory synced. Only now is an older record in it beyond coming back; so
 *    from the first copy to this point no other segment is compacted, and if a run is given up, the next one is
 *    of the same segment. (See `KeyState.olderPuts`, from which this run has struck the segment.)
 *
 * What was decided about a key but is not durable yet stands behind the segment in the log; then nothing is
 * copied, since a copy would stand behind *it*.
 */

import type { CommitGroup } from "./commit-group.ts";
import type { DictCatalog } from "./dict-catalog.ts";
import type { DictEntries } from "./dict-entries.ts";
import type { EntryLog } from "./entry-log.ts";
import type { FileLayer } from "./files.ts";
import type { KeyState } from "./key-state.ts";
import type { LogWriter } from "./log-writer.ts";
import { RecordKind, type RecordView } from "./record.ts";
import type { Segment } from "./segment.ts";
import { segmentHeaderBytes } from "./segment-header.ts";
import { scanSegment } from "./segment-scan.ts";
import type { SegmentSet } from "./segment-set.ts";
import type { Tokens } from "./tokens.ts";

// Small enough that going through it does not hold up the event loop for more than a millisecond or two.
const sliceBytes = 128 * 1024;

export interface CompactionParts {
  readonly files: FileLayer;
  readonly segments: SegmentSet;
  readonly writer: LogWriter;
  readonly log: EntryLog;
  readonly catalog: DictCatalog;
  readonly tokens: Tokens;
}

/** Thrown to end a run that need not go on. */
export class CompactionStopped extends Error {}

/**
 * Compacts one segment away.
 *
 * @param pause - awaited between slices; throws `CompactionStopped` to end the run
 * @throws whatever made it impossible; the segment stays, and must be the next to be compacted
 */
export async function compactSegment(
  segment: Segment,
  parts: CompactionParts,
  pause: () => Promise<void>,
): Promise<void> {
  const { files, segments, writer, log, tokens } = parts;
  const rewindsBefore = writer.rewindCount;
  const copier = new Copier(segment, parts);
  const range = { from: segmentHeaderBytes, to: segment.bytes, windowBytes: sliceBytes, afterSequence: 0 };
  const end = await scanSegment(
    segment.file!,
    range,
    (record, offset) => copier.visit(record, offset),
    async () => {
      await copier.settle();
      await pause();
    },
  );
  if (!end.isWhole) throw segment.damaged(end.end, "the records there were whole when they were written");
  await copier.settle();
  while (!(await tokens.releaseHolds(segment, log, writer))) await pause();
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
}

/** Writes again what a segment has that is still needed. */
class Copier {
  readonly #segment: Segment;
  readonly #parts: CompactionParts;
  #group: CommitGroup | undefined;
  #moving: KeyState[] = [];

  constructor(segment: Segment, parts: CompactionParts) {
    this.#segment = segment;
    this.#parts = parts;
  }

  /** Resolves when what was copied so far is durable. */
  async settle(): Promise<void> {
    try {
      await this.#group?.durable;
    } finally {
      for (const state of this.#moving) state.isMoving = false;
      this.#moving = [];
    }
  }

  visit(record: RecordView, offset: number): void {
    if (record.kind === RecordKind.manifest) return;
    const dict = this.#parts.catalog.byNumber(record.dict);
    if (dict === undefined || dict.table.generation !== record.generation) return;
    const text = record.key().toString("latin1");
    const state = dict.table.get(text);
    if (state === undefined) return;
    if (record.kind === RecordKind.touch) {
      this.#visitTouch(record, offset, dict, state);
      return;
    }
    if (state.isAt(this.#segment, offset)) {
      if (!dict.isOvertaken(text)) this.#copy(record, dict, state);
    } else if (record.kind === RecordKind.put) {
      // The deciding record is elsewhere, or further on in this segment.
      dict.table.forgetOlderPut(text, this.#segment);
    }
  }

  #visitTouch(record: RecordView, offset: number, dict: DictEntries, state: KeyState): void {
    const { touch } = state;
    if (touch?.segment !== this.#segment || touch.offset !== offset || state.decision !== "put") return;
    if (dict.isOvertaken(state.text)) return;
    this.#group = this.#parts.log.copyTouch(dict, state, record.key());
  }

  #copy(record: RecordView, dict: DictEntries, state: KeyState): void {
    const { log } = this.#parts;
    if (state.decision === "put") {
      state.isMoving = true;
      this.#moving.push(state);
      this.#group = log.copyPut(dict, state, record.key(), record.value());
    } else if (state.olderPuts !== undefined) {
      this.#group = log.copyRemoval(dict, state, record.key());
    }
  }
}
