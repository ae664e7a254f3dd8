import { createHistogram } from "node:perf_hooks";

/** What a histogram says of one run, in microseconds. */
export interface Latencies {
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

/** The highest latency that is told apart from higher ones, in nanoseconds: ten minutes. */
const highestNs = 600e9;

/**
 * Counts latencies in an HDR histogram: every value within 0.1 %, from a nanosecond to ten minutes, in constant
 * memory. Node has the reference implementation built in (`perf_hooks`), at 20 ns a value, so no package is needed.
 */
export class LatencyHistogram {
  readonly #histogram = createHistogram({ lowest: 1, highest: highestNs, figures: 3 });

  get count(): number {
    return this.#histogram.count;
  }

  record(latencyMs: number): void {
    this.#histogram.record(Math.min(highestNs, Math.max(1, Math.round(latencyMs * 1e6))));
  }

  summary(): Latencies {
    const us = (percentile: number): number =>
      this.count === 0 ? Number.NaN : this.#histogram.percentile(percentile) / 1000;
    return { p50Us: us(50), p90Us: us(90), p99Us: us(99), p999Us: us(99.9), maxUs: us(100) };
  }
}
