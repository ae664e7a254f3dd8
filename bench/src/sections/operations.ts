import { type Cell, interleave } from "../interleave.ts";
import type { OpenCandidate } from "../lab.ts";
import type { Comparison } from "../report/report.ts";
import { newSection, type Section } from "../report/report.ts";
import { type ValueSize, valueSizes } from "../workload.ts";
import { type SectionContext, timingOf } from "./section-context.ts";

/** How many keys the reads and overwrites go over. */
const keyCounts = { full: 8192, quick: 8192, smoke: 128 } as const;

/** What the table of bars compares. */
const barCandidates = [
  "redis-always-ioredis-auto",
  "redis-always-ioredis",
  "everdict-sync-session",
  "everdict-sync-session-spin",
  "redis-everysec-ioredis-auto",
  "redis-everysec-ioredis",
  "everdict-everysec-session",
];
/** In a smoke run the other level and the large values would only take time. */
const smokeCases = /^((get|put) 100 B x(1|256)|(pop|remove) 100 B x256|get 10 KiB x1)$/;
const barCases = /^(get|put) 100 B x(1|256)$/;

/** The operations of one entry, closed loop, by outstanding calls and size of value. */
export async function operations(context: SectionContext): Promise<Section> {
  const { lab, plan, mode } = context;
  const keyCount = keyCounts[mode];
  const section = newSection("operations");
  const open = await lab.open(plan === "bars" ? barCandidates : undefined);
  const cells = cellsOf(context).filter(({ comparisons }) => isWanted(context, comparisons));
  const sizes = (Object.keys(valueSizes) as ValueSize[]).filter((size) =>
    cells.some(({ comparisons }) => comparisons[0]!.id.includes(size)),
  );
  for (const size of sizes) {
    context.onProgress(`filling ${open.length} candidates with ${keyCount} values of ${size}`);
    for (const { driver } of open) await driver.prepare({ do: "fill", size, keyCount });
  }
  const { onProgress } = context;
  section.comparisons.push(...(await interleave(lab, open, cells, { ...timingOf(context), onProgress })));
  return section;
}

function isWanted({ plan, mode, cases }: SectionContext, comparisons: Cell["comparisons"]): boolean {
  const planned = plan === "bars" ? barCases : mode === "smoke" ? smokeCases : /^/;
  return comparisons.some(({ id }) => cases.test(id) && planned.test(id));
}

function cellsOf(context: SectionContext): Cell[] {
  const { mode } = context;
  const levels = { full: [1, 16, 256, 4096], quick: [1, 256], smoke: [1, 256] }[mode];
  const sizes: ValueSize[] = mode === "quick" ? ["100 B"] : ["100 B", "10 KiB"];
  const cells: Cell[] = [];
  for (const size of sizes) {
    for (const outstanding of levels) {
      cells.push(oneOperation(context, "get", size, outstanding));
      cells.push(oneOperation(context, "put", size, outstanding));
      cells.push(putIfAbsentAnd("pop", context, size, outstanding));
      cells.push(putIfAbsentAnd("remove", context, size, outstanding));
    }
  }
  return cells;
}

function oneOperation(
  context: SectionContext,
  operation: "get" | "put",
  size: ValueSize,
  outstanding: number,
): Cell {
  const { warmUpMs, measureMs } = timingOf(context);
  return {
    comparisons: [comparison(operation, size, outstanding)],
    async run({ driver }) {
      const request = { do: "closedLoop", operation, size, outstanding, warmUpMs, measureMs } as const;
      return [await driver.measure(request)];
    },
  };
}

/** Conditional puts that win, and then pops or removals that find: the second takes what the first wrote. */
function putIfAbsentAnd(
  removal: "pop" | "remove",
  context: SectionContext,
  size: ValueSize,
  outstanding: number,
): Cell {
  const { warmUpMs, measureMs } = timingOf(context);
  const run = ({ driver }: OpenCandidate, operation: "putIfAbsent" | "pop" | "remove") =>
    driver.measure({
      do: "closedLoop",
      operation,
      size,
      outstanding,
      // Half as long, since every entry has to be kept until it is removed.
      warmUpMs: warmUpMs / 2,
      measureMs: measureMs / 2,
    });
  const puts = removal === "pop" ? [comparison("conditional put", size, outstanding)] : [];
  return {
    comparisons: [...puts, comparison(removal, size, outstanding)],
    run: async (candidate) => {
      const put = await run(candidate, "putIfAbsent");
      const removed = await run(candidate, removal);
      return removal === "pop" ? [put, removed] : [removed];
    },
  };
}

function comparison(operation: string, size: ValueSize, outstanding: number): Omit<Comparison, "rows"> {
  return {
    id: `${operation} ${size} x${outstanding}`,
    title: `${operation}, ${size}, ${outstanding} outstanding`,
    unit: "ops",
  };
}
