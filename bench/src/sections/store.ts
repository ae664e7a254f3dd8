import { join } from "node:path";
import { root, runNode } from "../processes/run-script.ts";
import { type Figure, newSection, type Section } from "../report/report.ts";
import type { SectionContext } from "./section-context.ts";
import { storePeers } from "./store-peers.ts";

const program = join(root, "bench/dist/store-memory.js");
const manyEntries = 10_000_000;

/** The embedded store alone: what entries cost in memory, how long opening takes, its peers, and its own bench. */
export async function store(context: SectionContext): Promise<Section> {
  const { mode, plan, lab, onProgress } = context;
  const section = newSection("store");
  const entries = { full: 1_000_000, quick: 1_000_000, smoke: 2_000 }[mode];
  const rounds = { full: 5, quick: 3, smoke: 1 }[mode];
  const directory = await lab.newDirectory();
  onProgress(`loading ${entries} entries`);
  await runNode([program, String(entries), directory, "load"]);
  const measured: Record<string, number[]> = { cached: [], inLog: [], open: [] };
  for (let round = 0; round < rounds; round++) {
    for (const kind of ["cached", "inLog"] as const) {
      onProgress(`round ${round + 1}: opening, values ${kind === "cached" ? "in memory" : "in the log"}`);
      const output = await runNode(["--expose-gc", program, String(entries), directory, kind]);
      const { openSeconds, bytesAnEntry } = JSON.parse(output) as Record<string, number>;
      measured[kind]!.push(bytesAnEntry!);
      measured.open!.push(openSeconds!);
    }
  }
  const of = titleOf(entries);
  section.figures.push(
    figure(
      `store ${entries} memory cached`,
      `${of}: memory an entry, values in memory`,
      "B",
      measured.cached!,
    ),
    figure(
      `store ${entries} memory in log`,
      `${of}: memory an entry, values in the log`,
      "B",
      measured.inLog!,
    ),
    figure(`store ${entries} open`, `opening a store of ${of}`, "s", measured.open!),
  );
  if (mode === "full") section.figures.push(await openingOfMany(context));
  const peers = await storePeers(context);
  section.figures.push(...peers.figures);
  section.notes.push(...peers.notes);
  if (plan === "whole")
    section.notes.push(...(await ownBench(entries, mode === "smoke" ? 50 : 1500, onProgress)));
  return section;
}

/** Printed and not judged: it takes minutes to make, and what it needs follows from a million. */
async function openingOfMany({ lab, onProgress }: SectionContext): Promise<Figure> {
  const directory = await lab.newDirectory();
  onProgress(`loading ${manyEntries} entries`);
  await runNode([program, String(manyEntries), directory, "load"]);
  const output = await runNode(["--expose-gc", program, String(manyEntries), directory, "inLog"]);
  const { openSeconds } = JSON.parse(output) as { openSeconds: number };
  return figure(`store ${manyEntries} open`, `opening a store of ${titleOf(manyEntries)}`, "s", [
    openSeconds,
  ]);
}

function titleOf(entries: number): string {
  return `${entries.toLocaleString("en")} entries of 20 B + 100 B`;
}

function figure(id: string, title: string, unit: string, values: readonly number[]): Figure {
  return { id, title, unit, values };
}

/** The lines of the store's own bench, which has neither wire nor codec. */
async function ownBench(
  entries: number,
  phaseMs: number,
  onProgress: (text: string) => void,
): Promise<string[]> {
  onProgress("the store's own bench");
  const options = ["--entries", String(entries), "--phase-ms", String(phaseMs)];
  const output = await runNode(["packages/store-log/scripts/bench.mjs", ...options]);
  return output
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll(/ {2,}/g, ": "));
}
