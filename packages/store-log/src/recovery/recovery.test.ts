// Opening a directory that a crash or a disk has left in some state.
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crc32c } from "../bytes/crc32c.ts";
import { examineDirectory } from "../doctor/examine-directory.ts";
import { decodeHint, hintNumber } from "../segments/hint.ts";
import { openLogStore } from "../store/open-log-store.ts";
import {
  asKilled,
  dictId,
  get,
  openWithDict,
  put,
  segmentPaths,
  temporaryDirectory,
} from "../testing/small-store.ts";

function hintPaths(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => hintNumber(name) !== undefined);
  return names.sort().map((name) => join(directory, name));
}

/** So that the segments are read. */
function removeHints(directory: string): void {
  for (const path of hintPaths(directory)) rmSync(path);
}

/** A directory with one closed segment: "a" and "b" in commits of their own, then "c" and "d" in one, the last. */
async function written(): Promise<{ directory: string; lastCommitAt: number; lastCommitEnd: number }> {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, { flushPath: "pool" });
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
    mkdirSync(torn, { mode: 0o700 });
    writeFileSync(join(torn, name), bytes.subarray(0, end), { mode: 0o600 });
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
  removeHints(directory);
  writeFileSync(path, bytes);
  await expect(openLogStore({ directory })).rejects.toMatchObject({
    code: "data_loss",
    message: expect.stringMatching(/^0000000001\.segment is damaged at byte \d+/),
  });
  // Nothing was changed, and the directory is not left locked.
  expect(readFileSync(path)).toEqual(bytes);
  await expect(openLogStore({ directory })).rejects.toMatchObject({ code: "data_loss" });
});

test("a damaged header, wherever, loses nothing: the store opens, says so, and writes it anew", async () => {
  const { directory } = await written();
  const path = segmentPaths(directory)[0]!;
  const whole = readFileSync(path).subarray(0, 32);
  removeHints(directory);
  for (let at = 0; at < 32; at++) {
    const bytes = readFileSync(path);
    bytes[at]! ^= 0x10;
    writeFileSync(path, bytes);
    const warnings: string[] = [];
    const store = await openLogStore({ directory, onWarning: ({ message }) => warnings.push(message) });
    expect(await store.len(dictId)).toBe(4);
    await store.close();
    removeHints(directory);
    expect(warnings).toEqual([
      expect.stringMatching(/^the header of 0000000001\.segment was damaged\. Nothing is lost/),
    ]);
    expect(readFileSync(path).subarray(0, 32)).toEqual(whole);
  }
});

test("the header of another segment is data_loss and no reason to drop the segment", async () => {
  const directory = await manySegments();
  const [first, second] = segmentPaths(directory);
  copyFileSync(second!, first!);
  await expect(openLogStore({ directory })).rejects.toMatchObject({ code: "data_loss" });
});

test("damage in a segment that has a hint is data_loss where its value is read, and shows in an examination", async () => {
  const { directory } = await written();
  const path = segmentPaths(directory)[0]!;
  const bytes = readFileSync(path);
  bytes[bytes.indexOf(Buffer.from("a1")) + 1]! ^= 1;
  writeFileSync(path, bytes);
  const store = await openWithDict(directory);
  expect(() => store.get(dictId, Buffer.from("a"))).toThrow(/^0000000001\.segment is damaged/);
  expect(await get(store, "b")).toBe("2");
  await store.close();
  expect((await examineDirectory(directory)).isWhole).toBe(false);
});

test("a hint that is torn, or of a segment that has changed, is not used", async () => {
  const directory = await manySegments();
  const [first, second] = hintPaths(directory);
  writeFileSync(first!, readFileSync(first!).subarray(0, -1));
  copyFileSync(first!.replace("1.hint", "3.hint"), second!);
  const store = await openWithDict(directory, { segmentMaxBytes: 4096 });
  expect(await store.len(dictId)).toBe(40);
  expect(await get(store, "key-0")).toBe("v".repeat(500));
  await store.close();
  expect(hintPaths(directory).length).toBe(segmentPaths(directory).length);
});

test("a hint is found whole only if every byte is", async () => {
  const directory = await manySegments();
  const path = hintPaths(directory)[0]!;
  const content = readFileSync(path);
  const { size: bytes } = statSync(segmentPaths(directory)[0]!);
  expect(decodeHint(content, 1)).toMatchObject({ bytes });
  for (let at = 0; at < content.length; at++) {
    content[at]! ^= 4;
    expect(decodeHint(content, 1)).toBeUndefined();
    content[at]! ^= 4;
  }
});

test("damage to the very last commit of a log that was closed is data_loss too", async () => {
  const { directory, lastCommitEnd } = await written();
  const path = segmentPaths(directory)[0]!;
  const bytes = readFileSync(path);
  bytes[lastCommitEnd - 1]! ^= 1;
  removeHints(directory);
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

test("missing segments at the end are data_loss that names the last, were it all of them", async () => {
  const directory = await manySegments();
  const paths = segmentPaths(directory);
  const last = paths.at(-1)!.slice(directory.length + 1);
  for (const path of paths.splice(-2)) rmSync(path);
  const opening = () => openLogStore({ directory });
  const refusal = { code: "data_loss", message: expect.stringContaining(last) };
  await expect(opening()).rejects.toMatchObject(refusal);
  for (const path of paths) rmSync(path);
  await expect(opening()).rejects.toMatchObject(refusal);
});

test("a torn tail whose value is itself a log is a torn tail", async () => {
  const { directory } = await written();
  const other = temporaryDirectory();
  const otherStore = await openWithDict(other, { flushPath: "pool" });
  // Its later records say that more had been flushed than the log in question has.
  for (let index = 0; index < 40; index++) await put(otherStore, `key-${index}`, "v".repeat(500));
  await otherStore.close();
  const image = readFileSync(segmentPaths(other)[0]!);
  const store = await openWithDict(directory, { flushPath: "pool" });
  const before = statSync(segmentPaths(directory)[0]!).size;
  await store.update(dictId, [{ key: Buffer.from("image"), value: image }]);
  const killed = asKilled(directory);
  truncateSync(segmentPaths(killed)[0]!, before + Math.floor(0.9 * image.length));
  const reopened = await openWithDict(killed);
  expect(await reopened.get(dictId, Buffer.from("image"))).toBeUndefined();
  expect(await reopened.len(dictId)).toBe(4);
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
