// What the contract's suite cannot see: several nodes on one key space, what is left behind, and replies that do not
// arrive.
import { type RedisServer, redisIsSetUp } from "@everdict/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CuttingProxy } from "../testing/cutting-proxy.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, StoreFixture, text } from "../testing/store-fixture.ts";
import { openRedisStore } from "./open-redis-store.ts";
import type { RedisStore } from "./redis-store.ts";

const mib = 1024 * 1024;

describe.skipIf(!redisIsSetUp())("RedisStore", () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let store: RedisStore;
  onSingleServer((world) => {
    ({ server, fixture, store } = world);
  });

  describe("two nodes", () => {
    test("agree on names, also when both create one at the same time", async () => {
      const other = await fixture.open();
      const [one, two] = await Promise.all([
        fixture.createDict(store, { name: "jobs" }),
        fixture.createDict(other, { name: "jobs" }),
      ]);
      expect(one.id).toBe(two.id);
      expect(await other.findDict(fixture.environmentId, "jobs")).toEqual(one);
      // What the loser had made is gone.
      expect(await fixture.keys("M:")).toHaveLength(1);
      expect(await fixture.keys("d:")).toHaveLength(16);
    });

    test("a dictionary that one deleted is absent for the other, which knew it", async () => {
      const other = await fixture.open();
      const dict = await fixture.createDict(store, { name: "jobs" });
      await other.update(dict.id, [{ key: bytes("a"), value: bytes("1") }]);
      await store.deleteDict(dict.id);
      await expect(other.get(dict.id, bytes("a"))).rejects.toMatchObject({ code: "dict_not_found" });
      await expect(other.update(dict.id, [{ key: bytes("a"), value: bytes("1") }])).rejects.toMatchObject({
        code: "dict_not_found",
      });
      expect((await fixture.createDict(other, { name: "jobs" })).id).not.toBe(dict.id);
      expect(store.counters().dataLoss + other.counters().dataLoss).toBe(0);
    });

    test("answer a repeat whichever of them was asked first", async () => {
      const other = await fixture.open();
      const dict = await fixture.createDict(store, { data: [{ key: bytes("a"), value: bytes("1") }] });
      expect(text(await store.pop(dict.id, bytes("a"), { idempotencyKey: "t" }))).toBe("1");
      expect(text(await other.pop(dict.id, bytes("a"), { idempotencyKey: "t" }))).toBe("1");
      expect(await other.putIfAbsent(dict.id, bytes("a"), bytes("2"), { idempotencyKey: "t" })).toBe(true);
      expect(await store.putIfAbsent(dict.id, bytes("a"), bytes("2"), { idempotencyKey: "t" })).toBe(true);
    });

    test("copy key and value also when they do not know the dictionary yet", async () => {
      const dict = await fixture.createDict(store);
      const other = await fixture.open();
      const [key, value] = [bytes("a"), bytes("1")];
      const option = { idempotencyKey: "put" };
      const put = other.putIfAbsent(dict.id, key, value, option);
      key.fill(122);
      value.fill(57);
      expect(await put).toBe(true);
      expect(text(await store.get(dict.id, bytes("a")))).toBe("1");
      expect(await other.putIfAbsent(dict.id, bytes("a"), bytes("1"), option)).toBe(true);
    });

    test("say that an environment is gone, also under the idempotency key of another creation in it", async () => {
      const { environmentId } = fixture;
      const request = {
        environmentId,
        createdBy: "somebody",
        expiry: { policy: "never" },
        data: [],
      } as const;
      const option = { idempotencyKey: "create" };
      await store.createDict({ ...request, id: "di-1", name: "jobs" }, option);
      const other = { ...request, id: "di-2", name: "other" };
      await expect(store.createDict(other, option)).rejects.toMatchObject({ code: "conflict" });
      await store.deleteEnvironment(environmentId);
      await expect(store.createDict(other, option)).rejects.toMatchObject({ code: "environment_not_found" });
    });

    test("heartbeats to either keep an ephemeral dictionary alive for both, and either sweeps it", async () => {
      const other = await fixture.open();
      const dict = await fixture.createDict(store, { lifeMs: 1_000 });
      for (const node of [other, store, other]) {
        fixture.clock.advanceMs(900);
        await node.extendDict(dict.id, fixture.clock() + 1_000);
        expect(await Promise.all([store.sweep(100), other.sweep(100)])).toEqual([
          { removed: 0, more: false },
          { removed: 0, more: false },
        ]);
      }
      fixture.clock.advanceMs(1_000);
      const swept = await Promise.all([store.sweep(100), other.sweep(100)]);
      expect(swept.reduce((sum, { removed }) => sum + removed, 0)).toBe(1);
      expect(await fixture.keys("d:")).toEqual([]);
    });

    test("an environment that one deletes loses no data for the other, only its dictionaries", async () => {
      const other = await fixture.open();
      const { environment } = await store.createEnvironment("en-doomed", "doomed");
      const ids = Array.from({ length: 40 }, (_, index) => `di-doomed-${index}`);
      const request = { environmentId: environment.id, createdBy: "somebody", data: [] };
      for (const id of ids) await store.createDict({ ...request, id, name: id, expiry: { policy: "never" } });
      await Promise.all(ids.map((id) => other.len(id)));
      let deleted = false;
      const deletion = store.deleteEnvironment(environment.id).finally(() => {
        deleted = true;
      });
      const codes = new Set<string>();
      while (!deleted) {
        const calls = ids.flatMap((id) => [other.len(id), other.getDict(id)]);
        for (const one of await Promise.allSettled(calls))
          codes.add(one.status === "fulfilled" ? "done" : one.reason.code);
      }
      await deletion;
      expect([...codes].filter((code) => code !== "done")).toEqual(["dict_not_found"]);
      expect(other.counters().dataLoss).toBe(0);
    });

    test("open an empty key space at the same time", async () => {
      const fresh = new StoreFixture(
        () => ({ servers: [server.address], profile: "fast" }),
        () => [server.port],
      );
      const nodes = await Promise.all(Array.from({ length: 8 }, () => fresh.open()));
      for (const node of nodes) expect(await node.listEnvironments()).toHaveLength(1);
      await fresh.close();
    });
  });

  test("a write that no replica gets fails within its deadline, however many were made before it", async () => {
    const dict = await fixture.createDict(store);
    const options = { profile: "replicated", allowUnsafe: true, deadlineMs: 700 } as const;
    const waiting = await openRedisStore({ servers: [server.address], prefix: fixture.prefix, ...options });
    const tookMs: number[] = [];
    const puts: Promise<unknown>[] = [];
    for (let number = 0; number < 12; number++) {
      const beganAtMs = performance.now();
      const put = waiting.update(dict.id, [{ key: bytes("a"), value: bytes(`${number}`) }]);
      puts.push(put.finally(() => tookMs.push(performance.now() - beganAtMs)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const outcomes = await Promise.allSettled(puts);
    const codes = outcomes.map((one) => (one.status === "rejected" ? one.reason.code : "done"));
    expect(new Set(codes)).toEqual(new Set(["unavailable"]));
    expect(Math.max(...tookMs)).toBeLessThan(1_000);
    expect(waiting.counters().notReplicated + waiting.counters().deadlinesExceeded).toBe(12);
    expect(text(await waiting.get(dict.id, bytes("a")))).toBe("11");
    await waiting.close();
  });

  test("len and writes notice how large shards are", async () => {
    const data = Array.from({ length: 100 }, (_, number) => ({ key: bytes(`${number}`), value: bytes("1") }));
    const dict = await fixture.createDict(store, { lifeMs: 60_000, data });
    expect(store.counters().largestShardEntries).toBe(0);
    for (let round = 0; round < 10; round++) await store.update(dict.id, data);
    await expect.poll(() => store.counters().largestShardEntries).toBe(100);
    await store.putIfAbsent(dict.id, bytes("new"), bytes("1"));
    await store.len(dict.id);
    expect(store.counters().largestShardEntries).toBe(101);
  });

  describe("what is left behind", () => {
    test("of a deleted environment: nothing but the list and its markers", async () => {
      const { environment } = await store.createEnvironment("en-doomed", "doomed");
      await store.createDict({
        id: "di-doomed",
        environmentId: environment.id,
        name: "jobs",
        createdBy: "somebody",
        expiry: { policy: "afterWrite", ttlMs: 1_000 },
        data: [{ key: bytes("a"), value: new Uint8Array(mib) }],
      });
      await store.deleteEnvironment(environment.id);
      const left = (await fixture.keys()).filter((key) => !/:[EI]:/.test(key));
      expect(left.every((key) => key.includes(fixture.environmentId))).toBe(true);
    });

    test("of a deletion whose node was gone in the middle: what the next sweep removes", async () => {
      const dict = await fixture.createDict(store, {
        name: "jobs",
        data: [{ key: bytes("a"), value: new Uint8Array(mib) }],
      });
      const [registry] = await fixture.keys("r:");
      const schedule = registry!.replace("r:{", "a:{");
      await fixture.command("HDEL", registry!, `r${dict.id}`, "njobs");
      await fixture.command("HSET", registry!, `g${dict.id}`, "whose");
      await fixture.command("ZREM", schedule, `x${dict.id}`);
      await fixture.command("ZADD", schedule, fixture.clock() + 60_000, `g${dict.id}`);
      await expect(store.len(dict.id)).resolves.toBe(1);
      await store.sweep(100);
      expect((await fixture.keys("d:")).length).toBe(16);
      fixture.clock.advanceMs(60_000);
      expect(await store.sweep(100)).toEqual({ removed: 0, more: false });
      expect(await fixture.keys("d:")).toEqual([]);
      expect(await fixture.keys("b:")).toEqual([]);
      expect(await fixture.command("ZCARD", schedule)).toBe("0");
    });

    test("of a creation whose node was gone in the middle: what a sweep an hour later removes", async () => {
      const dict = await fixture.createDict(store, { name: "jobs" });
      const [registry] = await fixture.keys("r:");
      await fixture.command("HDEL", registry!, `r${dict.id}`, "njobs");
      await fixture.command(
        "ZADD",
        registry!.replace("r:{", "a:{"),
        fixture.clock() + 3_600_000,
        `p${dict.id}`,
      );
      fixture.clock.advanceMs(3_599_999);
      await store.sweep(100);
      expect((await fixture.keys("d:")).length).toBe(16);
      fixture.clock.advanceMs(1);
      await store.sweep(100);
      expect(await fixture.keys("d:")).toEqual([]);
      expect(await fixture.keys("M:")).toEqual([]);
    });

    test("of an ephemeral dictionary that nobody sweeps: keys that end by themselves", async () => {
      await fixture.createDict(store, { lifeMs: 1_000, data: [{ key: bytes("a"), value: bytes("1") }] });
      for (const kind of ["d:", "M:"]) {
        const [key] = await fixture.keys(kind);
        expect(Number(await fixture.command("PTTL", key!))).toBeGreaterThan(3_590_000);
      }
    });

    test("of calls without an idempotency key: as many remembered answers as were under way at once", async () => {
      const dict = await fixture.createDict(store);
      for (let round = 0; round < 50; round++) {
        await Promise.all([
          store.putIfAbsent(dict.id, bytes("a"), bytes("1")),
          store.pop(dict.id, bytes("a")),
        ]);
      }
      expect((await fixture.keys("u:")).length).toBe(2);
    });

    test("of answers whose arrival was confirmed: nothing", async () => {
      const dict = await fixture.createDict(store);
      await store.putIfAbsent(dict.id, bytes("a"), bytes("1"), { idempotencyKey: "one" });
      await store.pop(dict.id, bytes("a"), { idempotencyKey: "two" });
      expect(await fixture.keys("t:")).toHaveLength(2);
      store.forgetAnswers?.("putIfAbsent", dict.id, ["one", "never used"]);
      await store.pop(dict.id, bytes("a"), { idempotencyKey: "three" });
      expect(await fixture.keys("t:")).toHaveLength(2);
    });
  });

  describe("a large value", () => {
    const large = new Uint8Array(3 * mib + 5).map((_, index) => index % 251);
    const isLarge = (value: Uint8Array | undefined) =>
      value !== undefined && Buffer.compare(value, large) === 0;
    const chunks = async (): Promise<number> => (await fixture.keys("b:")).length;

    test("leaves no chunks when it is written over, popped, removed, cleared or expires", async () => {
      const dict = await fixture.createDict(store, { expiry: { policy: "afterWrite", ttlMs: 10_000 } });
      const put = (value: Uint8Array) => store.update(dict.id, [{ key: bytes("a"), value }]);
      await put(large);
      expect(await chunks()).toBe(7);
      await put(bytes("small"));
      await expect.poll(chunks).toBe(0);
      await put(large);
      expect(isLarge(await store.pop(dict.id, bytes("a")))).toBe(true);
      await expect.poll(chunks).toBe(0);
      for (const options of [{}, { idempotencyKey: "removal" }]) {
        await put(large);
        expect(await store.remove(dict.id, bytes("a"), options)).toBe(true);
        await expect.poll(chunks).toBe(0);
        expect(await store.remove(dict.id, bytes("a"), options)).toBe(options.idempotencyKey !== undefined);
      }
      await put(large);
      await store.clear(dict.id);
      await put(large);
      fixture.clock.advanceMs(600_000);
      expect(await store.sweep(100)).toMatchObject({ removed: 1 });
      await expect.poll(chunks).toBe(0);
      expect(await fixture.keys("x:")).toEqual([]);
    });

    test("that was popped under an idempotency key can be popped again under it, until it is forgotten", async () => {
      const dict = await fixture.createDict(store, { data: [{ key: bytes("a"), value: large }] });
      await store.pop(dict.id, bytes("a"), { idempotencyKey: "t" });
      await store.update(dict.id, [{ key: bytes("a"), value: bytes("small") }]);
      expect(isLarge(await store.pop(dict.id, bytes("a"), { idempotencyKey: "t" }))).toBe(true);
      fixture.clock.advanceMs(600_000);
      await store.sweep(100);
      await expect.poll(chunks).toBe(0);
    });

    test("is read whole, or as what replaced it, while it is written over again and again", async () => {
      const dict = await fixture.createDict(store, { data: [{ key: bytes("a"), value: large }] });
      let done = false;
      const writer = (async () => {
        for (let round = 1; round <= 12; round++) {
          await store.update(dict.id, [{ key: bytes("a"), value: new Uint8Array(large.length).fill(round) }]);
        }
        done = true;
      })();
      while (!done) {
        const value = (await store.get(dict.id, bytes("a")))!;
        expect(value.length).toBe(large.length);
        expect(value[0]).toBe(value[0] === 0 ? 0 : value.at(-6));
      }
      await writer;
    });

    test("keeps its place among writes of the same key", async () => {
      const dict = await fixture.createDict(store);
      const put = (value: Uint8Array) => store.update(dict.id, [{ key: bytes("a"), value }]);
      await Promise.all([
        put(bytes("before")),
        put(large),
        put(bytes("between")),
        put(large),
        put(bytes("after")),
      ]);
      expect(text(await store.get(dict.id, bytes("a")))).toBe("after");
      await expect.poll(chunks).toBe(0);
    });

    test("whose chunks are gone is data loss", async () => {
      const dict = await fixture.createDict(store, { data: [{ key: bytes("a"), value: large }] });
      const [chunk] = await fixture.keys("b:");
      await fixture.command("DEL", chunk!);
      await expect(store.get(dict.id, bytes("a"))).rejects.toMatchObject({ code: "data_loss" });
    });
  });

  describe("a reply that is lost after the command was executed", () => {
    let proxy: CuttingProxy;
    let behind: RedisStore;

    beforeEach(async () => {
      proxy = await CuttingProxy.start(server.port);
      behind = await fixture.open({ servers: [proxy.address] });
    });
    afterEach(async () => {
      await behind.close();
      await proxy.stop();
    });

    test.each([undefined, "pop"])("neither loses nor doubles a pop (idempotency key: %s)", async (name) => {
      const dict = await fixture.createDict(behind);
      for (let round = 0; round < 20; round++) {
        await behind.update(dict.id, [{ key: bytes("a"), value: bytes(`${round}`) }]);
        proxy.cutsLeft = 1 + (round % 2);
        const options = name === undefined ? {} : { idempotencyKey: `${name} ${round}` };
        expect(text(await behind.pop(dict.id, bytes("a"), options))).toBe(`${round}`);
        expect(proxy.cutsLeft).toBe(0);
      }
      expect(behind.counters().retries.lost).toBeGreaterThanOrEqual(20);
    });

    test("neither denies nor doubles a conditional put", async () => {
      const dict = await fixture.createDict(behind);
      for (let round = 0; round < 10; round++) {
        proxy.cutsLeft = 1;
        expect(await behind.putIfAbsent(dict.id, bytes(`${round}`), bytes("mine"))).toBe(true);
      }
      expect(await behind.len(dict.id)).toBe(10);
    });

    test("brings no version back that another writer has seen", async () => {
      const dict = await fixture.createDict(store);
      const versionNow = async () => (await store.entry(dict.id, bytes("a")))?.version;
      const isCut = async (times: number): Promise<void> => {
        while (proxy.cuts < times) await versionNow();
      };
      proxy.cutsLeft = Number.POSITIVE_INFINITY;
      const put = behind.update(dict.id, [{ key: bytes("a"), value: bytes("1") }]);
      // The attempt before the last has been executed.
      await isCut(2);
      const version = await versionNow();
      await isCut(proxy.cuts + 2);
      proxy.cutsLeft = 0;
      await put;
      expect(version).toBeDefined();
      expect(await versionNow()).not.toBe(version);
    });

    test("hides neither the creation nor the deletion of a dictionary or an environment", async () => {
      for (let round = 0; round < 5; round++) {
        proxy.cutsLeft = 3;
        const { dict, created } = await behind.createDict({
          id: `di-lost-${round}`,
          environmentId: fixture.environmentId,
          name: `lost-${round}`,
          createdBy: "somebody",
          expiry: { policy: "never" },
          data: [{ key: bytes("a"), value: bytes("1") }],
        });
        expect(created).toBe(true);
        proxy.cutsLeft = 1;
        await behind.deleteDict(dict.id);
        proxy.cutsLeft = 1;
        expect((await behind.createEnvironment(`en-lost-${round}`, `lost-${round}`)).created).toBe(true);
        proxy.cutsLeft = 1;
        await behind.deleteEnvironment(`en-lost-${round}`);
        proxy.cutsLeft = 0;
      }
    });
  });
});
