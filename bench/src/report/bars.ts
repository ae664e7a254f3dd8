/**
 * The bars that Everdict sets itself, as data: what is measured, what it must reach, and how the figure follows from
 * a report. Everything is a ratio of candidates that ran side by side, or an absolute bound where a ratio says nothing.
 */
import { baseOf } from "../candidates.ts";
import { ratioOf } from "./render-report.ts";
import { renderTable, short } from "./render-table.ts";
import { findFigure, findRow, type Report, type Row } from "./report.ts";
import { spreadOf } from "./statistics.ts";

/** A figure against its bar. */
export interface Outcome {
  /** As the table shows it. */
  readonly text: string;
  /** Whether what was measured reaches the bar. */
  readonly isMet: boolean;
  /** Parts of the bar that were not measured, by their names: without them nobody can say that it is met. */
  readonly missing?: readonly string[] | undefined;
}

interface Bar {
  readonly measure: string;
  readonly bar: string;
  /** Undefined if the report lacks what it takes. */
  readonly judge: (report: Report) => Outcome | undefined;
}

const sync = "everdict-sync-session";
const everysec = "everdict-everysec-session";

const pickleRows = ["small-object", "short-string", "int", "nested-10k", "bytes-1m"];

/** Every bar, in the order of the table. */
export const bars: readonly Bar[] = [
  {
    measure: "get, 256 outstanding, one client",
    bar: ">= 3x Redis + ioredis with auto-pipelining",
    judge: (report) => bothAtLeast(3, report, "get 100 B x256"),
  },
  {
    measure: "put, on disk before the answer, 256 outstanding",
    bar: ">= 2.5x Redis `appendfsync always` + ioredis with auto-pipelining",
    judge: (report) => atLeast(2.5, compare(report, "put 100 B x256", sync, baseOf.fsync)),
  },
  {
    measure: "put, on disk within a second, 256 outstanding",
    bar: ">= 1.5x Redis `appendfsync everysec` + ioredis with auto-pipelining",
    judge: (report) => atLeast(1.5, compare(report, "put 100 B x256", everysec, baseOf.everysec)),
  },
  {
    measure: "one get, awaited in sequence",
    bar: ">= 1x Redis + the quicker mode of ioredis",
    judge: (report) => atLeast(1, compareWithBest(report, "get 100 B x1", sync)),
  },
  {
    measure: "one durable put, awaited in sequence",
    bar: ">= 1x Redis `always` + the quicker mode of ioredis",
    judge: (report) => atLeast(1, compareWithBest(report, "put 100 B x1", sync)),
  },
  {
    measure: "one get, awaited in sequence, with `lowLatency`",
    bar: ">= 2.5x Redis + the quicker mode of ioredis",
    judge: (report) => atLeast(2.5, compareWithBest(report, "get 100 B x1", `${sync}-spin`)),
  },
  {
    measure: "unary gRPC call, server CPU",
    bar: "<= 0.6x the same handler on grpc-js",
    judge: (report) => figureAtMost(report, "grpc CPU ratio", 0.6, "x"),
  },
  {
    measure: "`increment`, 256 outstanding",
    bar: ">= 0.9x of our own put",
    judge: (report) => besideOwnPut(0.9, report, "atomic increment x256"),
  },
  {
    measure: "`increment`, 256 outstanding, beside `INCRBY`",
    bar: ">= 1x Redis + ioredis with auto-pipelining",
    judge: (report) => bothAtLeast(1, report, "atomic increment x256"),
  },
  {
    measure: "a transaction of two increments, 256 outstanding",
    bar: ">= 1x `MULTI` of Redis + ioredis with auto-pipelining",
    judge: (report) => bothAtLeast(1, report, "atomic transfer x256"),
  },
  {
    measure: "`modify` of different values, 256 outstanding",
    bar: ">= 0.25x of our own put",
    judge: (report) => besideOwnPut(0.25, report, "atomic modify x256"),
  },
  {
    measure: "`getMany` of 100 keys, awaited in sequence",
    bar: ">= 0.5x of our own get, >= 1x `MGET` + ioredis",
    judge: (report) =>
      all({
        get: atLeast(0.5, compareOwn(report, "atomic getMany x1", "atomic get x1", sync)),
        MGET: atLeast(1, compare(report, "atomic getMany x1", sync, baseOf.fsync)),
      }),
  },
  {
    measure: "`update` of 10,000 entries",
    bar: ">= 3x `MSET` or pipelined `HSET` through ioredis",
    judge: (report) => bothAtLeast(3, report, "update 10000"),
  },
  {
    measure: "iterate 1e6 entries over the session, raw",
    bar: ">= 500k entries/s, memory flat",
    judge: (report) =>
      all({
        rate: iterationRate(report),
        client: growthAtMost(report, "client"),
        server: growthAtMost(report, "server"),
      }),
  },
  {
    measure: "memory, 1e6 entries of 20 B + 100 B, values in memory",
    bar: "<= 300 B an entry",
    judge: (report) => figureAtMost(report, "store 1000000 memory cached", 300, " B"),
  },
  {
    measure: "memory, 1e6 entries of 20 B + 100 B, values in the log",
    bar: "<= 120 B an entry",
    judge: (report) => figureAtMost(report, "store 1000000 memory in log", 120, " B"),
  },
  {
    measure: "open a store of 1e6 entries",
    bar: "<= 1.5 s",
    judge: (report) => figureAtMost(report, "store 1000000 open", 1.5, " s"),
  },
  {
    measure: "the store alone, 1e6 entries: put, on disk before the answer, 256 outstanding",
    bar: ">= 2.5x Redis `always`, >= 1x LMDB and LevelDB",
    judge: (report) =>
      all({
        Redis: figureAtLeast(report, "store sync 1000000 put x256 ratio redis", 2.5, "x"),
        LMDB: figureAtLeast(report, "store sync 1000000 put x256 ratio lmdb", 1, "x"),
        LevelDB: figureAtLeast(report, "store sync 1000000 put x256 ratio level", 1, "x"),
      }),
  },
  {
    measure: "the store alone, 1e6 entries: put within a second, and get, 256 outstanding",
    bar: "put >= 1.5x Redis `everysec`, get >= 3x Redis",
    judge: (report) =>
      all({
        put: figureAtLeast(report, "store everysec 1000000 put x256 ratio redis", 1.5, "x"),
        get: figureAtLeast(report, "store sync 1000000 get x256 ratio redis", 3, "x"),
      }),
  },
  {
    measure: "event loop delay p99.9, 1e6 entries, 256 outstanding puts, compaction running",
    bar: "<= 10 ms",
    judge: (report) =>
      all({
        sync: figureAtMost(report, "store sync 1000000 event loop delay p99.9 everdict", 10, " ms"),
        everysec: figureAtMost(report, "store everysec 1000000 event loop delay p99.9 everdict", 10, " ms"),
      }),
  },
  {
    // A record is 1.43 times its key and value, and 2.5 times what lives may be on the disk.
    measure: "disk and writes of 1e6 entries of 20 B + 100 B, steady puts, compaction running",
    bar: "disk <= 3.6x, written <= 4x keys and values",
    judge: (report) =>
      all({
        disk: figureAtMost(report, "store sync 1000000 disk, of key and value bytes everdict", 3.6, "x"),
        written: figureAtMost(report, "store sync 1000000 write amplification everdict", 4, "x"),
      }),
  },
  {
    measure: "growth from 1e4 to 1e7 entries",
    bar: "get and put <= 1.3x, `len` and `clear` constant",
    judge: (report) =>
      all({
        get: figureAtMost(report, "growth get to 10000000", 1.3, "x"),
        put: figureAtMost(report, "growth put to 10000000", 1.3, "x"),
        len: figureAtMost(report, "growth len to 10000000", 1.3, "x"),
        clear: figureAtMost(report, "growth clear 10000000", 20, " ms"),
      }),
  },
  {
    measure: "cluster client, CPU an operation",
    bar: "<= ioredis.Cluster with auto-pipelining",
    judge: (report) =>
      all({
        get: figureAtMost(report, "cluster CPU ratio get", 1, "x"),
        put: figureAtMost(report, "cluster CPU ratio put", 1, "x"),
      }),
  },
  {
    measure: "cluster client, throughput at 64 and 256 outstanding",
    bar: ">= 1x the quickest of ioredis.Cluster, node-redis and valkey-glide",
    judge: (report) =>
      all({
        get: figureAtLeast(report, "cluster rate ratio get", 1, "x"),
        put: figureAtLeast(report, "cluster rate ratio put", 1, "x"),
      }),
  },
  {
    measure: "pickle: encode + decode, each row",
    bar: ">= 1x JSON + Buffer",
    judge: (report) =>
      all(
        Object.fromEntries(
          pickleRows.map((row) => [row, figureAtLeast(report, `pickle ratio ${row} pickle`, 1, "x")]),
        ),
      ),
  },
  {
    measure: "pickle: encode + decode of a small object",
    bar: "<= 1.5x the time of the fastest whose bytes stand alone",
    judge: (report) => figureAtMost(report, "pickle behind the fastest", 1.5, "x"),
  },
];

/** The table of bars for a report, as Markdown. */
export function renderBars(report: Report): string {
  const rows = bars.map(({ measure, bar, judge }) => {
    const outcome = judge(report);
    return [measure, bar, outcome?.text ?? "-", verdictOn(outcome)];
  });
  return renderTable(["measure", "bar", "figure", ""], rows);
}

function verdictOn(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "not measured";
  const { isMet, missing = [] } = outcome;
  if (missing.length === 0) return isMet ? "met" : "**not met**";
  const rest = `${missing.join(", ")} not measured`;
  return isMet ? rest : `**not met**, ${rest}`;
}

function compare(report: Report, comparison: string, candidate: string, base: string) {
  const row = findRow(report, comparison, candidate);
  const baseRow = findRow(report, comparison, base);
  return row && baseRow && ratioOf(row, baseRow);
}

/** In both durabilities that matter, each against Redis with the same promise. */
function bothAtLeast(bound: number, report: Report, comparison: string): Outcome | undefined {
  return all({
    sync: atLeast(bound, compare(report, comparison, sync, baseOf.fsync)),
    everysec: atLeast(bound, compare(report, comparison, everysec, baseOf.everysec)),
  });
}

/** In both durabilities that matter, each against our own put with as many outstanding. */
function besideOwnPut(bound: number, report: Report, comparison: string): Outcome | undefined {
  return all({
    sync: atLeast(bound, compareOwn(report, comparison, "atomic put x256", sync)),
    everysec: atLeast(bound, compareOwn(report, comparison, "atomic put x256", everysec)),
  });
}

/** One operation of a candidate against another of the same. */
function compareOwn(report: Report, comparison: string, base: string, candidate: string) {
  const row = findRow(report, comparison, candidate);
  const baseRow = findRow(report, base, candidate);
  return row && baseRow && ratioOf(row, baseRow);
}

/** Against ioredis with or without auto-pipelining, whichever is quicker here. */
function compareWithBest(report: Report, comparison: string, candidate: string) {
  const row = findRow(report, comparison, candidate);
  const rate = ({ samples }: Row): number => spreadOf(samples.map((each) => each.perSecond)).median;
  const bases = ["redis-always-ioredis-auto", "redis-always-ioredis"]
    .map((id) => findRow(report, comparison, id))
    .filter((each) => each !== undefined)
    .sort((a, b) => rate(b) - rate(a));
  return row && bases[0] && ratioOf(row, bases[0]);
}

function atLeast(bound: number, ratio: ReturnType<typeof compare>): Outcome | undefined {
  if (ratio === undefined) return undefined;
  const { median, low, high } = ratio;
  const text = `${median.toFixed(2)}x [${low.toFixed(2)}-${high.toFixed(2)}]`;
  return { text, isMet: median >= bound };
}

function figureAtMost(report: Report, id: string, bound: number, unit: string): Outcome | undefined {
  return judgeFigure(report, id, unit, (median) => median <= bound);
}

function figureAtLeast(report: Report, id: string, bound: number, unit: string): Outcome | undefined {
  return judgeFigure(report, id, unit, (median) => median >= bound);
}

function judgeFigure(
  report: Report,
  id: string,
  unit: string,
  isMet: (median: number) => boolean,
): Outcome | undefined {
  const figure = findFigure(report, id);
  if (figure === undefined || figure.values.length === 0) return undefined;
  const { median, low, high } = spreadOf(figure.values);
  const range = figure.values.length > 1 ? ` [${short(low)}-${short(high)}]` : "";
  return { text: `${short(median)}${unit}${range}`, isMet: isMet(median) };
}

function iterationRate(report: Report): Outcome | undefined {
  const row = findRow(report, "iterate 1000000 raw", sync);
  if (row === undefined) return undefined;
  const { median } = spreadOf(row.samples.map((each) => each.perSecond));
  return { text: `${short(median)} entries/s`, isMet: median >= 500_000 };
}

/** Flat: at most a fifth of the 150 MiB that the entries are. */
function growthAtMost(report: Report, side: "client" | "server"): Outcome | undefined {
  return figureAtMost(report, `iterate 1000000 ${side} growth ${sync}`, 30, " MiB more");
}

/** Several parts that must all be met. */
function all(parts: Readonly<Record<string, Outcome | undefined>>): Outcome | undefined {
  const texts: string[] = [];
  const missing: string[] = [];
  let isMet = true;
  for (const [name, part] of Object.entries(parts)) {
    if (part === undefined) missing.push(name);
    else {
      texts.push(`${name} ${part.text}`);
      isMet &&= part.isMet;
    }
  }
  return texts.length === 0 ? undefined : { text: texts.join(", "), isMet, missing };
}
