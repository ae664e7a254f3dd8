import { isStoreFull } from "../files/temporary-failure.ts";
import type { Segment } from "../segments/segment.ts";
import { CompactionPace } from "./compaction-pace.ts";
import { type CompactionParts, CompactionStopped, compactSegment } from "./compaction-run.ts";

// A segment is worth compacting when this part of it is garbage. If none is, all sealed segments together are at
// most twice their live bytes, which keeps the directory, the active segment included, near 2.5 times.
const garbageMinFraction = 0.5;

// On a full disk less is worth it, too, if there is room for the copies.
const garbageMinFractionWhenFull = 0.1;

// Nor is a segment ended for less than that.
const sealedMinBytesWhenFull = 16 * 1024;

// Past this many times its live bytes the log is compacted as fast as it goes. At that point there is a segment worth
// compacting.
const urgentRatio = 2.2;

/**
 * Decides when compaction runs and on what: one segment at a time, the one with the most garbage first, in the
 * pauses of the event loop and no faster than allowed. Keeps no process alive.
 */
export class Compactor {
  readonly #parts: CompactionParts;
  readonly #pace: CompactionPace;
  readonly #onError: (error: unknown) => void;
  /** A run of it was given up: no other segment may be compacted before it (see `compaction-run.ts`). */
  #unfinished: Segment | undefined;
  #isSealing = false;
  #run: Promise<void> | undefined;
  #isStopped = false;

  /** @param onError - told when a segment cannot be compacted; nothing is lost, but its space is not freed */
  constructor(parts: CompactionParts, bytesPerSecond: number, onError: (error: unknown) => void) {
    this.#parts = parts;
    const isUrgent = () => parts.room.isFull || this.#isLargerThan(urgentRatio);
    this.#pace = new CompactionPace({ bytesPerSecond, isUrgent });
    this.#onError = onError;
  }

  /** Compacts as long as there is something to gain. To be called when something became garbage, and now and then. */
  consider(): void {
    if (this.#run !== undefined || this.#isStopped) return;
    const segment = this.#next();
    if (segment === undefined) {
      void this.#sealGarbage();
      return;
    }
    this.#run = this.#compact(segment).finally(() => {
      this.#run = undefined;
    });
  }

  /** Ends the run under way, and starts no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#pace.stop();
    await this.#run;
  }

  async #compact(first: Segment): Promise<void> {
    for (let segment: Segment | undefined = first; segment !== undefined; segment = this.#next()) {
      this.#unfinished = segment;
      try {
        await this.#parts.room.provide(segment.liveBytes);
        await compactSegment(segment, this.#parts, (bytes) => this.#pause(bytes));
        this.#unfinished = undefined;
      } catch (error) {
        if (error instanceof CompactionStopped || this.#isStopped) return;
        // Considered again soon, and then there may be room.
        if (isStoreFull(error)) return;
        // Not tried again before the next start: a damaged segment would be reported for ever.
        this.#isStopped = true;
        this.#onError(error);
        return;
      }
    }
  }

  /** The segment to be compacted now, if there is one. */
  #next(): Segment | undefined {
    if (this.#isStopped) return undefined;
    if (this.#unfinished === undefined) return this.#choose();
    return this.#fits(this.#unfinished) ? this.#unfinished : undefined;
  }

  #choose(): Segment | undefined {
    const { segments, writer, room } = this.#parts;
    const hasSlack = !room.isFull && !this.#isLargerThan(1 / garbageMinFraction);
    let chosen: Segment | undefined;
    let mostGarbage = room.isFull ? garbageMinFractionWhenFull : garbageMinFraction;
    for (const segment of segments.all()) {
      if (!writer.isSealed(segment) || (hasSlack && !segment.isDead)) continue;
      // What needs neither reading nor room goes first.
      const garbage = segment.isDead ? 2 : 1 - segment.liveBytes / segment.bytes;
      if (garbage < mostGarbage || !this.#fits(segment)) continue;
      mostGarbage = garbage;
      chosen = segment;
    }
    return chosen;
  }

  /** Whether there is room on the disk for what has to be copied. */
  #fits(segment: Segment): boolean {
    const { room } = this.#parts;
    const neededBytes = room.isFull ? segment.liveBytes : 0;
    return neededBytes === 0 || neededBytes <= room.copyMaxBytes;
  }

  /** Ends the active segment if so much of it is garbage that it should be compacted, which only sealed ones are. */
  async #sealGarbage(): Promise<void> {
    const { segments, writer, room, slackBytes } = this.#parts;
    const { active } = segments;
    if (active === undefined || this.#isSealing) return;
    const garbageBytes = active.bytes - active.liveBytes;
    const isWorthwhile = garbageBytes >= garbageMinFraction * active.bytes;
    if (!isWorthwhile || garbageBytes < (room.isFull ? sealedMinBytesWhenFull : slackBytes)) return;
    this.#isSealing = true;
    try {
      await writer.sealActive();
    } catch {
      // The next write is told why.
    } finally {
      this.#isSealing = false;
    }
  }

  /** Whether the sealed segments are larger than this many times what lives in them, and some. */
  #isLargerThan(ratio: number): boolean {
    const { segments, writer, slackBytes } = this.#parts;
    let bytes = 0;
    let liveBytes = 0;
    for (const segment of segments.all()) {
      if (!writer.isSealed(segment)) continue;
      bytes += segment.bytes;
      liveBytes += segment.liveBytes;
    }
    return bytes > ratio * liveBytes + slackBytes;
  }

  async #pause(bytes: number): Promise<void> {
    await this.#pace.pause(bytes);
    if (this.#isStopped) throw new CompactionStopped("the store is closing");
  }
}
