// Entries with a time to live of their own: when they end, what a use does to that, and when they are swept.
import type { ExpiryPolicy, TimeToLiveMs } from "@everdict/protocol";
import { type RedisServer, redisIsSetUp } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { sweepScript } from "../scripts/entry-scripts.ts";
import type { RedisStore } from "../store/redis-store.ts";
import { CuttingProxy } from "../testing/cutting-proxy.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

const key = bytes("a");
const never = { policy: "never" } as const;

describe.skipIf(!redisIsSetUp())("an entry with its own time to live", () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let store: RedisStore;
  onSingleServer((world) => {
    ({ server, fixture, store } = world);
  });

  const createDict = async (expiry: ExpiryPolicy): Promise<string> =>
    (await fixture.createDict(store, { expiry, shards: 1 })).id;
  const put = (dictId: string, name: string, ttlMs?: TimeToLiveMs) =>
    store.update(dictId, [{ key: bytes(name), value: bytes(name), ttlMs }]);
  const isThere = (dictId: string, name: string) => store.contains(dictId, bytes(name));

  test.each([never, { policy: "afterWrite", ttlMs: 50 }, { policy: "afterWrite", ttlMs: 1e9 }] as const)(
    "ends by it to the millisecond, whatever the policy is: %o",
    async (expiry) => {
      const dictId = await createDict(expiry);
      await put(dictId, "a", 1_000);
      await put(dictId, "b", null);
      fixture.clock.advanceMs(999);
      expect(text((await store.entry(dictId, key))?.value)).toBe("a");
      expect(await isThere(dictId, "a")).toBe(true);
      fixture.clock.advanceMs(1);
      expect(await store.entry(dictId, key)).toBeUndefined();
      expect(await isThere(dictId, "a")).toBe(false);
      expect(await store.putIfAbsent(dictId, key, key)).toBe(true);
      fixture.clock.advanceMs(2e9);
      expect(await store.entry(dictId, bytes("b"))).toMatchObject({ expiresAtMs: undefined });
    },
  );

  test("goes back to the policy with a write that has none", async () => {
    const dictId = await createDict({ policy: "afterWrite", ttlMs: 100 });
    await put(dictId, "a", 1_000);
    await put(dictId, "a");
    fixture.clock.advanceMs(100);
    expect(await isThere(dictId, "a")).toBe(false);
  });

  test("is renewed by it under afterUse, and by nothing under other policies", async () => {
    const byUse = await createDict({ policy: "afterUse", ttlMs: 160 });
    const byWrite = await createDict({ policy: "afterWrite", ttlMs: 160 });
    for (const dictId of [byUse, byWrite]) {
      await put(dictId, "a", 16_000);
      await put(dictId, "b", null);
    }
    for (let use = 1; use <= 5; use++) {
      fixture.clock.advanceMs(15_000);
      expect(text(await store.get(byUse, key))).toBe("a");
      expect(text(await store.get(byUse, bytes("b")))).toBe("b");
      // A use renews in the background; the next use is on the same connection, behind it.
      const found = await store.entry(byUse, key);
      expect(found?.expiresAtMs).toBe(fixture.clock() + 17_000);
      expect(await isThere(byWrite, "a")).toBe(use === 1);
    }
    fixture.clock.advanceMs(16_999);
    expect(await isThere(byUse, "a")).toBe(true);
    fixture.clock.advanceMs(1);
    expect(await isThere(byUse, "a")).toBe(false);
    expect((await store.entry(byUse, bytes("b")))?.expiresAtMs).toBeUndefined();
  });

  test("keeps it and its end when it is added to", async () => {
    const dictId = await createDict({ policy: "afterUse", ttlMs: 1e6 });
    const one = Uint8Array.from([0x80, 4, 0x4b, 1, 0x2e]);
    const wide = Uint8Array.from([0x80, 4, 0x8b, 1, 0, 0, 0, 1, 0x2e]);
    const add = (name: string, ttlOnCreateMs?: TimeToLiveMs) => {
      const changes = [{ kind: "add", key: bytes(name), by: one, ttlOnCreateMs } as const];
      return store.commit(dictId, { conditions: [], changes });
    };
    await store.update(dictId, [{ key: bytes("wide"), value: wide, ttlMs: 16_000 }]);
    for (const name of ["new", "wide"]) {
      await add(name, 16_000);
      fixture.clock.advanceMs(200);
      await add(name, 1);
      await add(name);
      fixture.clock.advanceMs(200);
    }
    for (const name of ["new", "wide"])
      expect((await store.entry(dictId, bytes(name)))?.expiresAtMs).toBe(fixture.clock() - 800 + 17_000);
    fixture.clock.advanceMs(2_000);
    await store.get(dictId, bytes("new"));
    expect((await store.entry(dictId, bytes("new")))?.expiresAtMs).toBe(fixture.clock() + 17_000);
  });

  test.each([never, { policy: "afterWrite", ttlMs: 1e9 }] as const)(
    "is swept when it has ended, whatever the policy is: %o",
    async (expiry) => {
      const dictId = await createDict(expiry);
      const sweep = async (): Promise<number> => (await store.sweep(100)).removed;
      await put(dictId, "stays");
      await put(dictId, "late", 500_000);
      await put(dictId, "early", 1_000);
      await store.commit(dictId, {
        conditions: [],
        changes: [{ kind: "put", key, value: key, ttlMs: 2_000 }],
      });
      fixture.clock.advanceMs(999);
      expect(await sweep()).toBe(0);
      fixture.clock.advanceMs(1);
      expect(await sweep()).toBe(1);
      fixture.clock.advanceMs(1_000);
      expect(await sweep()).toBe(1);
      await put(dictId, "between", 100_000);
      fixture.clock.advanceMs(100_000);
      expect(await sweep()).toBe(1);
      fixture.clock.advanceMs(400_000);
      expect(await sweep()).toBe(1);
      expect(await store.len(dictId)).toBe(1);
    },
  );

  test("is swept although another node was looking when it was written", async () => {
    const dictId = await createDict(never);
    const proxy = await CuttingProxy.start(server.port);
    const looking = await fixture.open({ servers: [proxy.address] });
    const sweepAll = async (): Promise<void> => {
      while ((await looking.sweep(100)).more);
    };
    const lives = [1_000, 500_000];
    for (let round = 0; round < 20; round++) {
      await put(dictId, "a", 1_000);
      fixture.clock.advanceMs(1_000);
      await sweepAll();
      // The last look, unless something is written.
      fixture.clock.advanceMs(600_000);
      let written: Promise<void> | undefined;
      proxy.onSent = (sent) => {
        if (sent.includes(sweepScript.sha)) written ??= put(dictId, "b", lives[round % 2]);
      };
      await sweepAll();
      await written;
      for (let looks = 0; looks < 4; looks++) {
        fixture.clock.advanceMs(600_000);
        await sweepAll();
      }
      expect(await store.len(dictId)).toBe(0);
    }
    await looking.close();
    await proxy.stop();
  });

  test("is swept although the look that its node counted on found nothing left to wait for", async () => {
    const dictId = await createDict(never);
    const other = await fixture.open();
    await put(dictId, "long", 10_000);
    await other.update(dictId, [{ key, value: key, ttlMs: 5_000 }]);
    await store.remove(dictId, bytes("long"), {});
    fixture.clock.advanceMs(5_000);
    expect((await other.sweep(100)).removed).toBe(1);
    await put(dictId, "later", 20_000);
    fixture.clock.advanceMs(600_000);
    expect((await other.sweep(100)).removed).toBe(1);
    fixture.clock.advanceMs(600_000);
    await other.sweep(100);
    const [schedule] = await fixture.keys("a:");
    expect(schedule).toBeUndefined();
  });
});
