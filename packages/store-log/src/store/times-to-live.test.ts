// Times to live of entries as only a store that logs can get them wrong.
import type { Change, ExpiryPolicy } from "@everdict/protocol";
import { waitUntil } from "@everdict/testkit";
import { expect, onTestFinished, test } from "vitest";
import { SlowFiles } from "../testing/slow-files.ts";
import { isMostlyCompacted, openWithDict, segmentPaths, temporaryDirectory } from "../testing/small-store.ts";
import type { LogStore } from "./log-store.ts";
import type { LogStoreOptions } from "./options.ts";

const dictId = "di-timed";
const key = Buffer.from("k");
const value = Buffer.from("v");
const small = { segmentMaxBytes: 16 * 1024, valueCacheMaxBytes: 0 };
const slackMs = 1000 / 16;

class Timed {
  readonly directory = temporaryDirectory();
  nowMs = 1_700_000_000_000;
  store!: LogStore;

  async open(expiry: ExpiryPolicy, options: Partial<LogStoreOptions> = small): Promise<void> {
    this.store = await openWithDict(this.directory, { ...options, clock: () => this.nowMs });
    if (this.store.getDict(dictId) !== undefined) return;
    const names = { id: dictId, environmentId: "en-test", name: "timed", createdBy: "" };
    await this.store.createDict({ ...names, expiry, data: [] });
  }

  async reopen(options: Partial<LogStoreOptions> = small): Promise<void> {
    await this.store.close();
    await this.open({ policy: "never" }, options);
  }

  put(name: string, ttlMs: number | null | undefined): Promise<void> {
    return this.store.update(dictId, [{ key: Buffer.from(name), value, ttlMs }]);
  }

  async change(change: Change): Promise<void> {
    expect(await this.store.commit(dictId, { conditions: [], changes: [change] })).toMatchObject({
      committed: true,
    });
  }

  async endMs(name = "k"): Promise<number | undefined> {
    return (await this.store.entry(dictId, Buffer.from(name)))?.expiresAtMs;
  }

  /** Writes until most segments that there ever were are gone. */
  async compact(): Promise<void> {
    const other = { key: Buffer.from("other"), value: Buffer.alloc(500), ttlMs: null };
    await waitUntil("compaction", async () => {
      await Promise.all(Array.from({ length: 40 }, () => this.store.update(dictId, [other])));
      return isMostlyCompacted(this.directory);
    });
  }
}

test("under afterUse a use renews by the entry's own time to live, through compaction and restarts", async () => {
  const timed = new Timed();
  await timed.open({ policy: "afterUse", ttlMs: 1_000_000 });
  await timed.put("k", 1000);
  for (let round = 0; round < 3; round++) {
    timed.nowMs += 500;
    expect(await timed.endMs()).toBe(timed.nowMs + 1000 + slackMs);
    await timed.compact();
    expect(await timed.endMs()).toBe(timed.nowMs + 1000 + slackMs);
    await timed.reopen();
    expect(await timed.endMs()).toBe(timed.nowMs + 1000 + slackMs);
  }
  await timed.put("k", undefined);
  expect(await timed.endMs()).toBe(timed.nowMs + 1_000_000);
  await timed.reopen();
  timed.nowMs += 1;
  expect(await timed.endMs()).toBe(timed.nowMs + 1_000_000 * (1 + 1 / 16));
});

test("entries end in the order of their ends, whatever the order of writing, moves and restarts", async () => {
  const timed = new Timed();
  await timed.open({ policy: "afterWrite", ttlMs: 100 });
  const ends = new Map<string, number>();
  const ttls = [50, 300, 7, null, undefined, 120, 1, 99, 100, 101, undefined, 200];
  for (const [index, ttlMs] of ttls.entries()) {
    await timed.put(`k${index}`, ttlMs);
    ends.set(`k${index}`, ttlMs === null ? Number.POSITIVE_INFINITY : timed.nowMs + (ttlMs ?? 100));
    timed.nowMs++;
  }
  const startMs = timed.nowMs;
  for (const [name, ttlMs] of [
    ["k1", 3],
    ["k2", 500],
    ["k3", 40],
    ["k5", undefined],
    ["k4", null],
  ] as const) {
    if (ends.get(name)! <= timed.nowMs) continue;
    await timed.change({ kind: "touch", key: Buffer.from(name), ttlMs });
    ends.set(name, ttlMs === null ? Number.POSITIVE_INFINITY : timed.nowMs + (ttlMs ?? 100));
  }
  for (; timed.nowMs < startMs + 600; timed.nowMs++) {
    if ((timed.nowMs - startMs) % 60 === 30) await timed.reopen();
    while ((await timed.store.sweep(1)).more);
    const living = [...ends.values()].filter((endMs) => endMs > timed.nowMs).length;
    expect([timed.nowMs - startMs, timed.store.len(dictId)]).toEqual([timed.nowMs - startMs, living]);
  }
  expect(timed.store.len(dictId)).toBe(1);
});

test("an addition keeps the end and the own time to live of its entry", async () => {
  const timed = new Timed();
  await timed.open({ policy: "afterUse", ttlMs: 1_000_000 });
  const by = Buffer.from("80044b012e", "hex");
  await timed.change({ kind: "add", key, by, ttlOnCreateMs: 1000 });
  const endMs = timed.nowMs + 1000;
  timed.nowMs += 10;
  await timed.change({ kind: "add", key, by, ttlOnCreateMs: 5 });
  timed.nowMs = endMs - 1000;
  await timed.reopen();
  expect(await timed.endMs()).toBe(endMs);
  timed.nowMs++;
  expect(await timed.endMs()).toBe(timed.nowMs + 1000 + slackMs);
});

test("an entry whose end is about to move is not swept at its old end", async () => {
  const slow = new SlowFiles();
  onTestFinished(() => slow.release());
  const timed = new Timed();
  await timed.open({ policy: "never" }, { files: slow.files });
  await timed.put("k", 100);
  await timed.put("last", 100);
  slow.hold();
  const before = slow.begun;
  const touched = timed.change({ kind: "touch", key, ttlMs: 1000 });
  await waitUntil("the flush began", () => slow.begun > before);
  timed.nowMs += 100;
  const swept = timed.store.sweep(100);
  slow.release();
  await touched;
  expect(await swept).toMatchObject({ removed: 1 });
  expect(await timed.endMs()).toBe(timed.nowMs + 900);
  await timed.reopen({});
  expect(await timed.endMs()).toBe(timed.nowMs + 900);
});

test("compaction keeps ends that move while it runs", async () => {
  const timed = new Timed();
  await timed.open({ policy: "never" });
  const names = Array.from({ length: 50 }, (_, index) => `k${index}`);
  for (const name of names) await timed.put(name, 1_000_000);
  const ends = new Map<string, number>();
  let round = 0;
  await waitUntil("compaction", async () => {
    round++;
    const other = { key: Buffer.from("other"), value: Buffer.alloc(500) };
    const written = Array.from({ length: 40 }, () => timed.store.update(dictId, [other]));
    for (const [index, name] of names.entries()) {
      const ttlMs = index % 3 === 0 ? null : 1_000_000 + round * 100 + index;
      written.push(timed.change({ kind: "touch", key: Buffer.from(name), ttlMs }));
      ends.set(name, ttlMs === null ? Number.NaN : timed.nowMs + ttlMs);
    }
    await Promise.all(written);
    return isMostlyCompacted(timed.directory);
  });
  const found = async () =>
    new Map(
      await Promise.all(names.map(async (name) => [name, (await timed.endMs(name)) ?? Number.NaN] as const)),
    );
  expect(await found()).toEqual(ends);
  await timed.reopen();
  expect(await found()).toEqual(ends);
});

test("an entry whose end was moved forward stays gone when the record that moved it could be compacted away", async () => {
  const timed = new Timed();
  await timed.open({ policy: "never" });
  await timed.put("k", null);
  // The segment of the put stays: most of it is needed.
  for (let index = 0; index < 40; index++) await timed.put(`kept-${index}`.padEnd(400), null);
  const [kept] = segmentPaths(timed.directory);
  // The segment of the move has nothing else that is needed.
  await timed.compact();
  await timed.change({ kind: "touch", key, ttlMs: 10 });
  timed.nowMs += 10;
  expect(await timed.store.sweep(100)).toMatchObject({ removed: 1 });
  for (let round = 0; round < 10; round++) await timed.compact();
  expect(segmentPaths(timed.directory)).toContain(kept);
  await timed.reopen();
  expect(timed.store.contains(dictId, key)).toBe(false);
  expect(timed.store.len(dictId)).toBe(41);
});
