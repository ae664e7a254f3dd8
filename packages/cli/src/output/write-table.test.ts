import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { CliOutput } from "../cli-context.ts";
import { cutToWidth, displayWidth } from "./display-width.ts";
import { writeTable } from "./write-table.ts";

async function tableText(
  rows: Iterable<readonly string[]> | AsyncIterable<readonly string[]>,
  terminalColumns?: number,
): Promise<string> {
  const output = new PassThrough();
  const terminal = terminalColumns === undefined ? {} : { isTTY: true, columns: terminalColumns };
  const printed = text(output);
  await writeTable(Object.assign(output, terminal) as CliOutput, ["Key", "Value"], rows);
  output.end();
  return printed;
}

describe("writeTable()", () => {
  test("aligns columns and leaves no trailing spaces", async () => {
    expect(
      await tableText([
        ["a", "1"],
        ["longer", ""],
      ]),
    ).toBe("Key     Value\na       1\nlonger\n");
  });

  test("prints the headings of an empty table", async () => {
    expect(await tableText([])).toBe("Key  Value\n");
  });

  test("cuts the widest column to the terminal, and nothing that is piped on", async () => {
    const rows = [["a", "x".repeat(100)]];
    const lines = (await tableText(rows, 40)).split("\n");
    expect(lines[1]).toBe(`a    ${"x".repeat(34)}…`);
    expect(await tableText(rows)).toContain("x".repeat(100));
  });

  test("counts columns as terminals do", async () => {
    const lines = (
      await tableText([
        ["日本", "1"],
        ["e\u0301", "2"],
        ["👩‍👩‍👧", "3"],
      ])
    ).split("\n");
    expect(lines.slice(1, 4)).toEqual(["日本  1", "e\u0301     2", "👩‍👩‍👧    3"]);
  });

  test("streams rows once the widths are fixed", async () => {
    async function* rows(): AsyncGenerator<readonly string[]> {
      for (let index = 0; index < 5000; index += 1) yield [`k${index}`, "v"];
    }
    const lines = (await tableText(rows())).trimEnd().split("\n");
    expect(lines).toHaveLength(5001);
    expect(lines[5000]).toBe("k4999  v");
  });
});

describe("displayWidth() and cutToWidth()", () => {
  test.each([
    ["abc", 3],
    ["日本", 4],
    ["e\u0301", 1],
    ["👍", 2],
    ["", 0],
  ])("%s takes %d columns", (value, width) => {
    expect(displayWidth(value)).toBe(width);
  });

  test("a cut never exceeds the columns, never splits a character, and says that it is one", () => {
    expect(cutToWidth("abcdef", 4)).toBe("abc…");
    expect(cutToWidth("日本語", 4)).toBe("日…");
    expect(cutToWidth("abcd", 4)).toBe("abcd");
    expect(displayWidth(cutToWidth("x".repeat(10_000_000), 10))).toBe(10);
  });
});
