// Changes of how a dictionary is set up, through several nodes that learn of them at different times.
import { type RedisServer, redisCommand, redisIsSetUp } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { openRedisStore } from "../store/open-redis-store.ts";
import type { RedisStore } from "../store/redis-store.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

const hourMs = 3_600_000;
const never = { policy: "never" } as const;
const hour = { policy: "afterWrite", ttlMs: hourMs } as const;
const used = { policy: "afterUse", ttlMs: hourMs } as const;
const entries = (name: string, count = 64) =>
  Array.from({ length: count }, (_, index) => ({ key: bytes(`${name} ${index}`), value: bytes("1") }));

describe.skipIf(!redisIsSetUp())("a changed set-up", () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let store: RedisStore;
  onSingleServer((world) => {
    ({ server, fixture, store } = world);
  });

  /** When the entries of a name end; each is read from another shard. */
  async function endsOf(dictId: string, keys: readonly Uint8Array[]): Promise<Set<number | undefined>> {
    const fresh = await fixture.open();
    const found = await Promise.all(keys.map((key) => fresh.entry(dictId, key)));
    return new Set(found.map((one) => one!.expiresAtMs));
  }

  const writes: readonly [string, (node: RedisStore, dictId: string, key: Uint8Array) => unknown][] = [
    ["update", (node, dictId, key) => node.update(dictId, [{ key, value: bytes("1") }])],
    ["putIfAbsent", (node, dictId, key) => node.putIfAbsent(dictId, key, bytes("1"))],
    [
      "commit",
      (node, dictId, key) =>
        node.commit(dictId, { conditions: [], changes: [{ kind: "put", key, value: bytes("1") }] }),
    ],
  ];
  test.each(writes)("holds at once for a node that knew the dictionary before: %s", async (_, write) => {
    const dict = await fixture.createDict(store, { expiry: never });
    const stale = await fixture.open();
    await stale.update(dict.id, entries("before"));
    await store.configureDict(dict.id, { expiry: hour });
    const keys = entries("after").map(({ key }) => key);
    await Promise.all(keys.map((key) => write(stale, dict.id, key)));
    expect(await endsOf(dict.id, keys)).toEqual(new Set([fixture.clock() + hourMs]));
    expect(
      await endsOf(
        dict.id,
        entries("before").map(({ key }) => key),
      ),
    ).toEqual(new Set([undefined]));
  });

  test("keeps the order of writes of a node that learns of it by a read meanwhile", async () => {
    const dict = await fixture.createDict(store, { expiry: never, shards: 1 });
    const stale = await fixture.open();
    const put = (value: string) => stale.update(dict.id, [{ key: bytes("a"), value: bytes(value) }]);
    await put("before");
    const found: unknown[] = [];
    for (let round = 0; round < 10; round++) {
      await store.configureDict(dict.id, { expiry: { policy: "afterWrite", ttlMs: hourMs + round } });
      const refused = put("earlier");
      await stale.get(dict.id, bytes("b"));
      await Promise.all([refused, put("later")]);
      found.push(text(await stale.get(dict.id, bytes("a"))));
    }
    expect(found).toEqual(Array(10).fill("later"));
  });

  test("renews by use what is read by a node that knew the dictionary before, one or many at a time", async () => {
    const dict = await fixture.createDict(store, { expiry: hour, data: entries("a", 300) });
    const stale = await fixture.open();
    const keys = entries("a", 300).map(({ key }) => key);
    await stale.getMany(dict.id, keys);
    await store.configureDict(dict.id, { expiry: used });
    fixture.clock.advanceMs(hourMs - 1);
    expect(await stale.getMany(dict.id, keys)).not.toContain(undefined);
    await stale.close();
    fixture.clock.advanceMs(hourMs - 1);
    expect(await store.getMany(dict.id, keys)).not.toContain(undefined);
  });

  test("gives no end to what never ends, however it is used", async () => {
    const dict = await fixture.createDict(store, { expiry: never, data: entries("a") });
    const keys = entries("a").map(({ key }) => key);
    await store.configureDict(dict.id, { expiry: used });
    expect(await store.getMany(dict.id, keys)).not.toContain(undefined);
    await Promise.all(keys.map((key) => store.get(dict.id, key)));
    await store.close();
    expect(await endsOf(dict.id, keys)).toEqual(new Set([undefined]));
  });

  test("many changes by many nodes at once leave all shards with the last one", async () => {
    const dict = await fixture.createDict(store, { expiry: never });
    const nodes = [store, await fixture.open(), await fixture.open()];
    for (let round = 0; round < 12; round++) {
      await Promise.all(
        nodes.map((node, at) =>
          node.configureDict(dict.id, { expiry: { policy: "afterWrite", ttlMs: hourMs + 3 * round + at } }),
        ),
      );
    }
    const { expiry } = (await store.getDict(dict.id))!;
    const shards = await fixture.keys("d:");
    expect(shards).toHaveLength(16);
    const keys = entries("a").map(({ key }) => key);
    await nodes[1]!.update(dict.id, entries("a"));
    const ttlMs = expiry.policy === "never" ? 0 : expiry.ttlMs;
    expect(ttlMs).toBeGreaterThanOrEqual(hourMs + 33);
    expect(await endsOf(dict.id, keys)).toEqual(new Set([fixture.clock() + ttlMs]));
  });

  test("is finished by its repeat if it reached only some shards", async () => {
    const dict = await fixture.createDict(store, { expiry: never });
    const shards = await fixture.keys("d:");
    const before = Buffer.alloc(24);
    before[0] = 1;
    before.writeUInt16BE(16, 2);
    await store.configureDict(dict.id, { expiry: hour });
    const script = "return redis.call('HSET', KEYS[1], 'm', cjson.decode(ARGV[1]))";
    for (const shard of shards.slice(0, 8))
      await redisCommand(server.port, "EVAL", script, 1, shard, JSON.stringify(before.toString("latin1")));
    const stale = await fixture.open();
    await stale.configureDict(dict.id, { expiry: hour });
    const metas = await Promise.all(shards.map((shard) => fixture.command("HGET", shard, "m")));
    expect(new Set(metas).size).toBe(1);
  });

  test("has what is written from then on swept, and what ends from before", async () => {
    const dict = await fixture.createDict(store, { expiry: hour, data: entries("a", 5) });
    await store.configureDict(dict.id, { expiry: never });
    await store.update(dict.id, entries("b", 5));
    await store.configureDict(dict.id, { expiry: { policy: "afterWrite", ttlMs: 2 * hourMs } });
    await store.update(dict.id, entries("c", 5));
    const sweep = async (): Promise<number> => {
      for (let looks = 0; looks < 10; looks++) {
        while ((await store.sweep(1_000)).more);
        fixture.clock.advanceMs(hourMs / 2);
      }
      return await store.len(dict.id);
    };
    expect(await sweep()).toBe(5);
  });

  test("has writes wait for replicas, or not", async () => {
    // There are no replicas: who waits, waits in vain.
    const waiting = await openRedisStore({
      ...{ servers: [server.address], prefix: fixture.prefix, clock: fixture.clock },
      ...{ profile: "replicated", allowUnsafe: true, deadlineMs: 400 },
    });
    const dict = await fixture.createDict(store);
    const put = (node: RedisStore) => node.update(dict.id, entries("a", 1));
    await expect(put(waiting)).rejects.toMatchObject({ code: "unavailable" });
    await store.configureDict(dict.id, { durability: "memory" });
    // It learns of that by a read, or by a write that replicas have.
    await waiting.get(dict.id, bytes("a 0"));
    await put(waiting);
    await store.configureDict(dict.id, { durability: "everysec" });
    await expect(put(waiting)).rejects.toMatchObject({ code: "unavailable" });
    await waiting.close();
  });
});
