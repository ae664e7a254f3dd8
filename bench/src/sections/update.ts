import { type Cell, interleave } from "../interleave.ts";
import type { OpenCandidate } from "../lab.ts";
import { type Comparison, newSection, type Section } from "../report/report.ts";
import { type SectionContext, timingOf } from "./section-context.ts";

const barCandidates = [
  "redis-always-ioredis-auto",
  "everdict-sync-session",
  "redis-everysec-ioredis-auto",
  "everdict-everysec-session",
];

/** Updates of 10,000 entries, one after the other, by each of the ways a client has. */
export async function update(context: SectionContext): Promise<Section> {
  const { lab, mode, plan, onProgress } = context;
  const entriesPerUpdate = mode === "smoke" ? 100 : 10_000;
  const section = newSection("update");
  const open = await lab.open(plan === "bars" ? barCandidates : undefined);
  const { warmUpMs, measureMs, ...rounds } = timingOf(context);
  const title = `update of ${entriesPerUpdate.toLocaleString("en")} entries of 100 B`;
  const cells = waysOf(open).map((way): Cell => {
    const comparison = { id: `update ${way}`, title: `${title}, ${way}`, unit: "entries" };
    return {
      comparisons: [comparison],
      suits: ({ driver }) => driver.opened.updateWays.includes(way),
      async run({ driver }) {
        const request = { way, entries: entriesPerUpdate, warmUpMs, measureMs: measureMs * 2 };
        return [await driver.measure({ do: "update", ...request })];
      },
    };
  });
  const byWay = await interleave(lab, open, cells, { ...rounds, onProgress });
  section.comparisons.push(
    bestOf(byWay, { id: `update ${entriesPerUpdate}`, title, unit: "entries" }),
    ...byWay.slice(1),
  );
  section.notes.push(
    "In the first table each candidate stands with the quickest of its ways, which for Redis are those in the further tables.",
  );
  return section;
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
      const way = id.slice("update ".length);
      best.set(row.candidate, { ...row, name: way === "update" ? row.name : `${row.name}, ${way}` });
    }
  }
  return { ...head, rows: [...best.values()] };
}
