import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./processes/run-script.ts";
import { renderBars } from "./report/bars.ts";
import { renderChart } from "./report/chart.ts";
import { renderSection } from "./report/render-report.ts";
import type { Report } from "./report/report.ts";
import { noiseOf } from "./report/trust.ts";

/** Writes what the documents show of a report: the chart, and the parts between markers of docs/performance.md. */
export function writeDocuments(report: Report): void {
  const chart = join(root, "docs/images/performance.svg");
  mkdirSync(dirname(chart), { recursive: true });
  writeFileSync(chart, renderChart(report));
  const page = join(root, "docs/performance.md");
  const parts = { origin: renderOrigin(report), bars: renderBars(report), details: renderDetails(report) };
  let text = readFileSync(page, "utf8");
  for (const [name, part] of Object.entries(parts)) text = replacePart(text, name, part);
  writeFileSync(page, text);
}

function renderOrigin(report: Report): string {
  const list = (of: Readonly<Record<string, string | number>>): string =>
    Object.entries(of)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ");
  return `Taken on ${report.takenAt.slice(0, 10)}, ${report.mode} run: ${list(report.machine)}; ${list(report.versions)}. ${noiseOf(report)}`;
}

function renderDetails(report: Report): string {
  return report.sections.map((section) => renderSection(section).replace(/^## /, "### ")).join("\n");
}

/** Puts text between `<!-- begin NAME -->` and `<!-- end NAME -->`. */
export function replacePart(text: string, name: string, part: string): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there is no ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${part.trim()}\n\n${text.slice(to)}`;
}
