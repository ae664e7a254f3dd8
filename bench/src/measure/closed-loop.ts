import { CpuMeter } from "./cpu-meter.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { type Sample, sampleOf } from "./sample.ts";

/** How one run is made. */
export interface ClosedLoopOptions {
  /** Callers that each await their operation before they issue the next. */
  readonly outstanding: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /**
   * So many operations at most, of which the first quarter is the warm-up unless they are few. Default: as many as the
   * time allows.
   */
  readonly operationsMax?: number | undefined;
  /** Whether an operation that answers `undefined` has failed. */
  readonly mustAnswer?: boolean | undefined;
  readonly serverPid?: number | undefined;
}

/** With more callers than this only one latency in 16 is recorded, so that taking times does not become the load. */
const recordAllUpTo = 16;

/**
 * A closed loop: `outstanding` callers, each awaiting one operation after the other. Latencies are those the
 * callers saw; as callers wait for the answers, a stall delays what would have come during it and so hides most of
 * itself (coordinated omission). For latencies under a load that does not wait there is {@link openLoop}.
 *
 * @returns the sample, and how many operations were issued, the warm-up's included
 */
export async function closedLoop(
  operation: (sequence: number) => Promise<unknown>,
  options: ClosedLoopOptions,
): Promise<{ sample: Sample; issued: number }> {
  const { outstanding, operationsMax = Number.POSITIVE_INFINITY } = options;
  const run = new Run(options);
  const { recordMask, checkMask } = run;
  let issued = 0;
  const caller = async (): Promise<void> => {
    while (!run.isOver && issued < operationsMax) {
      const sequence = issued++;
      const isRecorded = run.isMeasuring && (sequence & recordMask) === 0;
      const before = isRecorded ? performance.now() : 0;
      const answer = await operation(sequence);
      if (answer === undefined && options.mustAnswer) throw new Error("an operation found nothing");
      run.done++;
      if (isRecorded) run.histogram.record(performance.now() - before);
      if ((run.done & checkMask) === 0) run.look();
    }
  };
  await Promise.all(Array.from({ length: outstanding }, caller));
  return { sample: run.finish(), issued };
}

/** The phases of one run: warm-up, measurement, over. */
class Run {
  readonly histogram = new LatencyHistogram();
  readonly recordMask: number;
  readonly checkMask: number;
  readonly #options: ClosedLoopOptions;
  readonly #startMs = performance.now();
  done = 0;
  isMeasuring = false;
  isOver = false;
  #cpu: CpuMeter | undefined;
  #measuredFromMs = 0;
  #doneBefore = 0;
  #result: { operations: number; seconds: number; cpu: ReturnType<CpuMeter["stop"]> } | undefined;

  constructor(options: ClosedLoopOptions) {
    this.#options = options;
    this.recordMask = options.outstanding <= recordAllUpTo ? 0 : 15;
    // One caller may be slow; many are looked at once in 32 answers.
    this.checkMask = options.outstanding <= recordAllUpTo ? 0 : 31;
    const { operationsMax = Number.POSITIVE_INFINITY, outstanding } = options;
    if (operationsMax < 8 * outstanding) this.#begin();
  }

  /** Looks at the clock and goes on to the next phase when it is time. */
  look(): void {
    const nowMs = performance.now();
    const { warmUpMs, measureMs, operationsMax } = this.#options;
    if (this.isMeasuring) {
      if (nowMs - this.#measuredFromMs >= measureMs) this.#end(nowMs);
      return;
    }
    const isWarm =
      operationsMax === undefined ? nowMs - this.#startMs >= warmUpMs : this.done >= operationsMax / 4;
    if (isWarm && !this.isOver) this.#begin();
  }

  #begin(): void {
    this.isMeasuring = true;
    this.#cpu = new CpuMeter(this.#options.serverPid);
    this.#measuredFromMs = performance.now();
    this.#doneBefore = this.done;
  }

  #end(nowMs: number): void {
    const seconds = (nowMs - this.#measuredFromMs) / 1000;
    this.isMeasuring = false;
    this.isOver = true;
    this.#result = { operations: this.done - this.#doneBefore, seconds, cpu: this.#cpu!.stop() };
  }

  finish(): Sample {
    if (this.isMeasuring) this.#end(performance.now());
    if (this.#result === undefined) throw new Error("the run ended in its warm-up");
    const { operations, seconds, cpu } = this.#result;
    return sampleOf({ operations, seconds, latencies: this.histogram.summary() }, cpu);
  }
}
