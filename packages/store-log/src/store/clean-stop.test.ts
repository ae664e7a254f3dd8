// What was flushed before a clean stop, or is behind a seal, never vanishes without a word.
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { examineDirectory } from "../doctor/examine-directory.ts";
import { hintNumber } from "../segments/hint.ts";
import { lastSegmentName } from "../segments/last-segment.ts";
import {
  asKilled,
  dictId,
  get,
  openWithDict,
  put,
  segmentPaths,
  temporaryDirectory,
} from "../testing/small-store.ts";
import { openLogStore } from "./open-log-store.ts";

const entryCount = 500;

/** A store of one segment with 500 entries, each put twice, that was closed. */
async function stopped(): Promise<{ directory: string; path: string; bytes: Buffer }> {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  for (const round of ["old", "new"]) {
    const entries = Array.from({ length: entryCount }, (_, index) => ({
      key: Buffer.from(`key-${index}`),
      value: Buffer.from(`${round}-${index}`),
    }));
    for (const entry of entries) void store.update(dictId, [entry]);
    await store.update(dictId, [entries[0]!]);
  }
  await store.close();
  const path = segmentPaths(directory)[0]!;
  return { directory, path, bytes: readFileSync(path) };
}

function names(directory: string): string[] {
  return readdirSync(directory).sort();
}

function removeHints(directory: string): void {
  for (const name of names(directory)) if (hintNumber(name) !== undefined) rmSync(join(directory, name));
}

test("a last segment cut anywhere after a clean stop is refused and named, and nothing more is cut off it", async () => {
  const { directory, path, bytes } = await stopped();
  const before = names(directory);
  for (const length of [0, 10, 32, 100, bytes.length >> 1, bytes.length - 1]) {
    truncateSync(path, length);
    await expect(openLogStore({ directory })).rejects.toMatchObject({
      code: "data_loss",
      message: expect.stringMatching(
        /^0000000001\.segment is damaged at byte \d+: it was flushed up to byte \d+/,
      ),
    });
    const { isWhole, segments } = await examineDirectory(directory);
    expect(isWhole).toBe(false);
    expect(segments[0]!.damage.at(-1)!.to).toBe(bytes.length);
    expect(readFileSync(path)).toEqual(bytes.subarray(0, length));
    expect(names(directory)).toEqual(before);
    writeFileSync(path, bytes);
  }
  const store = await openLogStore({ directory });
  expect(await store.len(dictId)).toBe(entryCount);
  await store.close();
});

test.each([
  ["a hint alone", (directory: string) => rmSync(join(directory, lastSegmentName))],
  ["what is written down of the last segment alone", removeHints],
])("%s proves the end of a clean stop", async (_, forget) => {
  const { directory, path, bytes } = await stopped();
  forget(directory);
  truncateSync(path, bytes.length >> 1);
  await expect(openLogStore({ directory })).rejects.toMatchObject({ code: "data_loss" });
  expect((await examineDirectory(directory)).isWhole).toBe(false);
});

test("a last write that was zeroed or flipped after a clean stop is refused, though nothing follows it", async () => {
  const { directory, path, bytes } = await stopped();
  removeHints(directory);
  for (const damage of [
    (content: Buffer) => content.fill(0, content.length - 60),
    (content: Buffer) => {
      content[content.length - 1]! ^= 1;
      return content;
    },
  ]) {
    writeFileSync(path, damage(Buffer.from(bytes)));
    await expect(openLogStore({ directory })).rejects.toMatchObject({ code: "data_loss" });
    expect((await examineDirectory(directory)).isWhole).toBe(false);
  }
});

test("what was there at a start is proven after a kill; what came later is cut off with a torn end", async () => {
  const { directory } = await stopped();
  const store = await openWithDict(directory, { flushPath: "pool" });
  const atStart = readFileSync(segmentPaths(directory)[0]!).length;
  await put(store, "later", "1");
  const torn = asKilled(directory);
  truncateSync(segmentPaths(torn)[0]!, atStart + 5);
  const reopened = await openLogStore({ directory: torn });
  expect(await reopened.len(dictId)).toBe(entryCount);
  await reopened.close();
  const cut = asKilled(directory);
  truncateSync(segmentPaths(cut)[0]!, atStart - 5);
  await expect(openLogStore({ directory: cut })).rejects.toMatchObject({ code: "data_loss" });
});

test("a sealed segment is proven after a kill, and a last one from its first write on", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { segmentMaxBytes: 4096 });
  for (let index = 0; index < 40; index++) await put(store, `key-${index}`, "v".repeat(500));
  const paths = segmentPaths(asKilled(directory));
  expect(paths.length).toBeGreaterThan(4);
  for (const [index] of paths.entries()) {
    const killed = asKilled(directory);
    removeHints(killed);
    const isLast = index === paths.length - 1;
    const path = segmentPaths(killed)[index]!;
    truncateSync(path, isLast ? 40 : readFileSync(path).length - (52 + "key-10".length + 500));
    const before = names(killed);
    await expect(openLogStore({ directory: killed })).rejects.toMatchObject({ code: "data_loss" });
    expect((await examineDirectory(killed)).isWhole).toBe(false);
    expect(names(killed)).toEqual(before);
  }
});

test("a directory of a program that wrote down no lengths opens as before, torn end and all", async () => {
  const { directory, path, bytes } = await stopped();
  removeHints(directory);
  const mark = join(directory, lastSegmentName);
  writeFileSync(mark, readFileSync(mark).subarray(0, 8));
  const store = await openLogStore({ directory });
  expect(await store.len(dictId)).toBe(entryCount);
  expect(await get(store, "key-7")).toBe("new-7");
  await store.close();
  removeHints(directory);
  writeFileSync(mark, readFileSync(mark).subarray(0, 8));
  writeFileSync(path, bytes.subarray(0, -70));
  const torn = await openLogStore({ directory });
  expect(await torn.len(dictId)).toBe(entryCount);
  await torn.close();
});
