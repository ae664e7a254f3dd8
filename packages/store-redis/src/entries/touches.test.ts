// Reads that renew what they read: in the background, once for each entry, and never in the way of a read.
import { type RedisServer, redisCommand, redisIsSetUp } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import type { RedisStore } from "../store/redis-store.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

const ttlMs = 16_000;

describe.skipIf(!redisIsSetUp())("under the policy afterUse", () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let store: RedisStore;
  onSingleServer((world) => {
    ({ server, fixture, store } = world);
  });

  const createDict = () =>
    fixture.createDict(store, {
      expiry: { policy: "afterUse", ttlMs },
      data: [{ key: bytes("a"), value: bytes("1") }],
    });

  test("reads go on while a server takes no writes, and renew once it does", async () => {
    const dict = await createDict();
    fixture.clock.advanceMs(ttlMs / 2);
    await redisCommand(server.port, "CONFIG", "SET", "min-replicas-to-write", 1);
    try {
      const beganAtMs = performance.now();
      for (let read = 0; read < 20; read++) expect(text(await store.get(dict.id, bytes("a")))).toBe("1");
      expect(performance.now() - beganAtMs).toBeLessThan(2_000);
      expect(store.counters().retries.noreplicas).toBeGreaterThan(0);
    } finally {
      await redisCommand(server.port, "CONFIG", "SET", "min-replicas-to-write", 0);
    }
    await store.close();
    const next = await fixture.open();
    fixture.clock.advanceMs(ttlMs - 1);
    expect(text(await next.get(dict.id, bytes("a")))).toBe("1");
  });

  test("reads of one entry at the same time renew it once", async () => {
    const dict = await createDict();
    fixture.clock.advanceMs(ttlMs / 2);
    const scriptsRun = async (): Promise<number> => {
      const statistics = await redisCommand(server.port, "INFO", "commandstats");
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(statistics)?.[1]);
    };
    const before = await scriptsRun();
    await Promise.all(Array.from({ length: 64 }, () => store.get(dict.id, bytes("a"))));
    await store.close();
    expect(await scriptsRun()).toBe(before + 1);
  });
});
