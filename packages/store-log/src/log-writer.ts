/**
 * Group commit: the one writer of the log.
 *
 * Calls are decided one after the other and put their records into the group that is open. One group at a time
 * is written and flushed; meanwhile the next one collects. So a flush is shared by all that wait for it, and the
 * slower the disk, the more of them there are. When a group is on disk its effects are applied at one instant,
 * in the order of the records, and only then its callers hear of it.
 *
 * A failure is never retried as if nothing had happened. After a failed flush nobody knows what the disk holds,
 * so the store closes itself; a restart reads what is really there. A full disk is the exception, if it showed
 * before the flush: then the log is cut back to its last durable byte, everything that was not durable is
 * refused, and the store goes on.
 */

import { createError, type EverdictError } from "@everdict/protocol";
import { CommitGroup } from "./commit-group.ts";
import type { FileLayer } from "./files.ts";
import { RecordKind } from "./record.ts";
import type { Segment } from "./segment.ts";
import { encodeSegmentHeader } from "./segment-header.ts";
import type { SegmentSet } from "./segment-set.ts";

// A group larger than this is closed to further records, so that the first in it do not wait for too much.
const groupMaxBytes = 8 * 1024 * 1024;
const noBytes = Buffer.alloc(0);

export interface LogWriterOptions {
  readonly files: FileLayer;
  readonly segments: SegmentSet;
  readonly segmentMaxBytes: number;
  /** The highest sequence number in the log. */
  readonly lastSequence: number;
  /** The last group was not written and never will be: forget what rests on it. The log itself is good. */
  onRewind(): void;
  /** The log is in an unknown state: accept nothing more. */
  onFailure(error: EverdictError): void;
  /** A segment was sealed by the first group of the next. */
  onSealed(): void;
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #queue: CommitGroup[] = [];
  #open: CommitGroup | undefined;
  #lastGroup = 0;
  #durableGroup = 0;
  #durableSegment: number;
  #durableSequence: number;
  #lastSequence: number;
  #isRunning = false;
  #failure: EverdictError | undefined;
  #rewindCount = 0;

  constructor(options: LogWriterOptions) {
    this.#options = options;
    this.#durableSequence = options.lastSequence;
    this.#lastSequence = options.lastSequence;
    this.#durableSegment = options.segments.active?.number ?? 0;
  }

  /** The last group that is durable and applied. */
  get durableGroup(): number {
    return this.#durableGroup;
  }

  /** The highest sequence number that is durable and applied. */
  get durableSequence(): number {
    return this.#durableSequence;
  }

  /** Whether a segment is complete: nothing will be added to it, and all of it is durable and applied. */
  isSealed(segment: Segment): boolean {
    return segment.number < this.#durableSegment;
  }

  /** How often the log was cut back. */
  get rewindCount(): number {
    return this.#rewindCount;
  }

  /** The next sequence number. Whoever takes one writes its record before anything else takes the next. */
  nextSequence(): number {
    return ++this.#lastSequence;
  }

  /** The group that takes records now; it will be written soon. */
  current(): CommitGroup {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#open !== undefined && this.#open.bytes >= groupMaxBytes) this.#seal(this.#open);
    this.#open ??= this.#startGroup();
    return this.#open;
  }

  /**
   * Resolves when everything up to that group is durable; at once (undefined) if it is. An answer that rests
   * on what is not durable yet waits for this.
   */
  whenDurable(group: number): Promise<void> | undefined {
    if (group <= this.#durableGroup) return undefined;
    return this.#queue.find((waiting) => waiting.number === group)?.durable;
  }

  /** Resolves a moment after everything in the log so far is durable and applied. */
  async flushed(): Promise<void> {
    await this.#queue.at(-1)?.durable;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /**
   * Resolves when nothing is waiting to be written, and nothing will be.
   *
   * A last manifest closes the log. A record proves that all groups before its own had been durable, so without
   * it damage to the last group would look like a torn end.
   */
  async end(): Promise<void> {
    await this.#idle();
    if (this.#lastGroup === 0 || this.#failure !== undefined) return;
    this.appendManifest();
    await this.#idle();
  }

  async #idle(): Promise<void> {
    while (this.#queue.length > 0) await this.#queue.at(-1)!.durable.catch(() => {});
  }

  /** Writes down which sealed segments there are, in a group that resolves when that is durable. */
  appendManifest(): CommitGroup {
    const group = this.current();
    this.#writeManifest(group);
    return group;
  }

  #startGroup(): CommitGroup {
    const { segments, segmentMaxBytes } = this.#options;
    const active = segments.active;
    const isNew = active === undefined || active.bytes >= segmentMaxBytes;
    const segment = isNew ? segments.startNext() : active;
    const group = new CommitGroup(++this.#lastGroup, segment);
    if (isNew) {
      group.appendRaw(encodeSegmentHeader(segment.number));
      this.#writeManifest(group);
    }
    this.#queue.push(group);
    if (!this.#isRunning) {
      this.#isRunning = true;
      // Not at once: the calls of this turn of the event loop travel together.
      setImmediate(() => void this.#run());
    }
    return group;
  }

  #writeManifest(group: CommitGroup): void {
    const sequence = this.nextSequence();
    group.append({
      kind: RecordKind.manifest,
      endsCommit: true,
      sequence,
      dict: 0,
      generation: 0,
      version: sequence,
      expiresAtMs: Number.POSITIVE_INFINITY,
      key: noBytes,
      value: this.#options.segments.manifest(),
    });
  }

  #seal(group: CommitGroup): void {
    // Only the open group is the last of its segment; for an earlier one the segment has gone on.
    if (this.#open !== group) return;
    group.segment.bytes = group.start + group.bytes;
    this.#open = undefined;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue[0]!;
      this.#seal(group);
      try {
        await this.#write(group);
      } catch (error) {
        await this.#giveUp(group, error);
        continue;
      }
      this.#queue.shift();
      this.#durableGroup = group.number;
      this.#durableSegment = group.segment.number;
      // A group may turn out to have no record, when somebody only wanted to wait for a flush.
      this.#durableSequence = Math.max(this.#durableSequence, group.lastSequence);
      this.#complete(group);
      if (group.start === 0) this.#options.onSealed();
    }
    this.#isRunning = false;
  }

  async #write(group: CommitGroup): Promise<void> {
    const { files, segments } = this.#options;
    const { segment } = group;
    await group.finish();
    const isNew = segment.file === undefined;
    if (isNew) segment.attach(await files.create(segment.path).catch(markUnwritten));
    const file = segment.file!;
    await file.write(group.parts, group.start).catch(markUnwritten);
    await file.sync();
    if (isNew) await files.syncDirectory(segments.directory);
  }

  #complete(group: CommitGroup): void {
    try {
      group.complete();
    } catch (error) {
      // A defect: memory no longer says what the log says, so nothing more may be answered from it.
      this.#fail(error);
      group.fail(this.#failure);
    }
  }

  async #giveUp(group: CommitGroup, error: unknown): Promise<void> {
    if (error instanceof Unwritten && isDiskFull(error.cause)) {
      try {
        await this.#rewind(group);
        return;
      } catch (rewindError) {
        this.#fail(rewindError);
        return;
      }
    }
    this.#fail(error instanceof Unwritten ? error.cause : error);
  }

  async #rewind(group: CommitGroup): Promise<void> {
    const { files, segments, onRewind } = this.#options;
    const { segment } = group;
    let active: Segment | undefined = segment;
    if (group.start > 0) await segment.file!.truncate(group.start);
    else {
      if (segment.file !== undefined) {
        await segment.close();
        await files.remove(segment.path);
        await files.syncDirectory(segments.directory);
      }
      active = [...segments.all()].findLast((earlier) => earlier.number < segment.number);
    }
    segments.rewind(active, active === segment ? group.start : (active?.bytes ?? 0));
    this.#rewindCount++;
    onRewind();
    this.#rejectAll(createError("store_full", "the disk is full: nothing of this was written"));
  }

  #fail(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = createError(
      "store_closed",
      `the store closed itself because its disk failed (${reason}); writes that were not acknowledged may or may ` +
        "not be found when it is opened again",
      { cause },
    );
    this.#options.onFailure(this.#failure);
    this.#rejectAll(this.#failure);
  }

  #rejectAll(error: EverdictError): void {
    this.#open = undefined;
    for (const group of this.#queue.splice(0)) group.fail(error);
  }
}

/** A failure before the flush: the kernel has refused bytes, and no flush has been asked for. */
class Unwritten extends Error {}

function markUnwritten(cause: unknown): never {
  throw new Unwritten("not written", { cause });
}

function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "ENOSPC" || code === "EDQUOT";
}
