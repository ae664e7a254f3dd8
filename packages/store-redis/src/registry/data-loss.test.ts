// What a server lost is data loss, never absence: each kind of key is taken away behind the store's back.
import { redisIsSetUp } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import type { RedisStore } from "../store/redis-store.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

describe.skipIf(!redisIsSetUp())("what a server lost is data_loss, never absence", () => {
  let fixture: StoreFixture;
  let store: RedisStore;
  onSingleServer((world) => {
    ({ fixture, store } = world);
  });

  const removeKeys = async (kind: string): Promise<void> => {
    for (const key of await fixture.keys(kind)) await fixture.command("DEL", key);
  };

  test("shards", async () => {
    const dict = await fixture.createDict(store, { name: "jobs" });
    await removeKeys("d:");
    const calls: (() => unknown)[] = [
      () => store.get(dict.id, bytes("a")),
      () => store.len(dict.id),
      () => store.update(dict.id, [{ key: bytes("a"), value: bytes("1") }]),
      () => store.pop(dict.id, bytes("a")),
      () => store.clear(dict.id),
    ];
    for (const call of calls)
      await expect(Promise.resolve(call())).rejects.toMatchObject({ code: "data_loss" });
    expect(store.counters().dataLoss).toBeGreaterThanOrEqual(calls.length);
    await expect(store.get("di-never", bytes("a"))).rejects.toMatchObject({ code: "dict_not_found" });
  });

  test("a registry", async () => {
    await fixture.createDict(store, { name: "jobs" });
    await removeKeys("r:");
    const calls: (() => unknown)[] = [
      () => store.findDict(fixture.environmentId, "jobs"),
      () => store.get("di-never", bytes("a")),
    ];
    for (const call of calls)
      await expect(Promise.resolve(call())).rejects.toMatchObject({ code: "data_loss" });
    expect(store.counters().dataLoss).toBe(calls.length);
    // To delete the environment is how its loss is accepted.
    await store.deleteEnvironment(fixture.environmentId);
    expect((await store.createEnvironment("en-anew", "main")).created).toBe(true);
    expect(await store.findDict("en-anew", "jobs")).toBeUndefined();
  });

  test("the end of a log, and with it that a dictionary was created", async () => {
    const dict = await fixture.createDict(store, { name: "jobs" });
    const [registry] = await fixture.keys("r:");
    await fixture.command("HDEL", registry!, `r${dict.id}`, "njobs");
    await removeKeys("d:");
    const fresh = await fixture.open();
    for (const node of [store, fresh]) {
      const calls = [
        () => node.get(dict.id, bytes("a")),
        () => node.len(dict.id),
        () => node.getDict(dict.id),
      ];
      for (const call of calls)
        await expect(Promise.resolve(call())).rejects.toMatchObject({ code: "data_loss" });
    }
  });

  test("but a record is made again from the registry, and counted", async () => {
    const data = [{ key: bytes("a"), value: bytes("1") }];
    const dict = await fixture.createDict(store, { name: "jobs", data });
    await removeKeys("M:");
    const fresh = await fixture.open();
    expect(text(await fresh.get(dict.id, bytes("a")))).toBe("1");
    expect(await fresh.getDict(dict.id)).toEqual(dict);
    expect(await fixture.keys("M:")).toHaveLength(1);
    expect(fresh.counters().dataLoss).toBe(1);
  });

  test.each([["M:"], ["d:"], ["M:", "d:"]])(
    "is accepted by deleting the dictionary: lost were %s",
    async (...kinds) => {
      const dict = await fixture.createDict(store, {
        name: "jobs",
        data: [{ key: bytes("a"), value: bytes("1") }],
      });
      const ephemeral = await fixture.createDict(store, { lifeMs: 1_000 });
      const swept = await fixture.createDict(store, { lifeMs: 1_000 });
      for (const kind of kinds) await removeKeys(kind);
      const fresh = await fixture.open();
      await fresh.deleteDict(dict.id);
      await fresh.deleteDict(ephemeral.id);
      expect(await fresh.findDict(fixture.environmentId, "jobs")).toBeUndefined();
      expect((await fixture.createDict(fresh, { name: "jobs" })).id).not.toBe(dict.id);
      fixture.clock.advanceMs(1_000);
      expect(await fresh.sweep(100)).toEqual({ removed: 1, more: false });
      const left = await fixture.keys();
      const ids = [dict.id, ephemeral.id, swept.id];
      expect(left.filter((key) => ids.some((id) => key.includes(id)))).toEqual([]);
    },
  );

  test("a registry and the list of environments with it", async () => {
    const dict = await fixture.createDict(store, { name: "jobs" });
    const fresh = await fixture.open();
    for (const kind of ["r:", "E:", "d:"]) await removeKeys(kind);
    const request = { environmentId: fixture.environmentId, name: "new", createdBy: "somebody", data: [] };
    for (const node of [store, fresh]) {
      const calls: (() => unknown)[] = [
        () => node.get(dict.id, bytes("a")),
        () => node.update(dict.id, [{ key: bytes("a"), value: bytes("1") }]),
        () => node.len(dict.id),
        () => node.getDict(dict.id),
        () => node.findDict(fixture.environmentId, "jobs"),
        () => node.listDicts({ environmentId: fixture.environmentId }),
        () => node.createDict({ ...request, id: "di-new", expiry: { policy: "never" } }),
      ];
      for (const call of calls)
        await expect(Promise.resolve(call())).rejects.toMatchObject({ code: "data_loss" });
    }
  });

  test("but an environment that was deleted, the last one too, is just absent", async () => {
    await store.deleteEnvironment(fixture.environmentId);
    expect(await store.listEnvironments()).toEqual([]);
    expect(await store.findDict(fixture.environmentId, "jobs")).toBeUndefined();
    expect(await store.getDict("di-never")).toBeUndefined();
    expect(store.counters().dataLoss).toBe(0);
  });

  test("a shard of an ephemeral dictionary, until it would have ended", async () => {
    const dict = await fixture.createDict(store, {
      lifeMs: 1_000,
      data: [{ key: bytes("a"), value: bytes("1") }],
    });
    fixture.clock.advanceMs(900);
    await store.extendDict(dict.id, fixture.clock() + 1_000);
    await removeKeys("d:");
    fixture.clock.advanceMs(999);
    const calls: (() => unknown)[] = [
      () => store.get(dict.id, bytes("a")),
      () => store.len(dict.id),
      () => store.extendDict(dict.id, fixture.clock() + 1_000),
      () => store.getDict(dict.id),
    ];
    for (const call of calls)
      await expect(Promise.resolve(call())).rejects.toMatchObject({ code: "data_loss" });
    expect(store.counters().dataLoss).toBe(calls.length);
    fixture.clock.advanceMs(1);
    await expect(store.get(dict.id, bytes("a"))).rejects.toMatchObject({ code: "dict_not_found" });
    expect(await store.getDict(dict.id)).toBeUndefined();
    expect(await store.sweep(100)).toEqual({ removed: 1, more: false });
    expect(store.counters().dataLoss).toBe(calls.length);
  });

  test("the list of environments: nobody begins anew over it", async () => {
    await removeKeys("E:");
    await expect(store.listEnvironments()).rejects.toMatchObject({ code: "data_loss" });
    await expect(store.findEnvironment("main")).rejects.toMatchObject({ code: "data_loss" });
    await expect(store.createEnvironment("en-new", "main")).rejects.toMatchObject({ code: "data_loss" });
    await expect(fixture.open()).rejects.toMatchObject({ code: "data_loss" });
  });

  test("everything that a server alone had, also once somebody began anew on it", async () => {
    const warnings: string[] = [];
    const lost = await fixture.open({ onWarning: (message) => warnings.push(message) });
    const dict = await fixture.createDict(lost, { name: "jobs" });
    const request = { environmentId: fixture.environmentId, name: "new", createdBy: "somebody", data: [] };
    const calls: (() => unknown)[] = [
      () => lost.get(dict.id, bytes("a")),
      () => lost.contains(dict.id, bytes("a")),
      () => lost.update(dict.id, [{ key: bytes("a"), value: bytes("1") }]),
      () => lost.putIfAbsent(dict.id, bytes("a"), bytes("1")),
      () => lost.pop(dict.id, bytes("a")),
      () => lost.len(dict.id),
      () => lost.clear(dict.id),
      () => lost.contents(dict.id, { keys: true, values: true })[Symbol.asyncIterator]().next(),
      () => lost.getDict(dict.id),
      () => lost.get("di-0000000000000000000000", bytes("a")),
      () => lost.deleteDict(dict.id),
      () => lost.findDict(fixture.environmentId, "jobs"),
      () => lost.listDicts({ environmentId: fixture.environmentId }),
      () => lost.findEnvironment("main"),
      () => lost.listEnvironments(),
      () => lost.createEnvironment(fixture.environmentId, "main"),
      () => lost.createDict({ ...request, id: "di-new", expiry: { policy: "never" } }),
    ];
    await fixture.command("FLUSHALL");
    for (const call of calls)
      await expect(Promise.resolve(call())).rejects.toMatchObject({ code: "data_loss" });
    expect(warnings.join("\n")).toContain("the list of environments is missing from the cluster");
    // Another process finds nothing at all, and begins anew; who saw what was there goes on saying so.
    const anew = await fixture.open();
    await fixture.createDict(anew, { name: "others" });
    const absences = calls.slice(0, -2);
    for (const call of absences)
      await expect(Promise.resolve(call())).rejects.toMatchObject({ code: "data_loss" });
    expect(await anew.findDict(fixture.environmentId, "jobs")).toBeUndefined();
    expect(warnings.length).toBeLessThan(5);
  });
});
