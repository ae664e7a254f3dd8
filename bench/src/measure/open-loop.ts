import { CpuMeter } from "./cpu-meter.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { type Sample, sampleOf } from "./sample.ts";

/** How one run is made. */
export interface OpenLoopOptions {
  /** Calls a second, evenly spaced, whatever becomes of the earlier ones. */
  readonly ratePerSecond: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How long answers are awaited after the last call. */
  readonly drainMs: number;
  readonly serverPid?: number | undefined;
  /** Time and turns, for tests. Default: the system's. */
  readonly clock?: LoopClock | undefined;
}

/** Where time comes from, and how the loop comes back to itself. */
export interface LoopClock {
  nowMs(): number;
  /** Resolves in a later turn of the event loop. */
  nextTurn(): Promise<void>;
}

const systemClock: LoopClock = {
  nowMs: () => performance.now(),
  // Timers have a grain of a millisecond, so the loop polls. The client is therefore awake all the time.
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
};

/**
 * An open loop: calls are due at fixed moments and are issued then or, if the loop was held up, as soon as it can.
 * **A latency counts from the moment the call was due**, so a stall shows in all the calls that were due during it
 * (no coordinated omission). A call that is not answered by the end counts with the time it has waited.
 */
export async function openLoop(
  operation: (sequence: number) => Promise<unknown>,
  options: OpenLoopOptions,
): Promise<Sample> {
  const { ratePerSecond, warmUpMs, measureMs, drainMs, clock = systemClock } = options;
  const intervalMs = 1000 / ratePerSecond;
  const unmeasured = Math.round(warmUpMs / intervalMs);
  const total = unmeasured + Math.max(1, Math.round(measureMs / intervalMs));
  const histogram = new LatencyHistogram();
  const waiting = new Set<number>();
  const startMs = clock.nowMs();
  const dueAtMs = (index: number): number => startMs + index * intervalMs;
  let failure: unknown;
  let answered = 0;
  const issue = (index: number): void => {
    waiting.add(index);
    operation(index).then(
      () => {
        waiting.delete(index);
        if (index < unmeasured) return;
        answered++;
        histogram.record(clock.nowMs() - dueAtMs(index));
      },
      (error: unknown) => {
        failure ??= error;
      },
    );
  };
  let cpu: CpuMeter | undefined;
  for (let issued = 0; issued < total; ) {
    const nowMs = clock.nowMs();
    for (; issued < total && dueAtMs(issued) <= nowMs; issued++) issue(issued);
    if (cpu === undefined && issued >= unmeasured) cpu = new CpuMeter(options.serverPid);
    await clock.nextTurn();
    if (failure !== undefined) throw failure;
  }
  const endMs = clock.nowMs();
  const used = (cpu ?? new CpuMeter(options.serverPid)).stop();
  while (waiting.size > 0 && clock.nowMs() - endMs < drainMs) await clock.nextTurn();
  if (failure !== undefined) throw failure;
  const drainedMs = clock.nowMs();
  for (const index of waiting) if (index >= unmeasured) histogram.record(drainedMs - dueAtMs(index));
  const measured = total - unmeasured;
  return sampleOf(
    {
      operations: Math.max(1, answered),
      seconds: (Math.max(endMs, drainedMs) - dueAtMs(unmeasured)) / 1000,
      latencies: histogram.summary(),
      answered: answered / measured,
    },
    used,
  );
}
