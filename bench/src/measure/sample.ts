import type { CpuUse } from "./cpu-meter.ts";
import type { Latencies } from "./latency-histogram.ts";

/** What one measured run of one candidate gave. */
export interface Sample extends Latencies {
  readonly perSecond: number;
  /** Processor time an operation; undefined where the system does not tell, or there is no server process. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number | undefined;
  /** Cores that programs beside client and server took during the run. */
  readonly foreignCores: number | undefined;
  /** Open loop: the share of the calls that were answered by the end. Closed loop: 1. */
  readonly answered: number;
}

/** Puts a sample together. */
export function sampleOf(
  run: { operations: number; seconds: number; latencies: Latencies; answered?: number },
  cpu: CpuUse,
): Sample {
  const { operations, seconds, latencies, answered = 1 } = run;
  const each = (us: number | undefined): number | undefined =>
    us === undefined ? undefined : us / operations;
  return {
    ...latencies,
    perSecond: operations / seconds,
    clientCpuUs: cpu.clientUs / operations,
    serverCpuUs: each(cpu.serverUs),
    foreignCores: cpu.foreignCores,
    answered,
  };
}
