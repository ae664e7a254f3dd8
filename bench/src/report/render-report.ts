import { baseOf, promiseTitles } from "../candidates.ts";
import { renderTable, short } from "./render-table.ts";
import type { Comparison, Figure, Row, Section } from "./report.ts";
import { pairedRatios, type Spread, spreadOf } from "./statistics.ts";

const promises = ["fsync", "everysec", "memory"] as const;

/** A section as Markdown that reads well in a terminal. */
export function renderSection(section: Section): string {
  const parts = [`## ${section.name}`];
  for (const comparison of section.comparisons) parts.push(renderComparison(comparison));
  if (section.figures.length > 0) parts.push(renderFigures(section.figures));
  if (section.notes.length > 0) parts.push(section.notes.map((note) => `- ${note}`).join("\n"));
  return `${parts.join("\n\n")}\n`;
}

/** One comparison: candidates by promise, each with its ratio to the base of that promise. */
export function renderComparison({ title, unit, rows }: Comparison): string {
  const head = [title, `${unit}/s`, "low-high", "x Redis", "low-high", "p50 us", "p99 us", "p99.9 us"];
  head.push("client CPU us", "server CPU us");
  const lines: string[][] = [];
  for (const promise of promises) {
    const group = rows.filter((row) => row.promise === promise);
    if (group.length === 0) continue;
    lines.push([`*${promiseTitles[promise]}*`]);
    const base = group.find((row) => row.candidate === baseOf[promise]);
    for (const row of group) lines.push(comparisonLine(row, base));
  }
  return renderTable(head, lines);
}

function comparisonLine(row: Row, base: Row | undefined): string[] {
  const { samples } = row;
  const rates = spreadOf(samples.map((each) => each.perSecond));
  const ratio = base === undefined ? undefined : ratioOf(row, base);
  const median = (read: (sample: Row["samples"][number]) => number | undefined): string =>
    short(spreadOf(samples.map((each) => read(each) ?? Number.NaN)).median);
  const answered = spreadOf(samples.map((each) => each.answered)).median;
  return [
    answered < 0.999 ? `${row.name} (answered ${(answered * 100).toFixed(0)} %)` : row.name,
    short(rates.median),
    range(rates),
    ratio === undefined ? "-" : ratio.median.toFixed(2),
    ratio === undefined ? "-" : `${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)}`,
    median((each) => each.p50Us),
    median((each) => each.p99Us),
    median((each) => each.p999Us),
    median((each) => each.clientCpuUs),
    median((each) => each.serverCpuUs),
  ];
}

/** How many times as many operations a second one row has as another, round by round. */
export function ratioOf(row: Row, base: Row): Spread {
  const rates = (each: Row): number[] => each.samples.map((sample) => sample.perSecond);
  return spreadOf(pairedRatios(rates(row), rates(base)));
}

function renderFigures(figures: readonly Figure[]): string {
  const lines = figures.map(({ title, unit, values }) => {
    const spread = spreadOf(values);
    return [title, short(spread.median), values.length > 1 ? range(spread) : "", unit];
  });
  return renderTable(["figure", "median", "low-high", "unit"], lines);
}

function range({ low, high }: Spread): string {
  return `${short(low)}-${short(high)}`;
}
