import type { Report } from "./report.ts";
import { spreadOf } from "./statistics.ts";

/** What no figure of the suite says anything about. */
export const notMeasured = `Not measured: a real network (everything goes over the loopback interface of one machine, where client and
server share the processors), several clients at once (but for Python), TLS, data larger than memory, days of
running, other systems and processors. A flush is as quick as this disk acknowledges it. Redis expires nothing
here, while Everdict keeps an expiry for every entry.`;

/** A sentence on what else the machine did meanwhile. */
export function noiseOf(report: Report): string {
  const samples = report.sections
    .flatMap(({ comparisons }) => comparisons)
    .flatMap(({ rows }) => rows)
    .flatMap((row) => row.samples);
  const foreign = samples.flatMap(({ foreignCores }) => (foreignCores === undefined ? [] : [foreignCores]));
  if (foreign.length === 0) return "How busy others kept the machine is not known on this system.";
  const { median, high } = spreadOf(foreign);
  const busy = foreign.filter((cores) => cores > 0.25).length;
  return `Other programs kept ${median.toFixed(2)} cores busy during the median run, ${high.toFixed(2)} at the most; ${busy} of ${foreign.length} runs were disturbed by more than a quarter of a core.`;
}
