import { type Candidate, candidates } from "../src/candidates.ts";
import type { Sample } from "../src/measure/sample.ts";
import type { Figure, Report } from "../src/report/report.ts";

/** What a sample of so many operations a second looks like. */
export function sampleAt(perSecond: number): Sample {
  const us = 1e6 / perSecond;
  const latencies = { p50Us: us, p90Us: us, p99Us: us, p999Us: us, maxUs: us };
  return { ...latencies, perSecond, clientCpuUs: us, serverCpuUs: us, foreignCores: 0, answered: 1 };
}

/** A report with one comparison for each id, in which each candidate has the rates that `rates` gives. */
export function reportOf(
  comparisonIds: readonly string[],
  rates: (candidate: Candidate, comparisonId: string) => readonly number[],
  figures: Figure[] = [],
): Report {
  const comparisons = comparisonIds.map((id) => ({
    id,
    title: id,
    unit: "ops",
    rows: candidates.map((candidate) => ({
      candidate: candidate.id,
      name: candidate.name,
      promise: candidate.promise,
      samples: rates(candidate, id).map(sampleAt),
    })),
  }));
  return {
    format: 1,
    mode: "full",
    takenAt: "2026-01-01T00:00:00.000Z",
    machine: { processor: "test <cpu>", cores: 2 },
    versions: { node: "v20", redis: "7", ioredis: "6" },
    sections: [{ name: "operations", comparisons, figures, notes: [] }],
  };
}
