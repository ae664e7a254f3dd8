// Pages: each entry that is there throughout on exactly one, whatever happens to others, and over restarts.
import { rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Entry, KeyPattern, PageRequest } from "@everdict/protocol";
import { bulkAnswerBytes } from "@everdict/store";
import { expect, test, vi } from "vitest";
import { KeySecret, keySecretName } from "../files/key-secret.ts";
import { segmentNumber } from "../segments/segment.ts";
import type { LogStore } from "../store/log-store.ts";
import { openLogStore } from "../store/open-log-store.ts";
import { TableOnly } from "../testing/key-tables.ts";
import { dictId, openWithDict, put, segmentPaths, temporaryDirectory } from "../testing/small-store.ts";
import { PageOrder } from "./page-order.ts";
import { readPage } from "./pages.ts";

// In the long form a million.
const manyEntries = Number(process.env.EVERDICT_PAGED_ENTRIES ?? 100_000);
const others = Math.min(manyEntries / 10, 20_000);
const never = Number.POSITIVE_INFINITY;

const textKey = ({ key }: Entry) => Buffer.from(key).toString();
const startsWith = (text: string): readonly KeyPattern[] => [[{ offset: 0, bytes: Buffer.from(text) }]];

/** All pages from a cursor on; `between` runs before each further one. */
async function allPages(
  page: (
    request: PageRequest,
  ) => Promise<{ readonly entries: readonly Entry[]; readonly next: Uint8Array | undefined }>,
  request: Partial<PageRequest> = {},
  between: (pages: number) => Promise<void> | void = () => {},
): Promise<Entry[][]> {
  const pages: Entry[][] = [];
  let after = request.after;
  do {
    if (pages.length > 0) await between(pages.length);
    const { entries, next } = await page({ limit: 100, values: true, ...request, after });
    pages.push([...entries]);
    after = next;
  } while (after !== undefined);
  return pages;
}

function putMany(store: LogStore, from: number, to: number, prefix = "key"): Promise<void> {
  const entries = Array.from({ length: to - from }, (_, index) => ({
    key: Buffer.from(`${prefix}-${from + index}`),
    value: Buffer.from(`value ${from + index}`),
  }));
  return store.update(dictId, entries);
}

/** How often each of the first keys is on these pages. */
function timesOf(pages: readonly Entry[][], count: number): number[] {
  const times = new Map<string, number>();
  for (const entry of pages.flat()) times.set(textKey(entry), (times.get(textKey(entry)) ?? 0) + 1);
  return Array.from({ length: count }, (_, index) => times.get(`key-${index}`) ?? 0);
}

test(`each of ${manyEntries} entries is on one page while others come, go and grow, a compaction runs and the store is opened again`, async () => {
  const directory = temporaryDirectory();
  const options = { segmentMaxBytes: 2 * 1024 * 1024, valueCacheMaxBytes: 0 };
  let store = await openWithDict(directory, options);
  for (let from = 0; from < manyEntries; from += 10_000)
    await putMany(store, from, Math.min(from + 10_000, manyEntries));
  const page = (request: PageRequest) => store.page(dictId, request);
  const pages = await allPages(page, { limit: Math.ceil(manyEntries / 20) }, async (count) => {
    await putMany(store, 0, others, `other-${count % 4}`);
    const gone = Array.from({ length: others / 2 }, (_, index) => Buffer.from(`other-${count % 3}-${index}`));
    await store.removeMany(dictId, gone);
    if (count % 8 === 3) {
      await store.close();
      store = await openWithDict(directory, options);
    }
  });
  const times = timesOf(pages, manyEntries);
  expect(times.every((count) => count === 1)).toBe(true);
  // Compaction took some of the segments.
  await vi.waitFor(
    () => {
      const numbers = segmentPaths(directory).map((path) => segmentNumber(basename(path))!);
      expect(numbers.length).toBeLessThan(numbers.at(-1)!);
    },
    { timeout: 10_000 },
  );
  const order = pages
    .flat()
    .map(textKey)
    .filter((key) => key.startsWith("key"));
  const again = (await allPages(page, { limit: 5000, values: false })).flat().map(textKey);
  expect(again.filter((key) => key.startsWith("key"))).toEqual(order);
}, 600_000);

test("a page has as many entries as fit the limit or the bytes, and says where the next begins", async () => {
  const store = await openWithDict(temporaryDirectory());
  await putMany(store, 0, 1000);
  const page = (request: PageRequest) => store.page(dictId, request);
  for (const limit of [1, 7, 999, 1000, 1001]) {
    const pages = await allPages(page, { limit });
    expect(pages.slice(0, -1).every((entries) => entries.length === limit)).toBe(true);
    expect(pages.flat().length).toBe(1000);
    expect(new Set(pages.flat().map(textKey)).size).toBe(1000);
  }
  const value = Buffer.alloc(bulkAnswerBytes / 4, "v");
  for (let index = 0; index < 9; index++)
    await store.update(dictId, [{ key: Buffer.from(`large-${index}`), value }]);
  await store.update(dictId, [{ key: Buffer.from("large-huge"), value: Buffer.alloc(2 * bulkAnswerBytes) }]);
  const pages = await allPages(page, { limit: 5000, match: startsWith("large") });
  const sizes = pages.map((entries) =>
    entries.reduce((sum, entry) => sum + entry.key.length + entry.value.length, 0),
  );
  expect(pages.every((entries, index) => entries.length === 1 || sizes[index]! <= bulkAnswerBytes)).toBe(
    true,
  );
  expect(pages.flat().length).toBe(10);
  const namesOnly = await store.page(dictId, { limit: 5000, values: false, match: startsWith("large") });
  expect(namesOnly.entries.length).toBe(10);
  expect(namesOnly.entries.every((entry) => entry.value.length === 0)).toBe(true);
});

test("an empty dictionary, and one in which nothing matches, have one empty page", async () => {
  const store = await openWithDict(temporaryDirectory());
  const empty = { entries: [], next: undefined };
  expect(await store.page(dictId, { limit: 10, values: true })).toEqual(empty);
  await put(store, "here", "1");
  expect(await store.page(dictId, { limit: 10, values: true, match: startsWith("there") })).toEqual(empty);
});

test("entries that ended or were removed do not show", async () => {
  let nowMs = 1_000_000;
  const store = await openLogStore({ directory: temporaryDirectory(), clock: () => nowMs });
  await store.createEnvironment("en-test", "main");
  const expiry = { policy: "afterWrite", ttlMs: 1000 } as const;
  const request = { id: dictId, environmentId: "en-test", name: "test", createdBy: "", expiry, data: [] };
  await store.createDict(request);
  await put(store, "old", "1");
  nowMs += 600;
  await put(store, "young", "1");
  await put(store, "removed", "1");
  await store.remove(dictId, Buffer.from("removed"));
  nowMs += 600;
  const { entries } = await store.page(dictId, { limit: 10, values: true });
  expect(entries.map(textKey)).toEqual(["young"]);
  await store.close();
});

test("what was there before a clear does not show after it, and a cursor stays good", async () => {
  const store = await openWithDict(temporaryDirectory());
  await putMany(store, 0, 3000);
  const first = await store.page(dictId, { limit: 10, values: true });
  await store.clear(dictId);
  expect((await store.page(dictId, { limit: 10, values: true, after: first.next })).entries).toEqual([]);
  await putMany(store, 0, 3000);
  const pages = await allPages((request) => store.page(dictId, request), { after: first.next });
  expect(pages.flat().length).toBe(3000 - 10);
  // Large values are waited for, and the clear comes before the last of them.
  const value = Buffer.alloc(300 * 1024);
  const large = Array.from({ length: 5 }, (_, index) => ({ key: Buffer.from(`large-${index}`), value }));
  const evicted = await openWithDict(temporaryDirectory(), { valueCacheMaxBytes: 0 });
  await evicted.update(dictId, large);
  const room = { reserve: () => evicted.clear(dictId), release: () => {} };
  const cleared = await evicted.page(dictId, { limit: 100, values: true }, room);
  expect(cleared.entries).toEqual([]);
});

test("cursors are good after a restart, and refused after the secret of the store is lost or another", async () => {
  const directory = temporaryDirectory();
  let store = await openWithDict(directory);
  await putMany(store, 0, 300);
  const { entries, next } = await store.page(dictId, { limit: 100, values: false });
  await store.close();
  store = await openWithDict(directory);
  const rest = await allPages((request) => store.page(dictId, request), { after: next });
  expect(new Set([...entries, ...rest.flat()].map(textKey)).size).toBe(300);
  expect(rest.flat().length).toBe(200);
  for (const lose of [
    (path: string) => rmSync(path),
    (path: string) => writeFileSync(path, "torn"),
    (path: string) => writeFileSync(path, Buffer.alloc(100)),
  ]) {
    await store.close();
    lose(join(directory, keySecretName));
    store = await openWithDict(directory);
    const page = store.page(dictId, { limit: 100, values: false, after: next });
    await expect(page).rejects.toMatchObject({ code: "invalid_argument" });
    expect((await allPages((request) => store.page(dictId, request))).flat().length).toBe(300);
  }
  const made = await store.page(dictId, { limit: 100, values: false });
  await store.close();
  store = await openWithDict(directory);
  expect((await store.page(dictId, { limit: 500, values: false, after: made.next })).entries.length).toBe(
    200,
  );
});

test("a dictionary that is deleted, and a store that is closed, end a page under way", async () => {
  const values = Array.from({ length: 5 }, (_, index) => ({
    key: Buffer.from(`large-${index}`),
    value: Buffer.alloc(300 * 1024),
  }));
  for (const [code, end] of [
    ["dict_not_found", (store: LogStore) => store.deleteDict(dictId)],
    ["store_closed", (store: LogStore) => void store.close()],
  ] as const) {
    const store = await openWithDict(temporaryDirectory(), { valueCacheMaxBytes: 0 });
    await store.update(dictId, values);
    const room = { reserve: async () => end(store), release: () => {} };
    await expect(store.page(dictId, { limit: 9, values: true }, room)).rejects.toMatchObject({ code });
  }
});

test("keys of one hash are on one page each, in an order that does not depend on when they came", async () => {
  const only = new TableOnly();
  // One hash for all keys: the worst that can happen.
  vi.spyOn(only.memory.hasher, "hash").mockReturnValue(-5);
  const table = only.memory.emptyTable(1000, 0);
  const keys = Array.from({ length: 60 }, (_, index) => Buffer.from(`key-${index}`));
  const order = new PageOrder(new KeySecret());
  for (const key of keys.slice(0, 50)) putInto(only, table, key);
  const open = () =>
    ({ entries: { table } }) as unknown as ReturnType<Parameters<typeof readPage>[0]["open"]>;
  const page = (request: PageRequest) => readPage({ request, clock: () => 0, order, open });
  const first = (await allPages(page, { limit: 3, values: false })).map((entries) => entries.map(textKey));
  expect(first.every((entries) => entries.length <= 3)).toBe(true);
  expect(new Set(first.flat()).size).toBe(50);
  const seen = await allPages(page, { limit: 1, values: false }, (count) => {
    // Others of the same hash come in the meantime, in front and behind.
    if (count < 10) putInto(only, table, keys[50 + count]!);
  });
  const there = seen
    .flat()
    .map(textKey)
    .filter((key) => Number(key.slice(4)) < 50);
  expect(there).toEqual(first.flat());
});

function putInto(only: TableOnly, table: TableOnly["table"], key: Buffer): void {
  const record = { length: 52 + key.length, version: ++only.version, expiresAtMs: never, bytes: key };
  table.put({ ...record, keyStart: 0, keyLength: key.length }, only.segments.active!, only.version);
}
