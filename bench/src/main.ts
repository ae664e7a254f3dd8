// `npm run bench`: the benchmark suite. bench/README.md says how to use it and what it does not measure.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { smokeCandidates } from "./candidates.ts";
import { writeDocuments } from "./documents.ts";
import { Lab } from "./lab.ts";
import { describeMachine, describeVersions } from "./machine.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { root } from "./processes/run-script.ts";
import { renderBars } from "./report/bars.ts";
import { renderChart } from "./report/chart.ts";
import { faultsOf } from "./report/check-report.ts";
import { type CpuProfile, summarizeProfile } from "./report/profile-summary.ts";
import { renderSection } from "./report/render-report.ts";
import type { Report } from "./report/report.ts";
import { noiseOf, notMeasured } from "./report/trust.ts";
import { sections, sharingSections } from "./sections/sections.ts";

const savedResults = join(root, "bench/results/latest.json");

const options = asked();
switch (options.command) {
  case "help":
    console.log(usage);
    break;
  case "profile":
    for (const file of options.files) {
      console.log(`\n${file}\n\n${summarizeProfile(JSON.parse(readFileSync(file, "utf8")) as CpuProfile)}`);
    }
    break;
  case "chart":
    writeDocuments(JSON.parse(readFileSync(options.json ?? savedResults, "utf8")) as Report);
    break;
  default:
    await measure(options);
}

/** What the command line asks for; says what is wrong with it and ends otherwise. */
function asked(): Options {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

async function measure(asked: Options): Promise<void> {
  const { command, mode, sectionNames, cases, only, profileDirectory, directory = tmpdir() } = asked;
  if (profileDirectory !== undefined) mkdirSync(profileDirectory, { recursive: true });
  const report: Report = {
    format: 1,
    mode,
    takenAt: new Date().toISOString(),
    machine: describeMachine(),
    versions: describeVersions(),
    sections: [],
  };
  const missing = new Set<string>();
  const onMissing = (text: string): void => {
    if (missing.has(text)) return;
    missing.add(text);
    console.error(`\n*** NOT MEASURED: ${text} ***\n`);
  };
  const isWanted = (id: string): boolean =>
    only.test(id) && (mode !== "smoke" || smokeCandidates.includes(id));
  const newLab = (): Lab => new Lab({ directory, profileDirectory, isWanted, onMissing });
  const runSection = async (name: string, lab: Lab): Promise<void> => {
    const onProgress = (text: string): void => console.error(`[${name}] ${text}`);
    const plan = command === "bars" ? "bars" : "whole";
    const section = await sections[name]!({ mode, plan, lab, cases, onProgress });
    section.notes.push(...lab.missing.map((each) => `Not measured: ${each}.`));
    report.sections.push(section);
    if (mode !== "smoke") console.log(`\n${renderSection(section)}`);
  };
  if (mode === "smoke") {
    await runTogether(sectionNames, newLab(), runSection);
  } else {
    // Each section has fresh processes, so that none has the garbage of another.
    for (const name of sectionNames) {
      const lab = newLab();
      await runSection(name, lab).finally(() => lab.close());
    }
  }
  finish(report, asked, missing);
}

/** For a smoke run: with the same processes, and at once what can be at once, since no figure means anything. */
async function runTogether(
  names: readonly string[],
  lab: Lab,
  runSection: (name: string, lab: Lab) => Promise<void>,
): Promise<void> {
  const inTurn = async (chain: readonly string[]): Promise<void> => {
    for (const name of chain) await runSection(name, lab);
  };
  const [sharing, others] = [true, false].map((shares) =>
    names.filter((name) => sharingSections.includes(name) === shares),
  );
  await Promise.all([inTurn(sharing!), inTurn(others!)]).finally(() => lab.close());
}

function finish(
  report: Report,
  { json, save, mode, sectionNames }: Options,
  missing: ReadonlySet<string>,
): void {
  const bars = renderBars(report);
  if (mode !== "smoke") console.log(`\n## Bars\n\n${bars}\n\n${noiseOf(report)}\n\n${notMeasured}`);
  const files = [json, save ? savedResults : undefined].filter((each) => each !== undefined);
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    // A line for each row and figure: readable differences, and not long.
    const text = JSON.stringify(report, roundNumbers).replaceAll(/\{"(?:candidate|id)"/g, "\n$&");
    writeFileSync(file, `${text}\n`);
    console.error(`results are in ${file}`);
  }
  if (mode === "smoke") checkSmoke(report, sectionNames, missing);
}

/** A smoke run fails if anything is missing; what is not installed counts only in CI. */
function checkSmoke(report: Report, sectionNames: readonly string[], missing: ReadonlySet<string>): void {
  renderChart(report);
  const faults = faultsOf(report, sectionNames);
  if (process.env.CI === "true") faults.push(...missing);
  if (faults.length === 0) return;
  console.error(`the smoke run found:\n${faults.join("\n")}`);
  process.exitCode = 1;
}

/** Four digits are more than any of the figures can mean. */
function roundNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
