/**
 * Keeps the event loop awake for a short time, where waking it up is expensive.
 *
 * On a virtual machine an idle core takes some 46 us to wake, most of a round trip on one machine. A loop that has
 * an immediate callback due polls without sleeping. So after a request the client, and after an answer the server,
 * may stay awake for a fraction of a millisecond. Measured on two cores: 60 us became 12 us, with less CPU time an
 * operation. The rules, each of which has a measurement behind it:
 *
 * - bounded: when the time is over the loop sleeps, so an idle process uses no CPU;
 * - only with few operations outstanding: with many, the loop has work anyway and the spin is in the way;
 * - never while the answer waits for a thread pool (a flush to disk): on two cores the spin takes the core that the
 *   pool needs, and a durable write took twice as long.
 */

/** What a spin needs of the platform. */
export interface SpinPlatform {
  /** Calls back in the next turn of the loop, which keeps it awake. */
  readonly nextTurn: (callback: () => void) => void;
  /** Milliseconds, with fractions. */
  readonly now: () => number;
}

/** How long one spin may last, in milliseconds. */
export const spinMaxMs = 0.25;
/** With more operations outstanding there is no spin. */
export const spinMaxOutstanding = 4;

/** The platform's means, or undefined where a spin is impossible (browsers) or harmful (a single core). */
export function spinPlatform(): SpinPlatform | undefined {
  if (typeof setImmediate !== "function") return undefined;
  const cores = (globalThis.navigator as { hardwareConcurrency?: number } | undefined)?.hardwareConcurrency;
  if (cores === 1) return undefined;
  return { nextTurn: setImmediate, now: () => performance.now() };
}

/** One loop's spin. */
export class BoundedSpin {
  readonly #platform: SpinPlatform;
  readonly #onVain: () => void;
  #untilMs = 0;
  #running = false;
  #wanted = false;

  /** @param onVain called when a spin lasted its full time without `stop`. */
  constructor(platform: SpinPlatform, onVain: () => void = () => {}) {
    this.#platform = platform;
    this.#onVain = onVain;
  }

  /** Whether it was started, and neither stopped nor over. */
  get isWanted(): boolean {
    return this.#wanted;
  }

  /** Stays awake from now on, at most for {@link spinMaxMs}. */
  start(): void {
    this.#untilMs = this.#platform.now() + spinMaxMs;
    this.#wanted = true;
    if (this.#running) return;
    this.#running = true;
    this.#platform.nextTurn(this.#turn);
  }

  /** Sleeps again. */
  stop(): void {
    this.#wanted = false;
  }

  readonly #turn = (): void => {
    if (this.#wanted && this.#platform.now() < this.#untilMs) {
      this.#platform.nextTurn(this.#turn);
      return;
    }
    this.#running = false;
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#onVain();
  };
}
