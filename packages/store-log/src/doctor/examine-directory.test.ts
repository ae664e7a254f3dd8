// What `everdict doctor` finds: every kind of damage with its place, and what is left.
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { crc32c } from "../bytes/crc32c.ts";
import { openSnapshot, SnapshotFiles } from "../examine/snapshot.ts";
import { openLogStore, openSnapshotStore } from "../store/open-log-store.ts";
import {
  asKilled,
  dictId,
  openWithDict,
  put,
  segmentPaths,
  temporaryDirectory,
} from "../testing/small-store.ts";
import { examineDirectory } from "./examine-directory.ts";

/** A closed store of several segments, each with a good part of garbage but not enough to be compacted. */
async function several(): Promise<string> {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { segmentMaxBytes: 4096 });
  for (let index = 0; index < 40; index++) await put(store, `k${index}`, String(index).padEnd(400, "v"));
  await store.close();
  return directory;
}

/** Flips a bit in the middle of a segment. */
function damage(path: string): number {
  const bytes = readFileSync(path);
  const at = bytes.length >> 1;
  bytes[at]! ^= 4;
  writeFileSync(path, bytes);
  return at;
}

test("a whole log: segments, records, ascending sequences, live and dead bytes", async () => {
  const directory = await several();
  const report = await examineDirectory(directory);
  expect(report).toMatchObject({ isWhole: true, owner: undefined, missing: [], isRestoreUnfinished: false });
  expect(report.segments.length).toBeGreaterThan(2);
  let last = 0;
  for (const { records, sequences, bytes, liveBytes, damage: found } of report.segments) {
    expect(records).toBeGreaterThan(0);
    expect(sequences![0]).toBeGreaterThan(last);
    last = sequences![1];
    expect(liveBytes).toBeLessThan(bytes);
    expect(found).toEqual([]);
  }
  const live = report.segments.reduce((sum, segment) => sum + segment.liveBytes!, 0);
  expect(live).toBeGreaterThan(40 * 400);
  // Half of the entries go: their bytes are dead from then on.
  const store = await openLogStore({ directory, segmentMaxBytes: 1 << 20 });
  await store.clear(dictId);
  await store.close();
  const after = await examineDirectory(directory);
  expect(after.segments.reduce((sum, segment) => sum + segment.liveBytes!, 0)).toBeLessThan(1000);
});

test("a store on a snapshot begins no compaction, however much garbage it finds", async () => {
  const directory = await several();
  const owner = await openLogStore({ directory, segmentMaxBytes: 1 << 20 });
  await owner.clear(dictId);
  await owner.close();
  const snapshot = await openSnapshot(directory);
  onTestFinished(() => snapshot.close());
  const files = new SnapshotFiles(snapshot.segments);
  const { store, reclaimed } = await openSnapshotStore(files, directory);
  await reclaimed;
  const [first] = store.segmentUsage();
  expect(first!.liveBytes).toBeLessThan(first!.bytes / 2);
  const writes = [vi.spyOn(files, "create"), ...snapshot.segments.map(({ file }) => vi.spyOn(file, "write"))];
  // A compaction would begin in this sweep, and write within a turn or two.
  await store.sweep(1);
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  await store.close();
  for (const write of writes) expect(write).not.toHaveBeenCalled();
});

test("a directory in use is examined too, and its owner named", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  await put(store, "a", "1");
  const report = await examineDirectory(directory);
  expect(report).toMatchObject({ isWhole: true, owner: { pid: process.pid } });
  expect(report.segments[0]!.records).toBeGreaterThan(2);
});

test("damage in the middle: the place, and what is whole behind it", async () => {
  const directory = await several();
  const [first, second] = segmentPaths(directory);
  const whole = await examineDirectory(directory);
  const at = damage(first!);
  const report = await examineDirectory(directory);
  expect(report.isWhole).toBe(false);
  const { damage: found, records, liveBytes } = report.segments[0]!;
  expect(found).toHaveLength(1);
  expect(found[0]!.from).toBeLessThanOrEqual(at);
  expect(found[0]!.to).toBeGreaterThan(at);
  expect(records).toBe(whole.segments[0]!.records - 1);
  expect(liveBytes).toBeUndefined();
  expect(report.segments[1]!.damage).toEqual([]);
  damage(second!);
  expect((await examineDirectory(directory)).segments[1]!.damage).toHaveLength(1);
});

test("a torn end is no damage after a kill", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { flushPath: "pool" });
  await put(store, "a", "1");
  await put(store, "b", "2");
  const killed = asKilled(directory);
  const path = segmentPaths(killed).at(-1)!;
  truncateSync(path, readFileSync(path).length - 1);
  const report = await examineDirectory(killed);
  expect(report).toMatchObject({ isWhole: true, isEndProven: false });
  expect(report.segments.at(-1)!.unfinishedBytes).toBeGreaterThan(0);
});

test("a torn end is damage after a clean stop", async () => {
  const directory = await several();
  expect(await examineDirectory(directory)).toMatchObject({ isWhole: true, isEndProven: true });
  const path = segmentPaths(directory).at(-1)!;
  const bytes = readFileSync(path).length;
  truncateSync(path, bytes - 1);
  const report = await examineDirectory(directory);
  expect(report).toMatchObject({ isWhole: false, opens: false });
  expect(report.segments.at(-1)!.damage).toMatchObject([{ to: bytes }]);
});

test("an empty segment: damage where it had records, else one that was only being created", async () => {
  const directory = await several();
  const paths = segmentPaths(directory);
  writeFileSync(paths.at(-1)!.replace(/\d(?=\.segment)/, "9"), "");
  expect(await examineDirectory(directory)).toMatchObject({ isWhole: true });
  for (const path of paths) {
    const bytes = readFileSync(path);
    writeFileSync(path, "");
    expect(await examineDirectory(directory)).toMatchObject({ isWhole: false, opens: false });
    writeFileSync(path, bytes);
  }
});

test("a missing segment, and one that was cut", async () => {
  const directory = await several();
  const [first, second] = segmentPaths(directory);
  rmSync(first!);
  const bytes = readFileSync(second!).length;
  expect(await examineDirectory(directory)).toMatchObject({ isWhole: false, missing: [{ number: 1 }] });
  truncateSync(second!, bytes - 10);
  const report = await examineDirectory(directory);
  expect(report.segments[0]!.damage).toHaveLength(1);
});

test("a damaged header is damage that a start mends; one of a newer version is refused", async () => {
  const directory = await several();
  const [path] = segmentPaths(directory);
  const bytes = readFileSync(path!);
  bytes[0]! ^= 1;
  writeFileSync(path!, bytes);
  const report = await examineDirectory(directory);
  expect(report).toMatchObject({ isWhole: false, opens: true });
  expect(report.segments[0]!.damage).toMatchObject([{ from: 0, to: 32, isMendable: true }]);
  expect(report.segments[0]!.records).toBeGreaterThan(0);
  bytes[0]! ^= 1;
  bytes.writeUInt32LE(99, 8);
  bytes.writeUInt32LE(crc32c(bytes, 0, 28), 28);
  writeFileSync(path!, bytes);
  await expect(examineDirectory(directory)).rejects.toMatchObject({ code: "conflict" });
});
