import type { DurabilityPromise } from "../candidates.ts";
import type { Sample } from "../measure/sample.ts";

/** How much is measured: `full` for figures to publish, `quick` to see a change, `smoke` to see that it runs. */
export type Mode = "full" | "quick" | "smoke";

/** Everything one run of the suite measured; what `--json` writes. */
export interface Report {
  readonly format: 1;
  readonly mode: Mode;
  readonly takenAt: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly sections: Section[];
}

/** What one section measured. */
export interface Section {
  readonly name: string;
  /** Candidates side by side. */
  readonly comparisons: Comparison[];
  /** Single numbers. */
  readonly figures: Figure[];
  /** Sentences that belong to the figures: what was skipped, what was noisy. */
  readonly notes: string[];
}

/** One operation under one load, by candidate. */
export interface Comparison {
  readonly id: string;
  readonly title: string;
  /** What `perSecond` counts. */
  readonly unit: string;
  readonly rows: Row[];
}

/** One candidate's samples, in the order of the rounds. */
export interface Row {
  readonly candidate: string;
  readonly name: string;
  readonly promise: DurabilityPromise;
  readonly samples: Sample[];
}

/** A number with a name. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** One for each round. */
  readonly values: readonly number[];
}

/** A section with nothing in it yet. */
export function newSection(name: string): Section {
  return { name, comparisons: [], figures: [], notes: [] };
}

/** The row of a candidate; undefined if it was not measured. */
export function findRow(report: Report, comparisonId: string, candidate: string): Row | undefined {
  for (const section of report.sections) {
    for (const comparison of section.comparisons) {
      if (comparison.id !== comparisonId) continue;
      const row = comparison.rows.find((each) => each.candidate === candidate);
      if (row !== undefined && row.samples.length > 0) return row;
    }
  }
  return undefined;
}

/** The values of a figure; undefined if it was not measured. */
export function findFigure(report: Report, id: string): Figure | undefined {
  return report.sections.flatMap((section) => section.figures).find((figure) => figure.id === id);
}
