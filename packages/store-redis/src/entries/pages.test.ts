// Pages over more than one step, shard, node and state of a table.
import type { Entry, KeyPattern, PageRequest } from "@everdict/protocol";
import { type RedisServer, redisIsSetUp } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { fieldsScript } from "../scripts/bulk-scripts.ts";
import type { RedisStore } from "../store/redis-store.ts";
import { CuttingProxy } from "../testing/cutting-proxy.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    key: bytes(`key ${from + index}`),
    value: bytes(`value ${from + index}`),
  }));

const sortedKeys = (entries: readonly Entry[]) => entries.map(({ key }) => text(key)!).sort();

describe.skipIf(!redisIsSetUp())("pages", () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let store: RedisStore;
  onSingleServer((world) => {
    ({ server, fixture, store } = world);
  });

  /** All pages; `between` comes after each and says who reads the next. */
  async function allPages(
    dictId: string,
    request: Omit<PageRequest, "after">,
    between: (page: number) => Promise<RedisStore> = async () => store,
  ): Promise<Entry[]> {
    const entries: Entry[] = [];
    let after: Uint8Array | undefined;
    let reader = store;
    for (let count = 1; ; count++) {
      const page = await reader.page(dictId, { ...request, after });
      expect(page.entries.length).toBeLessThanOrEqual(request.limit);
      entries.push(...page.entries);
      if (page.next === undefined) return entries;
      after = page.next;
      reader = await between(count);
    }
  }

  test.each([
    [1, 100],
    [16, 7],
    [16, 1_000],
    [1, 4_000],
  ])("of a dictionary of %i shards, %i at a time, have every entry once", async (shards, limit) => {
    const opened = await fixture.open({ shards });
    const data = numbered(3_000);
    const dict = await fixture.createDict(opened, { data });
    const entries = await allPages(dict.id, { limit, values: true });
    expect(sortedKeys(entries)).toEqual(sortedKeys(data));
    expect(entries.every(({ key, value }) => text(value) === text(key)!.replace("key", "value"))).toBe(true);
  });

  test("have every entry that stays once, though tables grow and shrink and nodes take turns", async () => {
    const opened = await fixture.open({ shards: 2 });
    const stays = numbered(500);
    const comes = numbered(20_000, 500);
    const dict = await fixture.createDict(opened, { data: stays });
    const nodes = [store, await fixture.open(), opened];
    const entries = await allPages(dict.id, { limit: 40, values: false }, async (page) => {
      if (page === 3) await opened.update(dict.id, comes.slice(0, 10_000));
      if (page === 6) await opened.update(dict.id, comes.slice(10_000));
      if (page === 9)
        await opened.removeMany(
          dict.id,
          comes.slice(0, 10_000).map(({ key }) => key),
        );
      if (page === 9)
        await opened.removeMany(
          dict.id,
          comes.slice(10_000).map(({ key }) => key),
        );
      return nodes[page % nodes.length]!;
    });
    const seen = sortedKeys(entries);
    expect(new Set(seen).size).toBe(seen.length);
    const names = new Set(sortedKeys(stays));
    expect(seen.filter((key) => names.has(key))).toEqual([...names]);
  });

  test("have what was added after an iteration began only if it is behind, and never what was removed", async () => {
    const opened = await fixture.open({ shards: 1 });
    const dict = await fixture.createDict(opened, { data: numbered(100) });
    const { entries, next } = await store.page(dict.id, { limit: 50, values: true });
    await store.clear(dict.id);
    expect(entries).toHaveLength(50);
    const after = await store.page(dict.id, { limit: 100, values: true, after: next });
    expect(after).toEqual({ entries: [], next: undefined });
  });

  test("have every entry once though the connection is cut in the middle of a look at a shard", async () => {
    const data = numbered(5_000);
    const dict = await fixture.createDict(await fixture.open({ shards: 1 }), { data });
    const proxy = await CuttingProxy.start(server.port);
    try {
      const behind = await fixture.open({ servers: [proxy.address] });
      let asked = 0;
      proxy.cutOnly = fieldsScript.sha;
      proxy.cutsAlso = () => ++asked === 4;
      const { entries, next } = await behind.page(dict.id, { limit: 5_000, values: false });
      expect(proxy.cuts).toBe(1);
      expect(behind.counters().scanRestarts).toBe(1);
      expect(sortedKeys(entries)).toEqual(sortedKeys(data));
      expect(next).toBeUndefined();
      await behind.close();
    } finally {
      await proxy.stop();
    }
  });

  test("leave out expired entries", async () => {
    const expiry = { policy: "afterWrite", ttlMs: 1_000 } as const;
    const dict = await fixture.createDict(store, { expiry, data: numbered(50) });
    fixture.clock.advanceMs(1_000);
    await store.update(dict.id, numbered(10));
    for (const values of [true, false])
      expect(sortedKeys(await allPages(dict.id, { limit: 20, values }))).toEqual(sortedKeys(numbered(10)));
  });

  test("end early where values are large, and show a larger one alone", async () => {
    const dict = await fixture.createDict(store);
    const value = new Uint8Array(200 * 1024);
    await store.update(
      dict.id,
      numbered(50).map(({ key }) => ({ key, value })),
    );
    await store.update(dict.id, [{ key: bytes("large"), value: new Uint8Array(5 * 1024 * 1024) }]);
    const sizes: number[] = [];
    let after: Uint8Array | undefined;
    do {
      const page = await store.page(dict.id, { limit: 1_000, values: true, after });
      const size = page.entries.reduce((sum, one) => sum + one.value.length, 0);
      sizes.push(size);
      if (page.entries.length > 1) expect(size).toBeLessThanOrEqual(4 * 1024 * 1024);
      after = page.next;
    } while (after !== undefined);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(50 * value.length + 5 * 1024 * 1024);
    expect(sizes).toContain(5 * 1024 * 1024);
  });

  test("have only the keys that match", async () => {
    const opened = await fixture.open({ shards: 3 });
    const dict = await fixture.createDict(opened, { data: numbered(5_000) });
    const pattern = (prefix: string): KeyPattern => [{ offset: 0, bytes: bytes(prefix) }];
    const match = [pattern("key 12"), pattern("key 999")];
    const expected = numbered(5_000).filter(({ key }) => /^key (12|999)/.test(text(key)!));
    for (const limit of [5, 1_000])
      expect(sortedKeys(await allPages(dict.id, { limit, values: false, match }))).toEqual(
        sortedKeys(expected),
      );
  });

  test("may be read again from any cursor", async () => {
    const dict = await fixture.createDict(store, { data: numbered(1_000) });
    const first = await store.page(dict.id, { limit: 300, values: false });
    const second = await store.page(dict.id, { limit: 300, values: false, after: first.next });
    await allPages(dict.id, { limit: 100, values: false });
    expect(await store.page(dict.id, { limit: 300, values: false, after: first.next })).toEqual(second);
  });

  test("refuse a cursor that is none of the dictionary", async () => {
    const dict = await fixture.createDict(store, { data: numbered(100) });
    const other = await fixture.createDict(store, { data: numbered(100) });
    const { next } = await store.page(dict.id, { limit: 10, values: false });
    const changed = Uint8Array.from(next!, (byte, at) => (at === 14 ? byte ^ 1 : byte));
    for (const after of [new Uint8Array(0), bytes("garbage"), next!.subarray(1), changed])
      await expect(store.page(dict.id, { limit: 10, values: false, after })).rejects.toMatchObject({
        code: "invalid_argument",
      });
    await expect(store.page(other.id, { limit: 10, values: false, after: next })).rejects.toMatchObject({
      code: "invalid_argument",
    });
  });

  test("of a dictionary that is gone are dict_not_found", async () => {
    const dict = await fixture.createDict(store, { data: numbered(100) });
    const { next } = await store.page(dict.id, { limit: 10, values: false });
    await store.deleteDict(dict.id);
    for (const after of [undefined, next])
      await expect(store.page(dict.id, { limit: 10, values: true, after })).rejects.toMatchObject({
        code: "dict_not_found",
      });
  });
});
