/**
 * The upper bounds of the classes in which durations are counted, in seconds. The same for every duration there is, so
 * that all can be compared; what lasted longer than the last is in one more class.
 */
export const durationBoundsSeconds: readonly number[] = [
  0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
  0.25, 0.5, 1, 2.5, 5, 10,
];

/** Durations as they were counted up to one moment. */
export interface DurationCounts {
  /** By class, not added up: one more than there are {@link durationBoundsSeconds}. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** Counts durations by class. Recording one takes some ten nanoseconds and allocates nothing. */
export class Durations {
  readonly #counts = new Float64Array(durationBoundsSeconds.length + 1);
  #sumSeconds = 0;

  /**
   * @param durationMs how long it lasted, in milliseconds
   * @param times for how many it stands, where only some are measured
   */
  record(durationMs: number, times = 1): void {
    const seconds = durationMs / 1000;
    let index = 0;
    while (index < durationBoundsSeconds.length && seconds > durationBoundsSeconds[index]!) index++;
    this.#counts[index]! += times;
    this.#sumSeconds += seconds * times;
  }

  /** What was counted so far. */
  snapshot(): DurationCounts {
    return { counts: Array.from(this.#counts), sumSeconds: this.#sumSeconds };
  }
}

/** What was counted between two moments. */
export function durationsBetween(earlier: DurationCounts, later: DurationCounts): DurationCounts {
  return {
    counts: later.counts.map((count, index) => count - (earlier.counts[index] ?? 0)),
    sumSeconds: later.sumSeconds - earlier.sumSeconds,
  };
}

/**
 * The duration that a share of all did not exceed, in seconds: the upper bound of the class it is in. Undefined if
 * nothing was counted.
 *
 * @param share from 0 to 1; 0.99 for p99
 */
export function quantileSeconds({ counts }: DurationCounts, share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = share * total;
  for (const [index, count] of counts.entries()) {
    left -= count;
    if (left <= 0 && count > 0) return durationBoundsSeconds[index] ?? Number.POSITIVE_INFINITY;
  }
  return Number.POSITIVE_INFINITY;
}
