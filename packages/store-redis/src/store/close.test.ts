// Closing a store whose server does not answer: the caller does not wait for as long as a failover takes.
import { RedisServer, redisIsSetUp } from "@everdict/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bytes, StoreFixture } from "../testing/store-fixture.ts";
import type { RedisStore } from "./redis-store.ts";

const closeMaxMs = 8_000;

describe.skipIf(!redisIsSetUp())("close() while a server does not answer", () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let store: RedisStore;
  let dictId: string;
  beforeEach(async () => {
    server = await RedisServer.startAlone("--appendonly", "yes");
    fixture = new StoreFixture(
      () => ({ servers: [server.address], profile: "fast" }),
      () => [server.port],
    );
    store = await fixture.open();
    dictId = (await fixture.createDict(store, { name: "jobs" })).id;
  });
  afterEach(async () => {
    await fixture.close();
    await server.destroy();
  });

  const calls = (): readonly Promise<unknown>[] => [
    Promise.resolve(store.get(dictId, bytes("a"))),
    store.update(dictId, [{ key: bytes("a"), value: bytes("1") }]),
    store.pop(dictId, bytes("a"), { idempotencyKey: "t" }),
    store.createDict({
      ...{ id: "di-new", environmentId: fixture.environmentId, name: "new", createdBy: "somebody" },
      ...{ expiry: { policy: "never" }, data: [] },
    }),
    // Known to nobody here: several steps.
    Promise.resolve(store.getDict("di-0000000000000000000000")),
    store.sweep(100),
  ];

  test.each(["paused", "killed"])(
    "%s: calls under way end as unavailable within seconds",
    async (how) => {
      if (how === "paused") server.pause();
      else await server.kill();
      const under = Promise.allSettled(calls());
      const beganMs = performance.now();
      await store.close();
      const tookMs = performance.now() - beganMs;
      for (const outcome of await under) {
        expect(outcome).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
      }
      console.log(`close() took ${tookMs | 0} ms`);
      expect(tookMs).toBeLessThan(closeMaxMs);
    },
    60_000,
  );

  test("calls that are answered are finished first", async () => {
    const under = calls();
    await store.close();
    const outcomes = await Promise.allSettled(under);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(under.length).fill("fulfilled"));
  });
});
