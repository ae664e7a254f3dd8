import { describe, expect, test } from "vitest";
import { reportOf } from "../../testing/sample-report.ts";
import { replacePart } from "../documents.ts";
import { renderChart } from "./chart.ts";
import { faultsOf } from "./check-report.ts";
import { summarizeProfile } from "./profile-summary.ts";
import { renderComparison } from "./render-report.ts";
import { renderTable, short } from "./render-table.ts";
import { spreadOf } from "./statistics.ts";

describe("numbers", () => {
  test.each([
    [1_234_567, "1.23M"],
    [999_600, "1M"],
    [45_678, "45.7k"],
    [9994, "9994"],
    [123.4, "123"],
    [1.2345, "1.23"],
    [0.04567, "0.0457"],
    [Number.NaN, "-"],
  ])("%d is short for %s", (value, text) => {
    expect(short(value)).toBe(text);
  });

  test("a median lies between the middle two", () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1, high: 4 });
    expect(spreadOf([]).median).toBeNaN();
  });
});

test("tables are aligned", () => {
  expect(
    renderTable(
      ["name", "ops/s"],
      [
        ["a", "1"],
        ["long name", "20"],
      ],
    ),
  ).toBe("| name      | ops/s |\n| --------- | ----: |\n| a         |     1 |\n| long name |    20 |");
});

test("a comparison groups candidates by what they promise, each with its ratio to Redis of that promise", () => {
  const report = reportOf(["get 100 B x256"], ({ id }) => (id.startsWith("redis-always") ? [100] : [300]));
  const table = renderComparison(report.sections[0]!.comparisons[0]!);
  const ratio = (name: string) =>
    table
      .split("\n")
      .find((line) => line.startsWith(`| ${name} `))
      ?.split("|")[4]
      ?.trim();
  expect(ratio("Everdict sync, session")).toBe("3.00");
  expect(ratio("Everdict everysec, session")).toBe("1.00");
  expect(ratio("Redis always, ioredis auto-pipelining")).toBe("1.00");
});

test("the chart is well-formed, escapes what it shows, and draws longer bars for more", () => {
  const chart = renderChart(
    reportOf(["get 100 B x256"], ({ id }) => (id.startsWith("redis") ? [100] : [400])),
  );
  expect(chart).toContain("test &lt;cpu&gt;");
  expect(chart).toContain("prefers-color-scheme: dark");
  expect(chart).toContain(">4.0x</text>");
  const widthOf = (kind: string) =>
    Number(new RegExp(`class="${kind}"[^>]* width="([\\d.]+)"`).exec(chart)?.[1]);
  expect(widthOf("ours")).toBeCloseTo(4 * widthOf("theirs"));
  const opened = [...chart.matchAll(/<(\w+)/g)].length;
  const closed = [...chart.matchAll(/<\/\w+>|\/>/g)].length;
  expect(opened).toBe(closed);
});

test("parts of documents are replaced between their markers", () => {
  const text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb";
  expect(replacePart(text, "x", "new")).toBe("a\n<!-- begin x -->\n\nnew\n\n<!-- end x -->\nb");
  expect(() => replacePart(text, "y", "new")).toThrow("begin y");
});

test("a report is checked for what is missing", () => {
  const report = reportOf(["get 100 B x1"], ({ id }) => (id === "everdict-sync-grpc" ? [] : [10]));
  expect(faultsOf(report, ["operations"])).toEqual([
    "operations, get 100 B x1, everdict-sync-grpc: no samples",
  ]);
  expect(faultsOf(report, ["update"])).toEqual(["section update is missing"]);
});

test("a profile shows functions by their own time, without idling", () => {
  const frame = (functionName: string) => ({ functionName, url: "", lineNumber: 0 });
  const nodes = ["(idle)", "quick", "slow"].map((name, id) => ({ id, callFrame: frame(name) }));
  const table = summarizeProfile({ nodes, samples: [0, 1, 2, 2], timeDeltas: [5000, 1000, 1000, 2000] });
  expect(
    table
      .split("\n")
      .slice(2)
      .map((line) =>
        line
          .split("|")
          .map((cell) => cell.trim())
          .slice(1, 3),
      ),
  ).toEqual([
    ["slow", "75.0 %"],
    ["quick", "25.0 %"],
  ]);
});
