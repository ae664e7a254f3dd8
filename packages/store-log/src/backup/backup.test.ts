// Backups made while the store is written to and compacted, restores, and what refuses to be either.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "@everdict/store";
import { expect, onTestFinished, test, vi } from "vitest";
import { crc32c } from "../bytes/crc32c.ts";
import { restoreMark } from "../files/restore-mark.ts";
import { openLogStore } from "../store/open-log-store.ts";
import {
  dictId,
  get,
  isMostlyCompacted,
  openWithDict,
  put,
  segmentPaths,
  temporaryDirectory,
} from "../testing/small-store.ts";
import { backupDirectory } from "./backup.ts";
import { restoreDirectory } from "./restore.ts";

interface Places {
  readonly directory: string;
  readonly file: string;
  readonly target: string;
}

function places(): Places {
  const base = temporaryDirectory();
  return { directory: join(base, "data"), file: join(base, "backup"), target: join(base, "restored") };
}

async function openRestored(directory: string): Promise<Store> {
  const store = await openLogStore({ directory });
  onTestFinished(() => store.close());
  return store;
}

/** A backup of a store with one entry, closed. */
async function smallBackup(): Promise<Places> {
  const all = places();
  const store = await openWithDict(all.directory);
  await put(store, "a", "1");
  await backupDirectory(all);
  await store.close();
  return all;
}

const content = (directory: string) =>
  readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "utf8")]);

test("a backup made amid writes, clears and compaction is the store at one moment, everything acknowledged before included", async () => {
  const { directory, file, target } = places();
  const store = await openWithDict(directory, { segmentMaxBytes: 64 * 1024, valueCacheMaxBytes: 0 });
  let next = 1;
  let acknowledged = 0;
  let isOver = false;
  // Of every eight writes in a row each key keeps the last; after number n all eight are known.
  const writing = (async () => {
    for (; !isOver; next++) {
      await put(store, `k${next % 8}`, `${next}`.padEnd(2000, "."));
      acknowledged = next;
    }
  })();
  for (let round = 0; round < 5; round++) {
    const sealedBefore = segmentPaths(directory).length;
    const startAt = acknowledged;
    const result = await store.backup(`${file}-${round}`);
    expect(result.segments).toBeGreaterThan(0);
    const restored = `${target}-${round}`;
    await restoreDirectory({ file: `${file}-${round}`, directory: restored });
    const copy = await openRestored(restored);
    const found: number[] = [];
    for (let key = 0; key < 8; key++)
      found.push(Number((await get(copy, `k${key}`))?.replace(/\.+$/, "") ?? 0));
    const last = Math.max(...found);
    expect(last).toBeGreaterThanOrEqual(startAt);
    const expected = Array.from({ length: 8 }, (_, key) =>
      Math.max(0, last - ((((last - key) % 8) + 8) % 8)),
    );
    expect(found).toEqual(expected);
    // Long enough for segments to be sealed and compacted in between.
    while (acknowledged < startAt + 200 * sealedBefore) await put(store, "other", "x".repeat(2000));
  }
  isOver = true;
  await writing;
  await vi.waitFor(() => expect(isMostlyCompacted(directory)).toBe(true), { timeout: 10_000 });
}, 60_000);

test("a backup takes other files along, and restores only those that are asked for", async () => {
  const { directory, file, target } = places();
  const store = await openWithDict(directory);
  writeFileSync(join(directory, "tokens.json"), "tokens");
  writeFileSync(join(directory, "other"), "other");
  await backupDirectory({ directory, file, alongside: ["tokens.json", "other", "not-there"] });
  await store.close();
  await restoreDirectory({ file, directory: target, alongside: ["tokens.json"] });
  expect(readFileSync(join(target, "tokens.json"), "utf8")).toBe("tokens");
  expect(readdirSync(target).sort()).toEqual([
    "0000000001.segment",
    "key-secret",
    "last-segment",
    "tokens.json",
  ]);
});

test("no version that was given out after a backup was made comes again in what is restored from it", async () => {
  const { directory, file, target } = await smallBackup();
  const startMs = Date.UTC(2030, 0);
  const opened = (name: string, ms: number) => openWithDict(name, { clock: () => startMs + ms });
  const version = async (store: Store) => {
    await put(store, "a", "other");
    return (await store.entry(dictId, Buffer.from("a")))?.version;
  };
  const lost = await opened(directory, 0);
  const before = new Set([await version(lost), await version(lost)]);
  await restoreDirectory({ file, directory: target });
  const restored = await opened(target, 1);
  expect([...before]).not.toContain(await version(restored));
  expect([...before]).not.toContain(await version(restored));
  expect(before.size).toBe(2);
});

test("a restored log that is cut before its first start is refused", async () => {
  const { file, target } = await smallBackup();
  await restoreDirectory({ file, directory: target });
  const [path] = segmentPaths(target);
  writeFileSync(path!, readFileSync(path!).subarray(0, -1));
  await expect(openWithDict(target)).rejects.toMatchObject({ code: "data_loss" });
});

test("what cannot be a backup is refused and changes nothing", async () => {
  const { directory, file } = await smallBackup();
  const before = readFileSync(file);
  await expect(backupDirectory({ directory, file })).rejects.toMatchObject({ code: "conflict" });
  expect(readFileSync(file)).toEqual(before);
  const empty = temporaryDirectory();
  await expect(backupDirectory({ directory: empty, file: join(empty, "b") })).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringContaining("no log"),
  });
  expect(readdirSync(empty)).toEqual([]);
});

test("a damaged log is not backed up: the error names the place, and no file is left", async () => {
  const { directory, file } = places();
  const store = await openWithDict(directory);
  await put(store, "a", "1");
  await put(store, "b", "2");
  await store.close();
  const [path] = segmentPaths(directory);
  const bytes = readFileSync(path!);
  bytes[bytes.indexOf("a1")]! ^= 1;
  writeFileSync(path!, bytes);
  await expect(backupDirectory({ directory, file })).rejects.toMatchObject({
    code: "data_loss",
    message: expect.stringMatching(/^0000000001\.segment is damaged from byte \d+ to \d+/),
  });
  expect(readdirSync(join(file, ".."))).toEqual(["data"]);
});

test("no flipped byte of a backup is overlooked, and a cut one neither", async () => {
  const { file, target } = await smallBackup();
  const bytes = readFileSync(file);
  const damaged = `${file}-damaged`;
  for (let at = 0; at < bytes.length; at += 7) {
    bytes[at]! ^= 0x10;
    writeFileSync(damaged, bytes);
    bytes[at]! ^= 0x10;
    // Without its first eight bytes it is no backup at all.
    const code = at < 8 ? "invalid_argument" : "data_loss";
    await expect(restoreDirectory({ file: damaged, directory: target })).rejects.toMatchObject({ code });
  }
  writeFileSync(damaged, bytes.subarray(0, -1));
  await expect(restoreDirectory({ file: damaged, directory: target })).rejects.toMatchObject({
    code: "data_loss",
  });
  expect(existsSync(target)).toBe(false);
});

test("a backup of a newer version is refused", async () => {
  const { file, target } = await smallBackup();
  const bytes = readFileSync(file);
  bytes.writeUInt32LE(2, 8);
  bytes.writeUInt32LE(crc32c(bytes, 0, 24), 24);
  writeFileSync(file, bytes);
  await expect(restoreDirectory({ file, directory: target })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("format version 2"),
  });
});

test("a restore goes into an empty directory only, and not under a living owner", async () => {
  const { directory, file, target } = await smallBackup();
  const before = content(directory);
  await expect(restoreDirectory({ file, directory })).rejects.toMatchObject({ code: "conflict" });
  expect(content(directory)).toEqual(before);
  await restoreDirectory({ file, directory: target });
  const store = await openRestored(target);
  expect(await get(store, "a")).toBe("1");
  await expect(restoreDirectory({ file, directory: target })).rejects.toMatchObject({ code: "store_locked" });
});

test("a restore that was not completed is no store, and starts anew", async () => {
  const { file, target } = await smallBackup();
  await restoreDirectory({ file, directory: target });
  writeFileSync(join(target, restoreMark), "");
  await expect(openLogStore({ directory: target })).rejects.toMatchObject({
    code: "data_loss",
    message: expect.stringContaining("everdict restore"),
  });
  await restoreDirectory({ file, directory: target });
  const store = await openRestored(target);
  expect([await get(store, "a"), await store.len(dictId)]).toEqual(["1", 1]);
});
