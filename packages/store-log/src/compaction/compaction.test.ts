import { expect, test, vi } from "vitest";
import {
  dictId,
  get,
  isMostlyCompacted,
  openWithDict,
  put,
  segmentBytes,
  segmentPaths,
  temporaryDirectory,
} from "../testing/small-store.ts";

const small = { segmentMaxBytes: 64 * 1024, valueCacheMaxBytes: 0 };
const waiting = { timeout: 10_000, interval: 20 };

test("writing the same keys again and again keeps the directory near the live data", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, small);
  const liveBytes = 200 * 1100;
  for (let round = 0; round < 30; round++) {
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => put(store, `key-${index}`, `${round}`.repeat(500))),
    );
  }
  // A stream that begins while compaction waits for a flush without records of its own shows everything too.
  for (let turn = 0; turn < 50; turn++) {
    let count = 0;
    for await (const batch of store.contents(dictId, { keys: true, values: false })) count += batch.length;
    expect(count).toBe(200);
  }
  await vi.waitFor(() => expect(segmentBytes(directory)).toBeLessThan(2.5 * liveBytes), waiting);
  await store.close();
  const again = await openWithDict(directory, small);
  expect(await again.len(dictId)).toBe(200);
  for (let index = 0; index < 200; index++) expect(await get(again, `key-${index}`)).toBe("29".repeat(500));
});

test("what was removed stays gone through compaction and restarts", async () => {
  const directory = temporaryDirectory();
  const smaller = { ...small, segmentMaxBytes: 16 * 1024 };
  let store = await openWithDict(directory, smaller);
  for (let round = 0; round < 8; round++) {
    await Promise.all(
      Array.from({ length: 300 }, (_, index) => put(store, `key-${index}`, `${round}-`.repeat(100))),
    );
    for (let index = round; index < 300; index += 2) await store.pop(dictId, Buffer.from(`key-${index}`));
    // By the end more than twice as much was written.
    await vi.waitFor(() => expect(segmentBytes(directory)).toBeLessThan(200_000), waiting);
    await store.close();
    store = await openWithDict(directory, smaller);
    const present = Array.from({ length: 300 }, (_, index) =>
      store.contains(dictId, Buffer.from(`key-${index}`)),
    );
    const expected = Array.from({ length: 300 }, (_, index) => index < round || (index - round) % 2 === 1);
    expect(await Promise.all(present)).toEqual(expected);
  }
  expect(isMostlyCompacted(directory)).toBe(true);
});

test("removals are kept when their segments go and those of the entries that they removed stay", async () => {
  const directory = temporaryDirectory();
  const smaller = { ...small, segmentMaxBytes: 16 * 1024 };
  const store = await openWithDict(directory, smaller);
  const keys = Array.from({ length: 100 }, (_, index) => `key-${index}`);
  const removed = keys.filter((_, index) => index % 5 === 0);
  for (const key of keys) await put(store, key, "x".repeat(400));
  const before = segmentPaths(directory).slice(0, -1);
  for (const key of removed) {
    await store.pop(dictId, Buffer.from(key));
    await Promise.all(Array.from({ length: 40 }, () => put(store, "other", "y".repeat(500))));
  }
  await vi.waitFor(() => expect(isMostlyCompacted(directory)).toBe(true), waiting);
  expect(segmentPaths(directory)).toEqual(expect.arrayContaining(before));
  await store.close();
  const again = await openWithDict(directory, smaller);
  const present = keys.filter((key) => again.contains(dictId, Buffer.from(key)));
  expect(present).toEqual(keys.filter((key) => !removed.includes(key)));
});

test("the space of a cleared and of a deleted dictionary comes back", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, small);
  await Promise.all(Array.from({ length: 2000 }, (_, index) => put(store, `key-${index}`, "x".repeat(500))));
  expect(segmentBytes(directory)).toBeGreaterThan(1_000_000);
  await store.clear(dictId);
  await vi.waitFor(() => expect(segmentBytes(directory)).toBeLessThan(250_000), waiting);
  await Promise.all(Array.from({ length: 2000 }, (_, index) => put(store, `key-${index}`, "x".repeat(500))));
  await store.deleteDict(dictId);
  await vi.waitFor(() => expect(segmentBytes(directory)).toBeLessThan(250_000), waiting);
});

test("popped values are still there for repeated calls after most segments were compacted away", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory, small);
  const rounds = Array.from({ length: 20 }, (_, round) => round);
  const pop = (round: number) => store.pop(dictId, Buffer.from("job"), { idempotencyKey: `t${round}` });
  for (const round of rounds) {
    await put(store, "job", `the value of ${round}`);
    expect(await pop(round)).toEqual(Buffer.from(`the value of ${round}`));
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => put(store, `key-${index}`, `${round}`.repeat(300))),
    );
  }
  await vi.waitFor(() => expect(segmentBytes(directory)).toBeLessThan(300_000), waiting);
  expect(isMostlyCompacted(directory)).toBe(true);
  for (const round of rounds) expect(`${await pop(round)}`).toBe(`the value of ${round}`);
});

test("the space of entries that were popped comes back without a write that follows", async () => {
  const directory = temporaryDirectory();
  const segmentMaxBytes = 1024 * 1024;
  const store = await openWithDict(directory, { segmentMaxBytes });
  const keys = Array.from({ length: 120 }, (_, index) => `key-${index}`);
  await Promise.all(keys.map((key) => put(store, key, "x".repeat(100_000))));
  const filledBytes = segmentBytes(directory);
  for (const key of keys) await store.pop(dictId, Buffer.from(key));
  // What a store leaves lying about in any case.
  await vi.waitFor(() => expect(segmentBytes(directory)).toBeLessThan(4 * segmentMaxBytes), waiting);
  console.log(`${filledBytes} bytes of segments, ${segmentBytes(directory)} after all was popped`);
});
