import { performance } from "node:perf_hooks";

/** What one measured run gave. */
export interface RunResult {
  readonly operationsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** How one run is made. */
export interface RunOptions {
  /** Callers that each await their operation before they issue the next. */
  readonly outstanding: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/**
 * A closed loop: `outstanding` callers, each awaiting one operation after the other. Latencies are those the
 * callers saw; since callers wait for each other's turn, they are not those of an open system.
 */
export async function closedLoop(
  operation: (sequence: number) => Promise<unknown>,
  options: RunOptions,
): Promise<RunResult> {
  const start = performance.now();
  const measureFrom = start + options.warmUpMs;
  const end = measureFrom + options.measureMs;
  const latenciesUs: number[] = [];
  let sequence = 0;
  const caller = async () => {
    for (;;) {
      const before = performance.now();
      if (before >= end) return;
      await operation(sequence++);
      if (before >= measureFrom) latenciesUs.push((performance.now() - before) * 1000);
    }
  };
  await Promise.all(Array.from({ length: options.outstanding }, caller));
  const elapsedMs = performance.now() - measureFrom;
  const sorted = Float64Array.from(latenciesUs).sort();
  return {
    operationsPerSecond: sorted.length / (elapsedMs / 1000),
    p50Us: percentile(sorted, 0.5),
    p99Us: percentile(sorted, 0.99),
  };
}

function percentile(sorted: Float64Array, fraction: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}
