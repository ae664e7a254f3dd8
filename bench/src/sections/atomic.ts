import { type Cell, interleave } from "../interleave.ts";
import type { Operation } from "../processes/driver-messages.ts";
import { newSection, type Section } from "../report/report.ts";
import { fewCandidates, type SectionContext, timingOf } from "./section-context.ts";

/** What Modal's Dict does not have, closed loop: counters, several keys at one instant, many keys in one call. */
interface Case {
  readonly operation: Operation;
  readonly title: string;
  readonly outstanding: readonly number[];
}

const keyCounts = { full: 8192, quick: 8192, smoke: 128 } as const;

/** Each beside what Redis has for it: `INCRBY`, `MULTI`, `MGET`; `modify` has no counterpart in one connection. */
const cases: readonly Case[] = [
  { operation: "increment", title: "increment of 8,192 numbers", outstanding: [1, 256] },
  { operation: "increment one", title: "increment of one number", outstanding: [256] },
  { operation: "transfer", title: "transaction of two increments", outstanding: [1, 256] },
  { operation: "getMany", title: "getMany of 100 values of 100 B", outstanding: [1, 16] },
  { operation: "modify", title: "modify of 8,192 values", outstanding: [1, 256] },
  { operation: "modify one", title: "modify of one value", outstanding: [16] },
  // What the others are compared to.
  { operation: "get", title: "get, 100 B", outstanding: [1] },
  { operation: "put", title: "put, 100 B", outstanding: [1, 256] },
];

const otherCandidates = ["redis-always-ioredis", "redis-everysec-ioredis"];

/** The operations beyond Modal's. */
export async function atomic(context: SectionContext): Promise<Section> {
  const { lab, mode, plan, onProgress } = context;
  const section = newSection("atomic");
  const open = await lab.open(plan === "bars" ? [...fewCandidates, ...otherCandidates] : undefined);
  for (const { driver } of open) {
    await driver.prepare({ do: "fill", size: "100 B", keyCount: keyCounts[mode] });
  }
  const cells = cases.flatMap((each) =>
    each.outstanding.map((outstanding) => cellOf(each, outstanding, context)),
  );
  const wanted = cells.filter(({ comparisons }) => context.cases.test(comparisons[0]!.id));
  section.comparisons.push(...(await interleave(lab, open, wanted, { ...timingOf(context), onProgress })));
  return section;
}

function cellOf({ operation, title }: Case, outstanding: number, context: SectionContext): Cell {
  const { warmUpMs, measureMs } = timingOf(context);
  const id = `atomic ${operation} x${outstanding}`;
  return {
    comparisons: [{ id, title: `${title}, ${outstanding} outstanding`, unit: "ops" }],
    suits: ({ candidate, driver }) =>
      candidate.server?.kind !== "grpc-js" && (!operation.startsWith("modify") || driver.opened.modifies),
    async run({ driver }) {
      const request = { operation, size: "100 B", outstanding, warmUpMs, measureMs } as const;
      return [await driver.measure({ do: "closedLoop", ...request })];
    },
  };
}
