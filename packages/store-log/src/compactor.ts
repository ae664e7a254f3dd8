import { EverdictError } from "@everdict/protocol";
import { CompactionPace } from "./compaction-pace.ts";
import { type CompactionParts, CompactionStopped, compactSegment } from "./compaction-run.ts";
import type { Segment } from "./segment.ts";

// A segment is worth compacting when this part of it is garbage. If none is, all sealed segments together are at
// most twice their live bytes, which keeps the directory, the active segment included, near 2.5 times.
const garbageMinFraction = 0.5;

// Past this many times its live bytes the log is compacted as fast as it goes. By then there is a segment to gain from.
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
  #run: Promise<void> | undefined;
  #isStopped = false;

  /** @param onError - told when a segment cannot be compacted; nothing is lost, but its space is not freed */
  constructor(parts: CompactionParts, bytesPerSecond: number, onError: (error: unknown) => void) {
    this.#parts = parts;
    this.#pace = new CompactionPace({ bytesPerSecond, isUrgent: () => this.#isLargerThan(urgentRatio) });
    this.#onError = onError;
  }

  /** Compacts as long as there is something to gain. To be called when something became garbage. */
  consider(): void {
    if (this.#run !== undefined || this.#isStopped) return;
    const segment = this.#unfinished ?? this.#choose();
    if (segment === undefined) return;
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
    for (let segment: Segment | undefined = first; segment !== undefined; segment = this.#choose()) {
      this.#unfinished = segment;
      try {
        await compactSegment(segment, this.#parts, (bytes) => this.#pause(bytes));
        this.#unfinished = undefined;
      } catch (error) {
        if (error instanceof CompactionStopped || this.#isStopped) return;
        // There may be room again when the next segment is sealed.
        if (error instanceof EverdictError && error.code === "store_full") return;
        // Not tried again before the next start: a damaged segment would be reported for ever.
        this.#isStopped = true;
        this.#onError(error);
        return;
      }
    }
  }

  #choose(): Segment | undefined {
    if (this.#isStopped) return undefined;
    const { segments, writer } = this.#parts;
    const hasSlack = !this.#isLargerThan(1 / garbageMinFraction);
    let chosen: Segment | undefined;
    let mostGarbage = garbageMinFraction;
    for (const segment of segments.all()) {
      if (!writer.isSealed(segment) || (hasSlack && !segment.isDead)) continue;
      const garbage = 1 - segment.liveBytes / segment.bytes;
      if (garbage < mostGarbage) continue;
      mostGarbage = garbage;
      chosen = segment;
    }
    return chosen;
  }

  /** Whether the sealed segments are larger than so many times what lives in them, and some. */
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
