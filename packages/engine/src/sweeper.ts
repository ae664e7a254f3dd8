import { createError, type EverdictError, errorFrom, nextTurn, type Timers } from "@everdict/protocol";
import type { Store } from "@everdict/store";

/** How many entries one call to the store may remove; about a millisecond of work. */
const sliceEntries = 1000;

/** What {@link Sweeper} is made of. */
export interface SweeperOptions {
  readonly store: Store;
  /** Pause between two passes, in milliseconds. 0: only when asked to. */
  readonly intervalMs: number;
  readonly timers: Timers;
  /** Called when a background pass failed. The next one follows as usual. */
  readonly onError: (error: EverdictError) => void;
}

/** What a sweeper did so far. */
export interface SweepStats {
  /** Passes that were completed. */
  readonly passes: number;
  /** Expired entries and dictionaries removed. */
  readonly removed: number;
  /** Passes that failed. */
  readonly failures: number;
}

/**
 * Removes expired entries and dictionaries in passes. A pass runs in small slices, and other work gets a turn between
 * two slices. Only one pass runs at a time. The wait between passes keeps no process alive.
 */
export class Sweeper {
  readonly #options: SweeperOptions;
  #last: Promise<unknown> = Promise.resolve();
  #timer: unknown;
  #stopped = false;
  #passes = 0;
  #removed = 0;
  #failures = 0;

  /** Does nothing before `start` or `sweep`. */
  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  /** Counters since the engine was opened. */
  get stats(): SweepStats {
    return { passes: this.#passes, removed: this.#removed, failures: this.#failures };
  }

  /** Starts the background passes. */
  start(): void {
    const { intervalMs, timers } = this.#options;
    if (intervalMs === 0 || this.#stopped) return;
    this.#timer = timers.set(() => void this.#sweepAndStartAgain(), intervalMs, true);
  }

  /** One full pass: everything that was due when it began. Waits for a pass under way. @throws `store_closed` */
  sweep(): Promise<{ removed: number }> {
    const pass = this.#last.then(() => this.#pass());
    this.#last = pass.catch(() => this.#failures++);
    return pass;
  }

  /** Stops for good; a pass under way ends after its slice. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.timers.clear(this.#timer);
    await this.#last;
  }

  async #sweepAndStartAgain(): Promise<void> {
    try {
      await this.sweep();
    } catch (caught) {
      if (!this.#stopped) this.#options.onError(errorFrom(caught));
    }
    this.start();
  }

  async #pass(): Promise<{ removed: number }> {
    let removed = 0;
    for (;;) {
      if (this.#stopped) throw createError("store_closed", "the engine was closed");
      const slice = await this.#options.store.sweep(sliceEntries);
      removed += slice.removed;
      this.#removed += slice.removed;
      if (!slice.more) break;
      await nextTurn();
    }
    this.#passes++;
    return { removed };
  }
}
