import { type Cell, interleave } from "../interleave.ts";
import { newSection, type Section } from "../report/report.ts";
import { fewCandidates, type SectionContext, timingOf } from "./section-context.ts";

const keyCounts = { full: 8192, quick: 8192, smoke: 128 } as const;

/** Latencies under a load that does not wait: calls at a fixed rate, counted from when they were due. */
export async function latency(context: SectionContext): Promise<Section> {
  const { lab, mode, onProgress } = context;
  const section = newSection("latency");
  const rates = { full: [2_000, 20_000, 100_000], quick: [2_000, 20_000], smoke: [2_000] }[mode];
  const open = await lab.open(fewCandidates);
  for (const { driver } of open)
    await driver.prepare({ do: "fill", size: "100 B", keyCount: keyCounts[mode] });
  const timing = timingOf(context);
  const cells: Cell[] = rates.flatMap((ratePerSecond) =>
    (["get", "put"] as const).map((operation) => ({
      comparisons: [
        {
          id: `${operation} 100 B at ${ratePerSecond}`,
          title: `${operation}, 100 B, ${ratePerSecond.toLocaleString("en")} calls/s, open loop`,
          unit: "ops",
        },
      ],
      async run({ driver }) {
        const { warmUpMs, measureMs } = timing;
        const request = { operation, ratePerSecond, warmUpMs, measureMs: 2 * measureMs, drainMs: measureMs };
        return [await driver.measure({ do: "openLoop", ...request })];
      },
    })),
  );
  const wanted = cells.filter(({ comparisons }) => context.cases.test(comparisons[0]!.id));
  section.comparisons.push(...(await interleave(lab, open, wanted, { ...timing, onProgress })));
  section.notes.push(
    "Open loop: a latency counts from the moment the call was due. The load generator polls instead of sleeping, so the client is never asleep and a round trip is shorter than in the closed loop with one caller.",
  );
  return section;
}
