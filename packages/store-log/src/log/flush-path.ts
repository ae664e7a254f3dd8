/**
 * Chooses how a flush runs.
 *
 * *Inline*: write and flush are system calls of this thread. On a disk that flushes in a tenth of a millisecond, that
 * is twice as fast for a single caller as two trips through the thread pool, and the event loop has little else to do
 * in that time. *Pool*: on a slower disk the event loop must not wait.
 *
 * The flushes themselves measure the disk. A running average decides, with a distance between the two limits so that it
 * does not go back and forth. `docs/decisions/0009-flush-path.md` has the figures.
 */

/** How flushes run. `auto`: as the measurements of the disk say. */
export type FlushPathChoice = "auto" | "inline" | "pool";

// Longer than this nobody should be held up for a flush, nor for the copying of what is written.
const inlineMaxMs = 0.5;
const inlineMaxBytes = 128 * 1024;
// What comes back from the pool has waited for its threads too.
const poolMinMs = 0.35;
const newWeight = 1 / 8;

export class FlushPath {
  readonly #choice: FlushPathChoice;
  #isInline: boolean;
  #averageMs: number | undefined;

  constructor(choice: FlushPathChoice) {
    this.#choice = choice;
    this.#isInline = choice !== "pool";
  }

  /** Whether flushes of small groups go inline at present. */
  get isInline(): boolean {
    return this.#isInline;
  }

  /** Whether this many bytes may be written inline. */
  isSmall(bytes: number): boolean {
    return bytes <= inlineMaxBytes;
  }

  /** Takes into account how long a flush of a small group took, on either path. */
  measured(tookMs: number): void {
    const before = this.#averageMs ?? tookMs;
    this.#averageMs = before + newWeight * (tookMs - before);
    if (this.#choice !== "auto") return;
    this.#isInline = this.#averageMs <= (this.#isInline ? inlineMaxMs : poolMinMs);
  }
}
