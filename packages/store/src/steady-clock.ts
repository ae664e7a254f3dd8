import type { Clock } from "./store.ts";

/**
 * The time that decides when entries end: the system's time, unless it jumps.
 *
 * A clock that is set 40 days ahead by mistake would end nearly all entries at once, and a sweep would remove them for
 * good. So about once a second the system's time is compared with a clock that nobody can set. A jump ahead of more
 * than ten minutes is held back: time goes on as if the clock had not jumped, for reads and sweeps alike. The jump is
 * believed only when it has lasted for an hour. If the platform can tell that the system slept meanwhile, that is no
 * jump.
 *
 * A clock that is set back is never followed: what has ended stays ended. Time goes on from where it was until the
 * system's is set right again, or the process ends.
 */

/** What {@link steadyClock} takes. */
export interface SteadyClockOptions {
  /** The time of the system, in milliseconds since the Unix epoch. Default: `Date.now`. */
  readonly wall?: Clock | undefined;
  /** Milliseconds since any moment, by a clock that nobody sets. Default: `performance.now`. */
  readonly monotonic?: (() => number) | undefined;
  /** The same, but it also counts while the system sleeps, and may be coarse. Default: not known. */
  readonly uptimeMs?: (() => number) | undefined;
  /** Called with a message when the clock jumped, and when a jump ahead is believed. Default: nobody is told. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const minuteMs = 60_000;
/** How often the two clocks are compared, if time is asked for that often. */
const compareEveryMs = 1000;
/** A jump of more than that is not followed at once. */
const jumpMinMs = 10 * minuteMs;
/** How long a jump has to last. */
const believedAfterMs = 60 * minuteMs;
/** Steps back up to this are the system's fine tuning: time stands still until they are made up for. */
const stepBackMaxMs = 2000;
/** The clock that counts sleep may be coarse. */
const uptimeErrorMs = 5000;

/** A clock that follows the system's with reason. Never goes back. */
export function steadyClock(options: SteadyClockOptions = {}): Clock {
  const { wall = Date.now } = options;
  const comparison = new ClockComparison(options, wall());
  let lastMs = wall();
  let compareAtMs = lastMs + compareEveryMs;
  return () => {
    let nowMs = wall() - comparison.aheadMs;
    // This is asked for every entry that is read.
    if (nowMs >= lastMs && nowMs < compareAtMs) {
      lastMs = nowMs;
      return nowMs;
    }
    nowMs = Math.max(lastMs, comparison.look(wall()));
    lastMs = nowMs;
    compareAtMs = nowMs + compareEveryMs;
    return nowMs;
  };
}

/** How far the system's clock is ahead of the time that is believed, and since when. */
class ClockComparison {
  /** Negative if it was set back. */
  aheadMs = 0;
  readonly #monotonic: () => number;
  readonly #uptimeMs: (() => number) | undefined;
  readonly #onWarning: (message: string) => void;
  #wallMs: number;
  #monotonicMs: number;
  #uptimeAtMs: number;
  /** By the clock that nobody sets. */
  #aheadSinceMs = 0;

  constructor({ monotonic, uptimeMs, onWarning }: SteadyClockOptions, wallMs: number) {
    this.#monotonic = monotonic ?? (() => performance.now());
    this.#uptimeMs = uptimeMs;
    this.#onWarning = onWarning ?? (() => {});
    this.#wallMs = wallMs;
    this.#monotonicMs = this.#monotonic();
    this.#uptimeAtMs = uptimeMs?.() ?? 0;
  }

  /** Compares the clocks, and says what time it is. */
  look(wallMs: number): number {
    const monotonicMs = this.#monotonic();
    const uptimeMs = this.#uptimeMs?.() ?? 0;
    const passedMs = monotonicMs - this.#monotonicMs;
    const jumpMs = wallMs - this.#wallMs - passedMs;
    const sleptMs = uptimeMs - this.#uptimeAtMs - passedMs;
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#uptimeAtMs = uptimeMs;
    if (jumpMs > jumpMinMs && jumpMs - sleptMs > uptimeErrorMs) this.#ahead(jumpMs, monotonicMs);
    else if (jumpMs < -stepBackMaxMs) this.#back(jumpMs);
    else this.#consider(monotonicMs);
    return wallMs - this.aheadMs;
  }

  #ahead(jumpMs: number, monotonicMs: number): void {
    const beforeMs = this.aheadMs;
    this.aheadMs = settled(beforeMs + jumpMs);
    if (beforeMs < 0 && this.aheadMs <= 0) {
      this.#onWarning("the system's clock was set right again");
      return;
    }
    this.#aheadSinceMs = monotonicMs;
    this.#onWarning(
      `the system's clock jumped ahead by ${seconds(jumpMs)}: nothing expires by that before it has lasted for ` +
        `${seconds(believedAfterMs)}; set the clock right, or restart to believe it now`,
    );
  }

  #back(jumpMs: number): void {
    const beforeMs = this.aheadMs;
    this.aheadMs = settled(beforeMs + jumpMs);
    if (beforeMs > 0 && this.aheadMs <= 0) this.#onWarning("the system's clock was set right again");
    if (this.aheadMs < 0) {
      this.#onWarning(
        `the system's clock was set back by ${seconds(-jumpMs)}: time goes on from where it was, so that nothing ` +
          "that expired comes back",
      );
    }
  }

  #consider(monotonicMs: number): void {
    if (this.aheadMs <= 0 || monotonicMs - this.#aheadSinceMs < believedAfterMs) return;
    this.#onWarning(
      `the system's clock has been ahead by ${seconds(this.aheadMs)} for long enough: believed`,
    );
    this.aheadMs = 0;
  }
}

/** What remains of a jump when the clock was set right by hand, or by its service, is no jump. */
function settled(aheadMs: number): number {
  return Math.abs(aheadMs) <= stepBackMaxMs ? 0 : aheadMs;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
