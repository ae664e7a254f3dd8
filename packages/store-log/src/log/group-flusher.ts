/**
 * Flushes written groups, which is their second moment (see `log-writer.ts`).
 *
 * One flush runs at a time. It covers everything that is written when it begins. Later writes get the next flush, which
 * begins at once if a call waits for it.
 */

import type { FileLayer, LogFile } from "../files/files.ts";
import { writeLastSegment } from "../segments/last-segment.ts";
import type { SegmentSet } from "../segments/segment-set.ts";
import type { CommitGroup } from "./commit-group.ts";
import type { FlushPath } from "./flush-path.ts";

// How soon the removal of an open store's files is noticed.
const namedEveryMs = 200;
// How long `everysec` may wait for its flush to begin, and for it to end before nothing more is acknowledged.
const flushAfterMs = 1000;
const unflushedMaxMs = 2000;

export interface GroupFlusherOptions {
  readonly files: FileLayer;
  readonly segments: SegmentSet;
  readonly flushPath: FlushPath;
  /** The highest sequence number in the log. */
  readonly lastSequence: number;
  /** A flush is over and its groups are completed. */
  onFlushed(groups: readonly CommitGroup[]): void;
  /** A flush failed, or what it completes did: the log is in an unknown state. */
  onFailure(error: unknown): void;
}

/** Everything up to here is flushed and applied. */
export interface DurableEnd {
  /** The number of the last such group. */
  readonly group: number;
  /** The number of the segment that it is in. */
  readonly segment: number;
  /** Where it ends in the segment. */
  readonly offset: number;
  /** The highest sequence number. */
  readonly sequence: number;
}

export class GroupFlusher {
  readonly #options: GroupFlusherOptions;
  #durable: DurableEnd;
  #writtenSequence: number;
  /** The last group that is written and not flushed. */
  #unflushed: CommitGroup | undefined;
  /** Written groups with calls that wait for the flush. */
  #waiting: CommitGroup[] = [];
  /** The groups that the flush under way will complete. */
  #flushing: readonly CommitGroup[] | undefined;
  #isNewFile = false;
  /** When the file was last seen to have a name. */
  #namedAtMs = 0;
  /** When the oldest write of `everysec` was made that no flush has begun for, and the same of the flush under way. */
  #soonSinceMs: number | undefined;
  #flushingSinceMs: number | undefined;
  #soonTimer: ReturnType<typeof setTimeout> | undefined;
  #isSoonDue = false;
  #isFailed = false;
  readonly #listeners = new Set<() => void>();

  constructor(options: GroupFlusherOptions) {
    const { active } = options.segments;
    this.#options = options;
    this.#writtenSequence = options.lastSequence;
    this.#durable = {
      group: 0,
      segment: active?.number ?? 0,
      offset: active?.bytes ?? 0,
      sequence: options.lastSequence,
    };
  }

  get durable(): DurableEnd {
    return this.#durable;
  }

  /** The highest sequence number that is written. */
  get writtenSequence(): number {
    return this.#writtenSequence;
  }

  /** Whether a flush is under way. */
  get isFlushing(): boolean {
    return this.#flushing !== undefined;
  }

  /** Whether everything that is written is flushed. */
  get isFlushed(): boolean {
    return this.#flushing === undefined && this.#unflushed === undefined;
  }

  /** Whether what `everysec` acknowledged has waited so long that no more may be. */
  get isLate(): boolean {
    const sinceMs = this.#flushingSinceMs ?? this.#soonSinceMs;
    return sinceMs !== undefined && performance.now() - sinceMs > unflushedMaxMs;
  }

  /** The written group of that number that calls wait for, if it is not flushed. */
  find(number: number): CommitGroup | undefined {
    const isIt = (each: CommitGroup) => each.number === number;
    return this.#waiting.find(isIt) ?? this.#flushing?.find(isIt);
  }

  /** A segment got its file: the directory has to be flushed too. */
  fileCreated(): void {
    this.#isNewFile = true;
  }

  /** A group is written. Flushes if a call waits for it. */
  written(group: CommitGroup): void {
    const reason = this.#whyNameless(group.segment.file!);
    if (reason !== undefined) {
      this.#waiting.push(group);
      this.#options.onFailure(reason);
      return;
    }
    this.#unflushed = group;
    // A group may turn out to have no record, when somebody only wanted to wait for a flush.
    this.#writtenSequence = Math.max(this.#writtenSequence, group.lastSequence);
    if (group.isFlushedSoon) this.#flushSoon();
    if (!this.#apply(() => group.completeWritten()) || !group.needsFlush) return;
    this.#waiting.push(group);
    this.flush();
  }

  /** Flushes what is written, unless a flush is under way. */
  flush(): void {
    const last = this.#unflushed;
    if (last === undefined || this.#flushing !== undefined || this.#isFailed) return;
    const flush = { last, sequence: this.#writtenSequence, groups: this.#waiting };
    this.#flushing = this.#waiting;
    this.#waiting = [];
    this.#unflushed = undefined;
    this.#flushingSinceMs = this.#soonSinceMs;
    this.#forgetSoon();
    const file = last.segment.file!;
    if (this.#isInline(flush)) this.#flushInline(file, flush);
    else void this.#flushInPool(file, flush);
  }

  /** Resolves when everything that is written is flushed, or the flush failed. */
  async flushAll(): Promise<void> {
    for (this.flush(); this.#flushing !== undefined && !this.#isFailed; this.flush()) {
      await new Promise<void>((resolve) => {
        const forget = this.onFlush(() => {
          forget();
          resolve();
        });
      });
    }
  }

  /** Calls `listener` after every flush, and when there will be no more, until the answered function is called. */
  onFlush(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The log was cut back to what is flushed. */
  rewound(segment: number, offset: number): void {
    this.#durable = { ...this.#durable, segment, offset };
    this.#isNewFile = false;
  }

  /** Nothing will be flushed any more. @returns the groups that calls still wait for */
  stop(): CommitGroup[] {
    this.#isFailed = true;
    this.#forgetSoon();
    const groups = [...(this.#flushing ?? []), ...this.#waiting];
    this.#tell();
    return groups;
  }

  #flushSoon(): void {
    this.#soonSinceMs ??= performance.now();
    // Not unref'd: a process that just ends still keeps the promise.
    this.#soonTimer ??= setTimeout(() => {
      this.#isSoonDue = true;
      this.flush();
    }, flushAfterMs);
  }

  #forgetSoon(): void {
    this.#soonSinceMs = undefined;
    this.#isSoonDue = false;
    clearTimeout(this.#soonTimer);
    this.#soonTimer = undefined;
  }

  #isInline(flush: Flush): boolean {
    if (this.#isNewFile || flush.last.segment.file?.flushSync === undefined) return false;
    return this.#options.flushPath.isInline && this.#isSmall(flush);
  }

  #isSmall({ last }: Flush): boolean {
    return this.#options.flushPath.isSmall(last.end - this.#durable.offset);
  }

  #flushInline(file: LogFile, flush: Flush): void {
    const startMs = performance.now();
    try {
      file.flushSync!();
    } catch (error) {
      this.#options.onFailure(error);
      return;
    }
    this.#options.flushPath.measured(performance.now() - startMs);
    this.#flushed(flush);
  }

  async #flushInPool(file: LogFile, flush: Flush): Promise<void> {
    const { files, segments, flushPath } = this.#options;
    const isNew = this.#isNewFile;
    const isMeasured = !isNew && this.#isSmall(flush);
    const startMs = performance.now();
    try {
      await file.sync();
      if (isNew) {
        await files.syncDirectory(segments.directory);
        const { segment, end } = flush.last;
        await writeLastSegment(files, segments.directory, {
          number: segment.number,
          bytes: end,
          salt: segment.salt,
        });
      }
    } catch (error) {
      this.#options.onFailure(error);
      return;
    }
    if (isMeasured) flushPath.measured(performance.now() - startMs);
    this.#isNewFile &&= !isNew;
    this.#flushed(flush);
  }

  /** Why a file will be gone with this process, however well it is flushed: it has no name. Looked at now and then. */
  #whyNameless(file: LogFile): unknown {
    const nowMs = performance.now();
    if (nowMs - this.#namedAtMs < namedEveryMs) return undefined;
    this.#namedAtMs = nowMs;
    try {
      if (file.hasNameSync?.() !== false) return undefined;
      return new Error("the files of the log were removed while it was open");
    } catch (error) {
      return error;
    }
  }

  #flushed({ last, sequence, groups }: Flush): void {
    if (this.#isFailed) return;
    this.#flushing = undefined;
    this.#flushingSinceMs = undefined;
    this.#durable = { group: last.number, segment: last.segment.number, offset: last.end, sequence };
    for (const group of groups) if (!this.#apply(() => group.completeFlushed())) return;
    this.#tell();
    this.#options.onFlushed(groups);
    if (this.#waiting.length > 0 || this.#isSoonDue) this.flush();
  }

  /** Applies effects. @returns false if that failed: memory no longer says what the log says */
  #apply(complete: () => void): boolean {
    try {
      complete();
      return true;
    } catch (error) {
      this.#options.onFailure(error);
      return false;
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

interface Flush {
  /** The last group that is covered. */
  readonly last: CommitGroup;
  /** The highest sequence number that is covered. */
  readonly sequence: number;
  /** Those that calls wait for. */
  readonly groups: readonly CommitGroup[];
}
