const units: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 24 * 60 * 60 * 1000],
  ["h", 60 * 60 * 1000],
  ["m", 60 * 1000],
  ["s", 1000],
];

/** A duration in the largest unit that gives a whole number, as the options read it: `90s`, `30d`. */
export function formatDuration(durationMs: number): string {
  const [unit, ms] = units.find(([, each]) => durationMs >= each && durationMs % each === 0) ?? ["ms", 1];
  return `${durationMs / ms}${unit}`;
}
