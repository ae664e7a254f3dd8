import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
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

  test("a wide cell that is not cut pushes its own row out of line, not the others", async () => {
    const lines = (
      await tableText([
        ["k".repeat(1000), "1"],
        ["a", "2"],
      ])
    ).split("\n");
    expect(lines.slice(1, 3)).toEqual([`${"k".repeat(1000)}  1`, `a${" ".repeat(201)}2`]);
  });

  test.each([[undefined], [80]])(
    "what long text that is not ASCII costs depends on what is shown (columns: %s)",
    async (columns) => {
      const segment = vi.spyOn(Intl.Segmenter.prototype, "segment");
      onTestFinished(() => segment.mockRestore());
      const rows = ["x", "é", "日"].map((character) => [character.repeat(5000), character.repeat(20_000)]);
      const printed = await tableText(rows, columns);
      if (columns === undefined) expect(printed.length).toBeGreaterThan(3 * 25_000);
      const walked = segment.mock.calls.reduce((sum, [text]) => sum + text.length, 0);
      expect(walked).toBeLessThan(10_000);
    },
  );

  test("a terminal that says it has no columns is taken for one of 80", async () => {
    const lines = (await tableText([["a", "x".repeat(100)]], 0)).split("\n");
    expect(lines[1]).toBe(`a    ${"x".repeat(74)}…`);
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
    expect(displayWidth(value, 80)).toBe(width);
  });

  test("a cut never exceeds the columns, never splits a character, and says that it is one", () => {
    expect(cutToWidth("abcdef", 4)).toBe("abc…");
    expect(cutToWidth("日本語", 4)).toBe("日…");
    expect(cutToWidth("abcd", 4)).toBe("abcd");
    expect(displayWidth(cutToWidth("x".repeat(10_000_000), 10), 80)).toBe(10);
    expect(displayWidth("日本語", 4)).toBe(4);
  });
});
