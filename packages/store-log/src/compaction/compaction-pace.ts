import { setImmediate } from "node:timers";

/**
 * How quickly compaction may go on. Normally it takes only a bounded part of the disk and of the event loop. If the log
 * has become so much larger than its live records that the bound on its size is in danger, it goes on at once.
 */

// Sleeping shorter than this is not worth a timer.
const debtMinMs = 5;
// Time that was not used is not saved up for longer than this.
const creditMaxMs = 50;
const checkEveryBytes = 1024 * 1024;

export interface CompactionPaceOptions {
  /** How much may be read a second while there is no hurry. */
  readonly bytesPerSecond: number;
  /** Whether space is needed. Asked about once a MiB. */
  readonly isUrgent: () => boolean;
}

export class CompactionPace {
  readonly #options: CompactionPaceOptions;
  /** When what was read so far may have been read. */
  #dueMs = 0;
  #isUrgent = false;
  #untilCheckBytes = 0;
  #wake: () => void = () => {};
  #isStopped = false;

  constructor(options: CompactionPaceOptions) {
    this.#options = options;
  }

  /** Lets others run, and waits if that many more bytes came too early. */
  async pause(bytes: number): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#untilCheckBytes -= bytes;
    if (this.#untilCheckBytes <= 0) {
      this.#untilCheckBytes = checkEveryBytes;
      this.#isUrgent = this.#options.isUrgent();
    }
    const nowMs = performance.now();
    this.#dueMs = Math.max(this.#dueMs, nowMs - creditMaxMs) + (bytes * 1000) / this.#options.bytesPerSecond;
    const debtMs = this.#dueMs - nowMs;
    if (this.#isUrgent) this.#dueMs = nowMs;
    else if (debtMs >= debtMinMs && !this.#isStopped) await this.#sleep(debtMs);
  }

  /** Ends the wait under way, and lets nobody wait any more. */
  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
