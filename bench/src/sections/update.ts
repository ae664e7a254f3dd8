import { type Cell, interleave } from "../interleave.ts";
import type { OpenCandidate } from "../lab.ts";
import { type Comparison, newSection, type Section } from "../report/report.ts";
import type { ValueSize } from "../workload.ts";
import { type SectionContext, timingOf } from "./section-context.ts";

const barCandidates = [
  "redis-always-ioredis-auto",
  "everdict-sync-session",
  "redis-everysec-ioredis-auto",
  "everdict-everysec-session",
];

/** Updates of many entries, one after the other, by each of the ways a client has. */
export async function update(context: SectionContext): Promise<Section> {
  const { lab, mode, plan } = context;
  const section = newSection("update");
  const open = await lab.open(plan === "bars" ? barCandidates : undefined);
  const entries = mode === "smoke" ? 100 : 10_000;
  const sizes: readonly Many[] = [
    { size: "100 B", entries, id: `update ${entries}` },
    { size: "10 KiB", entries: entries / 50, id: `update ${entries / 50} of 10 KiB` },
  ];
  for (const many of plan === "bars" ? sizes.slice(0, 1) : sizes)
    section.comparisons.push(...(await compare(context, open, many)));
  section.notes.push(
    "In the first table of a size each candidate stands with the quickest of its ways, which for Redis are those in the further tables.",
  );
  return section;
}

interface Many {
  readonly id: string;
  readonly size: ValueSize;
  /** In one update. */
  readonly entries: number;
}

async function compare(
  context: SectionContext,
  open: readonly OpenCandidate[],
  { id, size, entries }: Many,
): Promise<Comparison[]> {
  const { warmUpMs, measureMs, ...rounds } = timingOf(context);
  const title = `update of ${entries.toLocaleString("en")} entries of ${size}`;
  const cells = waysOf(open).map((way): Cell => {
    const comparison = { id: `${id} ${way}`, title: `${title}, ${way}`, unit: "entries" };
    return {
      comparisons: [comparison],
      suits: ({ driver }) => driver.opened.updateWays.includes(way),
      async run({ driver }) {
        const request = { way, size, entries, warmUpMs, measureMs: measureMs * 2 };
        return [await driver.measure({ do: "update", ...request })];
      },
    };
  });
  const byWay = await interleave(context.lab, open, cells, { ...rounds, onProgress: context.onProgress });
  return [bestOf(byWay, { id, title, unit: "entries" }), ...byWay.slice(1)];
}

function waysOf(open: readonly OpenCandidate[]): string[] {
  return [...new Set(open.flatMap(({ driver }) => driver.opened.updateWays))].sort((a, b) =>
    a === "update" ? -1 : b === "update" ? 1 : 0,
  );
}

/** Each candidate with the way in which it is quickest. */
function bestOf(byWay: readonly Comparison[], head: Omit<Comparison, "rows">): Comparison {
  const best = new Map<string, Comparison["rows"][number]>();
  const speed = ({ samples }: Comparison["rows"][number]): number =>
    samples.reduce((sum, each) => sum + each.perSecond, 0) / samples.length;
  for (const { id, rows } of byWay) {
    for (const row of rows) {
      const known = best.get(row.candidate);
      if (known !== undefined && speed(known) >= speed(row)) continue;
      const way = id.slice(head.id.length + 1);
      best.set(row.candidate, { ...row, name: way === "update" ? row.name : `${row.name}, ${way}` });
    }
  }
  return { ...head, rows: [...best.values()] };
}
