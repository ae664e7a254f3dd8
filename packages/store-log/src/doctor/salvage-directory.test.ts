// What `everdict doctor --salvage` saves from every kind of damage, and what it says of the rest.
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { restoreMark } from "../files/restore-mark.ts";
import { RecordKind } from "../record/record.ts";
import { decodeHint, hintNumber } from "../segments/hint.ts";
import type { LogStore } from "../store/log-store.ts";
import { openLogStore } from "../store/open-log-store.ts";
import {
  asKilled,
  dictId,
  openWithDict,
  put,
  segmentPaths,
  temporaryDirectory,
} from "../testing/small-store.ts";
import { salvageDirectory } from "./salvage-directory.ts";

const clock = (): number => 1_000_000;

/** A closed store of several segments: 40 entries of which every fourth was put again, and every fifth popped. */
async function several(): Promise<string> {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { segmentMaxBytes: 4096, clock });
  for (let index = 0; index < 40; index++) await put(store, `k${index}`, `${index}`.padEnd(400, "v"));
  for (let index = 0; index < 40; index += 4) await put(store, `k${index}`, `${index}`.padEnd(400, "w"));
  for (let index = 0; index < 40; index += 5)
    await store.pop(dictId, Buffer.from(`k${index}`), { idempotencyKey: `t${index}` });
  await store.close();
  return directory;
}

function removeHints(directory: string): void {
  for (const name of readdirSync(directory))
    if (hintNumber(name) !== undefined) rmSync(join(directory, name));
}

/** Everything in the one dictionary. */
async function contentOf(store: LogStore): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const batch of store.contents(dictId, { keys: true, values: true })) {
    for (const { key, value } of batch) found.set(`${Buffer.from(key)}`, `${Buffer.from(value)}`);
  }
  return found;
}

async function salvaged(directory: string) {
  const output = join(temporaryDirectory(), "out");
  const report = await salvageDirectory({ directory, output, clock });
  const store = await openLogStore({ directory: output, clock });
  onTestFinished(() => store.close());
  return { report, store, content: await contentOf(store), output };
}

/** Flips a bit in the value of the last record that wrote it. */
function damageValue(directory: string, key: string, fill: string): void {
  for (const path of segmentPaths(directory).reverse()) {
    const bytes = readFileSync(path);
    const at = bytes.indexOf(`${key}${key.slice(1)}${fill}`);
    if (at < 0) continue;
    bytes[at + key.length + 20]! ^= 1;
    writeFileSync(path, bytes);
    return;
  }
  throw new Error(`${key} is nowhere`);
}

async function wholeContent(directory: string): Promise<Map<string, string>> {
  const store = await openLogStore({ directory, clock });
  const content = await contentOf(store);
  await store.close();
  return content;
}

test("a whole directory is saved as it is: entries, removals, names, and answers to repeated calls", async () => {
  const directory = await several();
  const names = readdirSync(directory).sort();
  const { report, store, content } = await salvaged(directory);
  expect(readdirSync(directory).sort()).toEqual(names);
  expect(content).toEqual(await wholeContent(directory));
  expect(content.size).toBe(32);
  expect(report).toMatchObject({ isComplete: true, unreadable: [], missing: [] });
  expect(report.dicts).toEqual([{ environment: "main", name: "test", entries: 32, lost: 0, older: 0 }]);
  // Of k5, which was put once, and of k20, which was put twice.
  for (const [index, fill] of [
    [5, "v"],
    [20, "w"],
  ] as const) {
    const again = await store.pop(dictId, Buffer.from(`k${index}`), { idempotencyKey: `t${index}` });
    expect(`${Buffer.from(again!)}`).toBe(`${index}`.padEnd(400, fill));
  }
});

test.each([true, false])("a damaged entry costs that entry (hints: %s)", async (hasHints) => {
  const directory = await several();
  const whole = await wholeContent(directory);
  if (!hasHints) removeHints(directory);
  // k7 was written once; k8 twice, so that its first value is what is left.
  damageValue(directory, "k7", "v");
  damageValue(directory, "k8", "w");
  const { report, content } = await salvaged(directory);
  whole.delete("k7");
  whole.set("k8", "8".padEnd(400, "v"));
  expect(content).toEqual(whole);
  expect(report.isComplete).toBe(false);
  expect(report.unreadable).toMatchObject([{ isKnown: hasHints }, { isKnown: hasHints }]);
  for (const { from, to } of report.unreadable) expect(to - from).toBeLessThan(600);
  expect(report.dicts).toMatchObject([hasHints ? { lost: 2, older: 1 } : { lost: 0, older: 0 }]);
});

test("a damaged removal is honoured where a hint knows of it", async () => {
  const directory = await several();
  const whole = await wholeContent(directory);
  const path = segmentPaths(directory).at(-1)!;
  const bytes = readFileSync(path);
  const hint = decodeHint(readFileSync(path.replace(".segment", ".hint")), segmentPaths(directory).length)!;
  let removals = 0;
  hint.replay((row, offset) => {
    if (row.kind !== RecordKind.remove) return;
    bytes[offset + 30]! ^= 1;
    removals++;
  });
  expect(removals).toBeGreaterThan(0);
  writeFileSync(path, bytes);
  const { report, content } = await salvaged(directory);
  expect(content).toEqual(whole);
  expect(report.isComplete).toBe(true);
  expect(report.unreadable.length).toBeGreaterThan(0);
});

test("a segment that is missing, cut or emptied costs what was in it, and the hint says what", async () => {
  for (const harm of [
    (path: string) => rmSync(path),
    (path: string) => truncateSync(path, 0),
    (path: string) => truncateSync(path, 1500),
    (path: string) => writeFileSync(path, Buffer.alloc(readFileSync(path).length)),
  ]) {
    const directory = await several();
    const whole = await wholeContent(directory);
    harm(segmentPaths(directory)[1]!);
    const { report, content } = await salvaged(directory);
    const [dict] = report.dicts;
    expect(report.isComplete).toBe(false);
    expect(dict!.lost).toBeGreaterThan(2);
    const changed = [...whole].filter(([key, value]) => content.get(key) !== value);
    expect(changed).toHaveLength(dict!.lost);
    for (const key of content.keys()) expect(whole.has(key)).toBe(true);
  }
});

test("a catalog that is lost: entries come under a name of their own, behind their last clear", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { segmentMaxBytes: 4096, clock });
  await put(store, "before", "the clear");
  await store.clear(dictId);
  for (let index = 0; index < 30; index++) await put(store, `k${index}`, `${index}`.padEnd(400, "v"));
  await store.close();
  removeHints(directory);
  const path = segmentPaths(directory)[0]!;
  const bytes = readFileSync(path);
  // Everything up to the first entry behind the clear: environment, dictionary, and the clear itself.
  bytes.fill(0, 32, bytes.indexOf("k0"));
  writeFileSync(path, bytes);
  const output = join(temporaryDirectory(), "out");
  const report = await salvageDirectory({ directory, output, clock });
  expect(report.dicts).toEqual([{ environment: "main", name: "salvaged-2", entries: 29, lost: 0, older: 0 }]);
});

test("deleted dictionaries stay deleted, and what was never acknowledged is not made up", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { flushPath: "pool", clock });
  await put(store, "a", "1");
  await store.deleteDict(dictId);
  await store.createDict({
    id: "di-other",
    environmentId: "en-test",
    name: "other",
    createdBy: "test",
    expiry: { policy: "never" },
    data: [],
  });
  const entries = ["x", "y"].map((text) => ({ key: Buffer.from(text), value: Buffer.from(text) }));
  await store.update("di-other", entries);
  const killed = asKilled(directory);
  const path = segmentPaths(killed)[0]!;
  truncateSync(path, readFileSync(path).lastIndexOf("yy") + 1);
  const output = join(temporaryDirectory(), "out");
  const report = await salvageDirectory({ directory: killed, output, clock });
  expect(report.dicts).toEqual([{ environment: "main", name: "other", entries: 0, lost: 0, older: 0 }]);
  expect(report.isComplete).toBe(true);
});

test("a salvage that was interrupted is no store, and can be run again", async () => {
  const directory = await several();
  const output = temporaryDirectory();
  await salvageDirectory({ directory, output, clock });
  // What is there shortly before the end, and shortly after the beginning.
  writeFileSync(join(output, restoreMark), "");
  truncateSync(segmentPaths(output)[0]!, 100);
  await expect(openLogStore({ directory: output })).rejects.toMatchObject({
    code: "data_loss",
    message: expect.stringContaining("everdict doctor --salvage"),
  });
  await salvageDirectory({ directory, output, clock });
  expect(await wholeContent(output)).toEqual(await wholeContent(directory));
});

test("the output must be a new directory apart from the damaged one, which is never written to", async () => {
  const directory = await several();
  const refused = (output: string) => salvageDirectory({ directory, output });
  await expect(refused(join(directory, "out"))).rejects.toMatchObject({ code: "invalid_argument" });
  await expect(refused(directory)).rejects.toMatchObject({ code: "invalid_argument" });
  await expect(refused(join(directory, ".."))).rejects.toMatchObject({ code: "invalid_argument" });
  const full = temporaryDirectory();
  writeFileSync(join(full, "something"), "");
  await expect(refused(full)).rejects.toMatchObject({ code: "conflict" });
  const empty = temporaryDirectory();
  await expect(salvageDirectory({ directory: empty, output: full })).rejects.toMatchObject({
    code: "invalid_argument",
  });
});
