/** A median with its spread. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Median, lowest and highest of some numbers; NaN for none. */
export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return {
    median: sorted.length === 0 ? Number.NaN : median,
    low: sorted[0] ?? Number.NaN,
    high: sorted.at(-1) ?? Number.NaN,
  };
}

/** How far apart the numbers are, as a share of their median. */
export function relativeSpread(numbers: readonly number[]): number {
  const { median, low, high } = spreadOf(numbers);
  return (high - low) / median;
}

/**
 * Ratios of two series of the same rounds, round by round: what slowed a whole round down cancels. A round that one
 * of the two lacks is left out.
 */
export function pairedRatios(numbers: readonly number[], base: readonly number[]): number[] {
  return numbers.slice(0, base.length).map((each, round) => each / base[round]!);
}
