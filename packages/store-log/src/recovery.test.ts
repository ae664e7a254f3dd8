// Opening a directory that a crash or a disk has left in some state.
import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";
import { openLogStore } from "./open-log-store.ts";
import { dictId, get, openWithDict, put, segmentPaths, temporaryDirectory } from "./testing/small-store.ts";

/** A directory with one closed segment: "a" and "b" in commits of their own, then "c" and "d" in one, the last. */
async function written(): Promise<{ directory: string; lastCommitAt: number; lastCommitEnd: number }> {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  await put(store, "a", "1");
  await put(store, "b", "2");
  const lastCommitAt = readFileSync(segmentPaths(directory)[0]!).length;
  await store.update(dictId, [
    { key: Buffer.from("c"), value: Buffer.from("3") },
    { key: Buffer.from("d"), value: Buffer.from("4") },
  ]);
  const lastCommitEnd = readFileSync(segmentPaths(directory)[0]!).length;
  await store.close();
  return { directory, lastCommitAt, lastCommitEnd };
}

test("a log torn at any byte of its last commit opens without that commit, and takes new ones", async () => {
  const { directory, lastCommitAt, lastCommitEnd } = await written();
  const bytes = readFileSync(segmentPaths(directory)[0]!);
  const name = segmentPaths(directory)[0]!.slice(directory.length + 1);
  for (let end = lastCommitAt; end < lastCommitEnd; end += 3) {
    const torn = join(directory, `torn-${end}`);
    mkdirSync(torn);
    writeFileSync(join(torn, name), bytes.subarray(0, end));
    const store = await openWithDict(torn);
    expect([await get(store, "a"), await get(store, "b")]).toEqual(["1", "2"]);
    expect([await get(store, "c"), await get(store, "d")]).toEqual([undefined, undefined]);
    expect(await store.len(dictId)).toBe(2);
    await put(store, "e", "5");
    await store.close();
    const again = await openWithDict(torn);
    expect([await get(again, "e"), await again.len(dictId)]).toEqual(["5", 3]);
    await again.close();
  }
});

test("garbage behind the last commit is cut off", async () => {
  const { directory } = await written();
  const path = segmentPaths(directory)[0]!;
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(500, 0xa5)]));
  const store = await openWithDict(directory);
  expect(await get(store, "d")).toBe("4");
});

test("damage in front of what was durable is data_loss that names the place", async () => {
  const { directory } = await written();
  const path = segmentPaths(directory)[0]!;
  const bytes = readFileSync(path);
  const at = bytes.indexOf(Buffer.from("a1"));
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
  await expect(openLogStore({ directory })).rejects.toMatchObject({
    code: "data_loss",
    message: expect.stringMatching(/^0000000001\.segment is damaged at byte \d+/),
  });
  // Nothing was changed, and the directory is not left locked.
  expect(readFileSync(path)).toEqual(bytes);
  await expect(openLogStore({ directory })).rejects.toMatchObject({ code: "data_loss" });
});

test("damage to the very last commit of a log that was closed is data_loss too", async () => {
  const { directory, lastCommitEnd } = await written();
  const path = segmentPaths(directory)[0]!;
  const bytes = readFileSync(path);
  bytes[lastCommitEnd - 1]! ^= 1;
  writeFileSync(path, bytes);
  await expect(openLogStore({ directory })).rejects.toMatchObject({ code: "data_loss" });
});

async function manySegments(): Promise<string> {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { segmentMaxBytes: 4096 });
  for (let index = 0; index < 40; index++) await put(store, `key-${index}`, "v".repeat(500));
  await store.close();
  expect(segmentPaths(directory).length).toBeGreaterThan(4);
  return directory;
}

test("a missing segment is data_loss that names it", async () => {
  const directory = await manySegments();
  const missing = segmentPaths(directory)[2]!;
  rmSync(missing);
  await expect(openLogStore({ directory })).rejects.toMatchObject({
    code: "data_loss",
    message: expect.stringContaining(missing.slice(directory.length + 1)),
  });
});

test("a sealed segment that was cut short is data_loss, even at a commit", async () => {
  const directory = await manySegments();
  const path = segmentPaths(directory)[1]!;
  const bytes = readFileSync(path);
  truncateSync(path, bytes.length - (52 + "key-10".length + 500));
  await expect(openLogStore({ directory })).rejects.toMatchObject({ code: "data_loss" });
});

test("a last segment that was only being created is removed", async () => {
  const directory = await manySegments();
  const last = segmentPaths(directory).at(-1)!;
  const unborn = last.replace(/\d{10}(?=\.segment)/, (digits) =>
    String(Number(digits) + 1).padStart(10, "0"),
  );
  writeFileSync(unborn, readFileSync(last).subarray(0, 10));
  const store = await openWithDict(directory, { segmentMaxBytes: 4096 });
  expect(await store.len(dictId)).toBe(40);
  expect(segmentPaths(directory)).not.toContain(unborn);
});

test("a segment of a later format is refused with a word on what to do", async () => {
  const { directory } = await written();
  const path = segmentPaths(directory)[0]!;
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(99, 8);
  bytes.writeUInt32LE(crc32c(bytes, 0, 28), 28);
  writeFileSync(path, bytes);
  await expect(openLogStore({ directory })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("format version 99"),
  });
});

test("other files in the directory are left alone", async () => {
  const { directory } = await written();
  copyFileSync(segmentPaths(directory)[0]!, join(directory, "notes.txt"));
  const store = await openWithDict(directory);
  expect(await store.len(dictId)).toBe(4);
  expect(readFileSync(join(directory, "notes.txt")).length).toBeGreaterThan(0);
});
