/**
 * Group commit: the one writer of the log.
 *
 * Calls are decided one after the other and put their records into the group that is open. One group at a time is
 * written; meanwhile the next one collects. A group has two moments (see `CommitGroup`):
 *
 * - It is *written*: the operating system has it, so it outlives this process. Calls on dictionaries whose durability
 *   is `everysec` or `memory` take effect and are answered.
 * - It is *flushed*, with everything in front of it: it outlives the machine. All other calls take effect and are
 *   answered.
 *
 * All calls that wait for a flush share it. Normally a group is written only once everything in front of it is flushed,
 * so that its records prove that (`record.ts`). If a call in the group waits only for the write, the group need not wait
 * for the flushes of others. Its records then say how far the log was flushed. Writes of `everysec` are flushed after a second at the latest. If that flush takes longer than another second,
 * no more of them are acknowledged until it is over. The first group after opening is flushed before any other is
 * written: from then on no sequence number comes again, whatever a crash takes back.
 *
 * After a failed flush nobody knows what the disk holds, so the store closes itself, and a restart reads what is really
 * there. A full disk and a lack of descriptors are exceptions, if they showed before the flush. Then the log is cut back
 * to the last byte that was written well, all calls behind it are refused, and the store goes on (`disk-room.ts`).
 */

import { setImmediate } from "node:timers";
import { createError, type EverdictError } from "@everdict/protocol";
import type { Durability } from "@everdict/store";
import type { FileLayer, LogFile } from "../files/files.ts";
import { markUnwritten, refusalFor, Unwritten } from "../files/temporary-failure.ts";
import { ZeroedTail } from "../files/zeroed-tail.ts";
import { writeLastSegment } from "../segments/last-segment.ts";
import type { Segment } from "../segments/segment.ts";
import { segmentBytes } from "../segments/segment-bytes.ts";
import { encodeSegmentHeader, formatVersion } from "../segments/segment-header.ts";
import type { SegmentSet } from "../segments/segment-set.ts";
import { CommitGroup, type RecordGroup } from "./commit-group.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { FlushPath } from "./flush-path.ts";
import { type DurableEnd, GroupFlusher } from "./group-flusher.ts";
import { behindLostSequences } from "./sequence-skip.ts";

// A group larger than this is closed to further records, so that the first in it do not wait for too much.
const groupMaxBytes = 8 * 1024 * 1024;
const zeroStepMaxBytes = 1024 * 1024;

export interface LogWriterOptions {
  readonly files: FileLayer;
  readonly segments: SegmentSet;
  readonly segmentMaxBytes: number;
  readonly flushPath: FlushPath;
  readonly room: DiskRoom;
  /** The highest sequence number in the log. */
  readonly lastSequence: number;
  readonly nowMs: number;
}

export class LogWriter {
  /** Called when the last group was not written and never will be: decisions that rest on it are void. */
  onRewind: () => void = ignore;
  /** Called when the log is in an unknown state: nothing more may be accepted. */
  onFailure: (error: EverdictError) => void = ignore;
  /** Called when a segment was sealed. */
  onSealed: () => void = ignore;
  readonly #options: LogWriterOptions;
  readonly #flusher: GroupFlusher;
  /** Groups that are not written yet; the last may be open. */
  readonly #queue: CommitGroup[] = [];
  #open: CommitGroup | undefined;
  #lastGroup = 0;
  /** The last group with a call that waits for its write only. */
  #lastRelaxedGroup = 0;
  #lastSequence: number;
  /** Nothing is written until a higher sequence number is flushed. */
  #sequenceBefore: number;
  #isScheduled = false;
  /** Whether the next group begins another segment. */
  #endsSegment = false;
  #isWriting = false;
  #tail: ZeroedTail | undefined;
  #failure: EverdictError | undefined;
  #rewindCount = 0;

  constructor(options: LogWriterOptions) {
    const { files, segments, flushPath, lastSequence, nowMs } = options;
    this.#options = options;
    this.#lastSequence = this.#sequenceBefore = behindLostSequences(lastSequence, nowMs);
    this.#flusher = new GroupFlusher({
      files,
      segments,
      flushPath,
      lastSequence,
      onFlushed: (groups) => this.#flushed(groups),
      onFailure: (error) => this.#fail(error),
    });
    this.#startTail(segments.active?.file, segments.active?.bytes ?? 0);
    // An older program would take a record that it does not know for a torn end, so it has to refuse the segment.
    this.#endsSegment = segments.active !== undefined && segments.active.formatVersion !== formatVersion;
  }

  /** Up to where the log is flushed and applied. */
  get durable(): DurableEnd {
    return this.#flusher.durable;
  }

  /** What is applied in dictionaries of that durability has at most this sequence number. */
  appliedSequence(durability: Durability): number {
    return durability === "sync" ? this.#flusher.durable.sequence : this.#flusher.writtenSequence;
  }

  /** Whether a segment is complete: nothing will be added to it, and all of it is flushed and applied. */
  isSealed(segment: Segment): boolean {
    return segment.number < this.#flusher.durable.segment;
  }

  /** Why the log is in an unknown state, if it is. */
  get failure(): EverdictError | undefined {
    return this.#failure;
  }

  /** How often the log was cut back. */
  get rewindCount(): number {
    return this.#rewindCount;
  }

  /** The next sequence number, whose record is written first. */
  nextSequence(): number {
    return ++this.#lastSequence;
  }

  /** The group that takes records now, for a call that takes effect when they are so durable. */
  current(durability: Durability = "sync"): RecordGroup {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#open !== undefined && this.#open.bytes >= groupMaxBytes) this.#seal(this.#open);
    this.#open ??= this.#startGroup();
    if (durability !== "sync") {
      this.#lastRelaxedGroup = this.#open.number;
      // It may be written in front of a flush that it would have had to wait for.
      if (this.#flusher.isFlushing) this.#schedule();
    }
    return this.#open.side(durability);
  }

  /**
   * Resolves when everything of that durability up to that group is as durable as promised; undefined if it is.
   */
  whenDurable(group: number, durability: Durability = "sync"): Promise<void> | undefined {
    if (group <= this.#flusher.durable.group) return undefined;
    const queued = this.#queue.find((each) => each.number === group);
    return (queued ?? this.#flusher.find(group))?.whenDurable(durability);
  }

  /** Resolves a moment after everything in the log so far is flushed and applied. */
  async flushed(): Promise<void> {
    await this.current().durable;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Everything so far is flushed before any more takes effect, whatever its durability. */
  flushBeforeMore(): void {
    for (const group of this.#queue) group.isFlushedForAll = true;
    this.#sequenceBefore = this.#lastSequence;
  }

  /** Flushes what is written and not flushed yet. */
  flush = (): void => this.#flusher.flush();

  /** Calls `listener` after every flush, and when there will be no more, until the answered function is called. */
  onFlush(listener: () => void): () => void {
    return this.#flusher.onFlush(listener);
  }

  /**
   * Resolves when everything is flushed, and nothing will be written any more.
   *
   * A last manifest closes the log, and where it ends is written down: less than that is damage from then on, and no
   * torn end.
   *
   * @returns whether the log is complete and closed
   */
  async end(): Promise<boolean> {
    let isClosed = this.#failure === undefined;
    try {
      if (this.#lastGroup > 0) {
        await this.current().durable;
        await this.appendManifest().durable;
        const { files, segments } = this.#options;
        await this.#tail?.cut(segments.active?.bytes ?? 0);
        if (segments.active !== undefined) await writeLastSegment(files, segments.directory, segments.active);
      }
    } catch {
      // Closed by itself, or the disk is full: the log ends with what is flushed.
      await this.#flusher.flushAll();
      isClosed = false;
    }
    this.#flusher.stop();
    return isClosed;
  }

  /** Writes down which sealed segments there are, in a group that resolves when that is durable. */
  appendManifest(): RecordGroup {
    const group = this.current();
    group.append(this.#options.segments.manifest(this.nextSequence()));
    return group;
  }

  /** Ends the active segment, so that it can be compacted. Resolves when the next one is there. */
  async sealActive(): Promise<void> {
    if (this.#open !== undefined) this.#seal(this.#open);
    this.#endsSegment = true;
    await this.current().durable;
  }

  #startGroup(): CommitGroup {
    const { segments, segmentMaxBytes } = this.#options;
    const { durable } = this.#flusher;
    const { active } = segments;
    const isOver = active === undefined || active.bytes >= segmentBytes(segments, segmentMaxBytes);
    const isNew = isOver || this.#endsSegment;
    const segment = isNew ? segments.startNext() : active;
    this.#endsSegment = false;
    const isBehindRelaxed = this.#lastRelaxedGroup > durable.group && segment.number === durable.segment;
    const flushedTo = isBehindRelaxed ? durable.offset : segment.bytes;
    const isFlushedForAll = this.#isUnproven && this.#queue.length === 0 && this.#flusher.isFlushed;
    const group = new CommitGroup(++this.#lastGroup, { segment, flushedTo, isFlushedForAll });
    if (isNew) {
      group.appendRaw(encodeSegmentHeader(segment.number, segment.salt));
      group.side("sync").append(segments.manifest(this.nextSequence()));
    }
    this.#queue.push(group);
    this.#schedule();
    return group;
  }

  #seal(group: CommitGroup): void {
    // Only the open group is the last of its segment; for an earlier one the segment has gone on.
    if (this.#open !== group) return;
    group.segment.bytes = group.end;
    this.#open = undefined;
  }

  // ---- Writing ----

  /** Not at once: the calls of this turn of the event loop travel together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#advance();
    });
  }

  #advance(): void {
    const group = this.#queue[0];
    if (group === undefined || this.#isWriting || !this.#mayWrite(group)) return;
    this.#seal(group);
    this.#isWriting = true;
    const ready = this.#prepare(group);
    if (ready === undefined && this.#isInline(group)) this.#writeInline(group);
    else void this.#writeInPool(group, ready);
  }

  get #isUnproven(): boolean {
    return this.#flusher.durable.sequence <= this.#sequenceBefore;
  }

  #mayWrite(group: CommitGroup): boolean {
    const flusher = this.#flusher;
    const needsAllFlushed = group.flushedTo === group.start || this.#isUnproven;
    if (flusher.isFlushing) return !needsAllFlushed && group.isRelaxed && !flusher.isLate;
    if (!needsAllFlushed || flusher.isFlushed) return true;
    flusher.flush();
    return flusher.isFlushed && this.#queue[0] === group && !this.#isWriting;
  }

  /** Whether a group goes to the operating system at once. During a flush that could take as long as the flush. */
  #isInline({ segment, bytes }: CommitGroup): boolean {
    const isPossible = segment.file?.writeSync !== undefined && !this.#flusher.isFlushing;
    return isPossible && this.#options.flushPath.isSmall(bytes);
  }

  /** What has to be waited for before a group can be written. */
  #prepare(group: CommitGroup): Promise<unknown> | undefined {
    const finished = group.finish();
    const { segment } = group;
    if (segment.file === undefined) return Promise.all([finished, this.#createFile(segment)]);
    const free = this.#tail?.whenFree(group.end);
    return free === undefined ? finished : Promise.all([finished, free]);
  }

  async #createFile(segment: Segment): Promise<void> {
    const { files, segments } = this.#options;
    // Everything in front is flushed, so the segment before is complete.
    const sealed = segments.before(segment);
    if (sealed !== undefined) await this.#tail?.cut(sealed.bytes);
    segment.attach(await files.create(segment.path).catch(markUnwritten));
    this.#flusher.fileCreated();
    this.#startTail(segment.file, 0);
  }

  #writeInline(group: CommitGroup): void {
    try {
      if (group.bytes > 0) group.segment.file!.writeSync!(group.parts, group.start);
    } catch (cause) {
      void this.#giveUp(group, new Unwritten(cause));
      return;
    }
    this.#written(group);
  }

  async #writeInPool(group: CommitGroup, ready: Promise<unknown> | undefined): Promise<void> {
    try {
      await ready;
      if (group.bytes > 0) await group.segment.file!.write(group.parts, group.start).catch(markUnwritten);
    } catch (error) {
      await this.#giveUp(group, error);
      return;
    }
    this.#written(group);
  }

  #written(group: CommitGroup): void {
    if (this.#failure !== undefined) return;
    this.#isWriting = false;
    this.#queue.shift();
    this.#flusher.written(group);
    const { room, flushPath } = this.#options;
    room.wrote(group.bytes);
    const isWorthwhile = flushPath.isInline && group.segment.file?.flushSync !== undefined && !room.isFull;
    if (isWorthwhile && !this.#isWriting) this.#tail?.prepare(group.end);
    this.#advance();
  }

  #flushed(groups: readonly CommitGroup[]): void {
    if (groups.some(({ start }) => start === 0)) this.onSealed();
    this.#advance();
  }

  /** The end of the segment that is written, to be filled with zeros. */
  #startTail(file: LogFile | undefined, fileBytes: number): void {
    const stepBytes = Math.ceil(Math.min(zeroStepMaxBytes, this.#options.segmentMaxBytes / 16));
    this.#tail = file && new ZeroedTail(file, stepBytes, fileBytes, (error) => this.#fail(error));
  }

  // ---- Failing ----

  async #giveUp(group: CommitGroup, error: unknown): Promise<void> {
    if (!(error instanceof Unwritten)) return this.#fail(error);
    const refusal = refusalFor(error.cause);
    if (refusal === undefined) return this.#fail(error.cause);
    try {
      if (refusal.code === "store_full") await this.#options.room.refused();
      await this.#rewind(group, refusal);
    } catch (rewindError) {
      this.#fail(rewindError);
    }
  }

  async #rewind(group: CommitGroup, refusal: EverdictError): Promise<void> {
    const { files, segments } = this.#options;
    const { segment } = group;
    // What was written before is answered, or will be: it stays.
    await this.#flusher.flushAll();
    if (this.#failure !== undefined) return;
    const active: Segment | undefined = group.start > 0 ? segment : segments.before(segment);
    if (group.start > 0) await this.#tail?.cutAnyway(group.start);
    else if (segment.file !== undefined) {
      await segment.close();
      await files.remove(segment.path);
      await files.syncDirectory(segments.directory);
    }
    segments.rewind(active, active === segment ? group.start : (active?.bytes ?? 0));
    this.#flusher.rewound(active?.number ?? 0, active?.bytes ?? 0);
    if (group.start === 0) this.#startTail(active?.file, active?.bytes ?? 0);
    this.#rewindCount++;
    this.onRewind();
    this.#isWriting = false;
    this.#rejectQueue(refusal);
  }

  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = createError(
      "store_closed",
      `the store closed itself because its disk failed (${reason}); writes that were not acknowledged may or may ` +
        "not be found when it is opened again, nor the latest ones in dictionaries that are everysec or memory",
      { cause },
    );
    this.onFailure(this.#failure);
    for (const group of this.#flusher.stop()) group.fail(this.#failure);
    this.#rejectQueue(this.#failure);
  }

  #rejectQueue(error: EverdictError): void {
    this.#open = undefined;
    for (const group of this.#queue.splice(0)) group.fail(error);
  }
}

function ignore(): void {}
