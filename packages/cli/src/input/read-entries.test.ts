import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CliContext } from "../cli-context.ts";
import { type KeyValue, readEntries } from "./read-entries.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "everdict-entries-"));
});
afterAll(() => rm(directory, { recursive: true }));

function contextWith(input: string | Uint8Array): CliContext {
  const stdin = new PassThrough();
  stdin.end(input);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  return { stdin, stdout, stderr, variables: {}, json: false, debug: false, outcome: "ok" };
}

async function read(input: string | Uint8Array, lines = false, path = "-"): Promise<KeyValue[]> {
  const entries: KeyValue[] = [];
  for await (const entry of readEntries(contextWith(input), path, lines)) entries.push(entry);
  return entries;
}

describe("readEntries()", () => {
  test("takes an object", async () => {
    expect(await read('{"a": 1, "b": {"c": 2}}')).toEqual([
      ["a", 1],
      ["b", { c: 2 }],
    ]);
  });

  test("takes an array of pairs and of objects, with keys of any kind", async () => {
    expect(
      await read('[[1, "x"], {"key": ["a", 2], "value": null}, {"value": {"$set": [1]}, "key": "k"}]'),
    ).toEqual([
      [1, "x"],
      [["a", 2], null],
      ["k", new Set([1])],
    ]);
  });

  test("takes what holds entries that are none of an object", async () => {
    expect(await read('{"$map": [[1, 2]]}')).toEqual([[1, 2]]);
    expect(await read("[]")).toEqual([]);
    expect(await read("{}")).toEqual([]);
  });

  test("takes JSON lines, skipping empty ones", async () => {
    expect(await read('["a", 1]\n\n{"key": "b", "value": 2}\r\n["c", 3]', true)).toEqual([
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
  });

  test.each([false, true])("takes a byte-order mark for none of the text (lines: %s)", async (lines) => {
    const text = lines ? '\ufeff["a", "\ufeffb"]' : '\ufeff{"a": "\ufeffb"}';
    expect(await read(text, lines)).toEqual([["a", "\ufeffb"]]);
    const path = join(directory, "marked.json");
    await writeFile(path, text);
    expect(await read("", lines, path)).toEqual([["a", "\ufeffb"]]);
  });

  test("reads a file", async () => {
    const path = join(directory, "data.json");
    await writeFile(path, '{"a": 1}');
    expect(await read("", false, path)).toEqual([["a", 1]]);
    await writeFile(path, '["a", 1]\n');
    expect(await read("", true, path)).toEqual([["a", 1]]);
  });

  test.each([
    ["1", false, "standard input is neither an object nor an array of entries"],
    ["[1]", false, "standard input, element 0 is not an entry"],
    ['[["a", 1], ["b"]]', false, "standard input, element 1 is not an entry"],
    ['[{"key": 1}]', false, "standard input, element 0 is not an entry"],
    ['["a", 1]\n{"a": 1}', true, "standard input, line 2 is not an entry"],
    ['["a", 1]\n["b", ', true, expect.stringMatching(/^standard input, line 2 is not JSON/)],
    [Uint8Array.of(0x22, 0xff, 0x22), false, "standard input is not UTF-8 text"],
    [Uint8Array.of(0x22, 0xff, 0x22), true, "standard input is not UTF-8 text"],
    [Uint8Array.of(0x22, 0xc3), true, "standard input is not UTF-8 text"],
  ])("refuses %j", async (input, lines, message) => {
    await expect(read(input, lines)).rejects.toMatchObject({ reason: "usage", message });
  });

  test.each([true, false])("says why a file cannot be read (lines: %s)", async (lines) => {
    const path = join(directory, "missing.json");
    await expect(read("", lines, path)).rejects.toMatchObject({
      reason: "usage",
      message: `cannot read ${path}: no such file or directory`,
    });
  });
});
