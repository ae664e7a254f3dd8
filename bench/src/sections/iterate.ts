import { type Cell, interleave } from "../interleave.ts";
import type { OpenCandidate } from "../lab.ts";
import { newSection, type Section } from "../report/report.ts";
import { type ValueSize, valueSizes } from "../workload.ts";
import { fewCandidates, type SectionContext, timingOf } from "./section-context.ts";

const barCandidates = ["redis-always-ioredis-auto", "everdict-sync-session"];
const MIB = 2 ** 20;

/** Going over all entries of a large dictionary, as bytes and decoded, and what memory that takes. */
export async function iterate(context: SectionContext): Promise<Section> {
  const { lab, mode, plan } = context;
  const section = newSection("iterate");
  const count = { full: 1_000_000, quick: 200_000, smoke: 2_000 }[mode];
  const open = await lab.open(plan === "bars" ? barCandidates : fewCandidates);
  await compare(context, section, open, { id: `iterate ${count}`, size: "100 B", count });
  if (plan !== "bars") {
    const large = count / 50;
    await compare(context, section, open, { id: `iterate ${large} of 10 KiB`, size: "10 KiB", count: large });
  }
  return section;
}

interface Whole {
  readonly id: string;
  readonly size: ValueSize;
  readonly count: number;
}

async function compare(
  context: SectionContext,
  section: Section,
  open: readonly OpenCandidate[],
  { id, size, count }: Whole,
): Promise<void> {
  const { lab, onProgress } = context;
  for (const { candidate, driver } of open) {
    onProgress(`${count} entries of ${size} for ${candidate.name}`);
    await driver.prepare({ do: "addEntries", size, count });
  }
  const growth = new Map<string, { client: number[]; server: number[] }>();
  const cells = [true, false].map((raw): Cell => {
    const kind = raw ? "raw" : "decoded";
    const title = `iterate ${count.toLocaleString("en")} entries of ${size}, ${kind}`;
    return {
      comparisons: [{ id: `${id} ${kind}`, title, unit: "entries" }],
      suits: ({ driver }) => driver.opened.iterates,
      async run({ candidate, driver }) {
        const result = await driver.iterate(size, raw);
        if (result.entries !== count)
          throw new Error(`${candidate.id} went over ${result.entries} entries, not ${count}`);
        const of = growth.get(candidate.id) ?? { client: [], server: [] };
        growth.set(candidate.id, of);
        if (result.clientGrowthBytes !== undefined) of.client.push(result.clientGrowthBytes / MIB);
        if (result.serverGrowthBytes !== undefined) of.server.push(result.serverGrowthBytes / MIB);
        return [result.sample];
      },
    };
  });
  const { rounds, roundsMax } = timingOf(context);
  section.comparisons.push(...(await interleave(lab, open, cells, { rounds, roundsMax, onProgress })));
  for (const { candidate } of open) {
    for (const side of ["client", "server"] as const) {
      const values = growth.get(candidate.id)?.[side] ?? [];
      if (values.length === 0) continue;
      section.figures.push({
        id: `${id} ${side} growth ${candidate.id}`,
        title: `${candidate.name}, ${size}: ${side} memory above its start at the most`,
        unit: "MiB",
        // The first pass grows the heap to its working size; what matters is that later ones do not add to it.
        values: values.length > 1 ? values.slice(1) : values,
      });
    }
  }
  const mebibytes = (count * (60 + valueSizes[size])) / MIB;
  section.notes.push(
    `${count.toLocaleString("en")} entries of ${size} are about ${mebibytes.toFixed(0)} MiB; memory that stays far below is flat.`,
  );
}
