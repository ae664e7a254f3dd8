import { setImmediate } from "node:timers";
/**
 * Releases what `clear` and `deleteDict` left behind, some at a time, so that both take constant time for the caller.
 * It works in the pauses of the event loop and keeps no process alive, because unfinished work does no harm.
 */
export class Reclaimer {
  /** Told whenever a piece of work is finished. */
  onDone: () => void = ignore;
  readonly #queue: Generator<void>[] = [];
  #isScheduled = false;
  #isStopped = false;

  /** Takes over work that yields where it may pause. */
  add(work: Generator<void>): void {
    this.#queue.push(work);
    this.#schedule();
  }

  /** Resolves when there is no work left. */
  async idle(): Promise<void> {
    while (this.#queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Drops all work. */
  stop(): void {
    this.#isStopped = true;
    this.#queue.length = 0;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isStopped || this.#queue.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#step();
      this.#schedule();
    }).unref();
  }

  #step(): void {
    if (!this.#queue[0]?.next().done) return;
    this.#queue.shift();
    this.onDone();
  }
}

function ignore(): void {}
