import type { Report } from "./report.ts";

/** One line for each thing in a report that is not as it should be: empty sections, missing or senseless numbers. */
export function faultsOf(report: Report, sectionNames: readonly string[]): string[] {
  const faults: string[] = [];
  for (const name of sectionNames) {
    const section = report.sections.find((each) => each.name === name);
    if (section === undefined) {
      faults.push(`section ${name} is missing`);
      continue;
    }
    const { comparisons, figures, notes } = section;
    if (comparisons.length + figures.length + notes.length === 0) faults.push(`section ${name} is empty`);
    for (const { id, rows } of comparisons) {
      if (rows.length === 0) faults.push(`${name}, ${id}: no rows`);
      for (const { candidate, samples } of rows) {
        if (samples.length === 0) faults.push(`${name}, ${id}, ${candidate}: no samples`);
        const senseless = samples.some(({ perSecond, p50Us }) => !(perSecond > 0) || !(p50Us > 0));
        if (senseless) faults.push(`${name}, ${id}, ${candidate}: a sample without rate or latency`);
      }
    }
    for (const { id, values } of figures) {
      if (values.length === 0) faults.push(`${name}, ${id}: no value`);
      if (values.some((value) => !Number.isFinite(value))) faults.push(`${name}, ${id}: not a number`);
    }
  }
  return faults;
}
