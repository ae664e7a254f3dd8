import { describe, expect, test } from "vitest";
import { reportOf } from "../../testing/sample-report.ts";
import { candidates } from "../candidates.ts";
import { bars, renderBars } from "./bars.ts";
import type { Figure } from "./report.ts";

const comparisonIds = [
  "get 100 B x1",
  "get 100 B x256",
  "put 100 B x1",
  "put 100 B x256",
  "atomic increment x256",
  "atomic transfer x256",
  "atomic modify x256",
  "atomic getMany x1",
  "atomic get x1",
  "atomic put x256",
  "update 10000",
  "iterate 1000000 raw",
];
const figure = (id: string, value: number): Figure => ({ id, title: id, unit: "", values: [value] });
/** Of the rows of the pickle codec more is better. */
const pickleRows = ["small-object", "short-string", "int", "nested-10k", "bytes-1m"];
/** Of these ratios as well. */
const peerRatios = [
  "store sync 1000000 put x256 ratio redis",
  "store sync 1000000 put x256 ratio lmdb",
  "store sync 1000000 put x256 ratio level",
  "store everysec 1000000 put x256 ratio redis",
  "store sync 1000000 get x256 ratio redis",
];
const everyFigure = (value: number): Figure[] => [
  ...peerRatios.map((id) => figure(id, 1.5 / value)),
  ...["get", "put"].map((what) => figure(`cluster rate ratio ${what}`, 1 / value)),
  ...pickleRows.map((row) => figure(`pickle ratio ${row} pickle`, 1 / value)),
  ...[
    "grpc CPU ratio",
    "iterate 1000000 client growth everdict-sync-session",
    "iterate 1000000 server growth everdict-sync-session",
    "store 1000000 memory cached",
    "store 1000000 memory in log",
    "store 1000000 open",
    "store sync 1000000 event loop delay p99.9 everdict",
    "store everysec 1000000 event loop delay p99.9 everdict",
    "store sync 1000000 disk, of key and value bytes everdict",
    "store sync 1000000 write amplification everdict",
    "growth get to 10000000",
    "growth put to 10000000",
    "growth len to 10000000",
    "growth clear 10000000",
    "cluster CPU ratio get",
    "cluster CPU ratio put",
    "pickle behind the fastest",
  ].map((id) => figure(id, value)),
];

describe("the table of bars", () => {
  test("names only candidates that there are, and is met by one that is quick enough throughout", () => {
    const rates = (id: string) => (id.startsWith("everdict") ? [4e6, 4e6] : [1e6, 1e6]);
    const report = reportOf(comparisonIds, ({ id }) => rates(id), everyFigure(0.5));
    expect(bars.map(({ judge }) => judge(report)?.isMet)).toEqual(bars.map(() => true));
    const lines = renderBars(report).split("\n").slice(2);
    expect(lines).toHaveLength(bars.length);
    for (const line of lines) expect(line).toMatch(/ met \|$/);
  });

  test("calls a bar met only if every part of it was measured, and names what is missing", () => {
    const rates = (id: string) => (id.startsWith("everdict") ? [4e6] : [1e6]);
    const lineOf = (measure: string, figures: Figure[], without = "") => {
      const report = reportOf(comparisonIds, ({ id }) => (id === without ? [] : rates(id)), figures);
      return renderBars(report)
        .split("\n")
        .find((line) => line.startsWith(`| ${measure} `))!;
    };
    const get = "get, 256 outstanding, one client";
    expect(lineOf(get, [], "everdict-everysec-session")).toMatch(/ everysec not measured \|$/);
    expect(lineOf(get, [])).toMatch(/ met \|$/);
    const growth = "growth from 1e4 to 1e7 entries";
    const few = [figure("growth get to 10000000", 1), figure("growth len to 10000000", 5)];
    expect(lineOf(growth, few)).toMatch(/ \*\*not met\*\*, put, clear not measured \|$/);
  });

  test("does not take a smaller run for the one that it asks for", () => {
    const ids = ["iterate 200000 raw"];
    const figures = ["client", "server"].map((side) =>
      figure(`iterate 200000 ${side} growth everdict-sync-session`, 0),
    );
    figures.push(figure("growth get to 1000000", 1), figure("store 2000 open", 0));
    const report = reportOf(ids, () => [4e6], figures);
    const lines = renderBars(report).split("\n").slice(2);
    expect(lines).toHaveLength(bars.length);
    for (const line of lines) expect(line).toMatch(/ not measured \|$/);
  });

  test("is not met by one that is slow throughout", () => {
    const report = reportOf(
      comparisonIds,
      // Slow beside the others, and beside its own plain get and put.
      ({ id }, comparison) =>
        id.startsWith("everdict") && !/^atomic (get|put) /.test(comparison) ? [1e5] : [1e6],
      everyFigure(1e6),
    );
    expect(bars.map(({ judge }) => judge(report)?.isMet)).toEqual(bars.map(() => false));
  });

  test("says what was not measured instead of judging it", () => {
    const lines = renderBars(reportOf([], () => [1]))
      .split("\n")
      .slice(2);
    expect(lines).toHaveLength(bars.length);
    for (const line of lines) expect(line).toContain("not measured");
  });

  test("takes ratios round by round: a round in which everything is slow changes nothing", () => {
    const rates = (id: string) => (id.startsWith("everdict") ? [4000, 40, 400] : [1000, 10, 100]);
    const report = reportOf(comparisonIds, ({ id }) => rates(id));
    expect(bars[0]!.judge(report)?.text).toBe("sync 4.00x [4.00-4.00], everysec 4.00x [4.00-4.00]");
  });

  test("sequential calls are held against the quicker mode of ioredis", () => {
    const rates = new Map([
      ["redis-always-ioredis", [200]],
      ["redis-always-ioredis-auto", [50]],
    ]);
    const report = reportOf(comparisonIds, ({ id }) => rates.get(id) ?? [100]);
    const sequential = bars.find(({ measure }) => measure === "one get, awaited in sequence")!;
    expect(sequential.judge(report)).toEqual({ text: "0.50x [0.50-0.50]", isMet: false });
  });
});

test("candidates have ids of their own", () => {
  expect(new Set(candidates.map(({ id }) => id)).size).toBe(candidates.length);
});
