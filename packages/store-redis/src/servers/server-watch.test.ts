// Settings that are changed under a running store: seen by time, said, and answered as if it had been started so.
import { redisIsSetUp } from "@everdict/testkit";
import { describe, expect, test, vi } from "vitest";
import type { RedisStoreOptions } from "../store/redis-options.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

const waiting = { timeout: 10_000, interval: 20 };
const entries = [{ key: bytes("a"), value: bytes("1") }];

describe.skipIf(!redisIsSetUp())("settings that stop keeping the promise while a store is open", () => {
  let fixture: StoreFixture;
  onSingleServer((world) => {
    ({ fixture } = world);
  });

  async function openWatched(options: Partial<RedisStoreOptions> = {}) {
    const warnings: string[] = [];
    const store = await fixture.open({
      recheckMs: 30,
      onWarning: (message) => warnings.push(message),
      ...options,
    });
    return { store, warnings };
  }

  const outcomeOf = (call: () => Promise<unknown>): Promise<string> =>
    call().then(
      () => "done",
      (error) => error.code,
    );

  test.each([
    ["maxmemory-policy", "allkeys-lru", "noeviction"],
    ["maxmemory-policy", "volatile-ttl", "noeviction"],
    ["appendonly", "no", "yes"],
    ["appendfsync", "no", "everysec"],
  ])("%s becomes '%s': writes are refused with conflict until it is '%s'", async (name, bad, good) => {
    const { store, warnings } = await openWatched();
    expect(store.health!().serversProblem).toBeUndefined();
    const dict = await fixture.createDict(store, { name: "jobs", data: entries });
    await fixture.command("CONFIG", "SET", name, bad);
    try {
      await vi.waitFor(async () => {
        expect(await outcomeOf(() => store.update(dict.id, entries))).toBe("conflict");
      }, waiting);
      const writes: (() => Promise<unknown>)[] = [
        () => store.putIfAbsent(dict.id, bytes("b"), bytes("2"), { idempotencyKey: "t" }),
        () => store.pop(dict.id, bytes("a")),
        () => store.clear(dict.id),
        () => fixture.createDict(store),
      ];
      for (const write of writes) expect(await outcomeOf(write)).toBe("conflict");
      await expect(store.update(dict.id, entries)).rejects.toThrow(name);
      // What is there can be read.
      expect(text(await store.get(dict.id, bytes("a")))).toBe("1");
      expect(await store.len(dict.id)).toBe(1);
      expect(warnings.filter((warning) => warning.includes(`${name} is '${bad}'`))).toHaveLength(1);
      expect(store.health!().serversProblem).toContain(name);
      // Nor can a store be opened now.
      await expect(fixture.open()).rejects.toMatchObject({ code: "conflict" });
    } finally {
      await fixture.command("CONFIG", "SET", name, good);
    }
    await vi.waitFor(async () => {
      expect(await outcomeOf(() => store.update(dict.id, entries))).toBe("done");
    }, waiting);
    expect(warnings.at(-1)).toContain("no longer so");
    expect(store.health!().serversProblem).toBeUndefined();
  });

  test("are only said to one that was told to go on whatever they are", async () => {
    const { store, warnings } = await openWatched({ allowUnsafe: true });
    const dict = await fixture.createDict(store, { name: "jobs" });
    await fixture.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    try {
      await vi.waitFor(() => expect(store.health!().serversProblem).toBeDefined(), waiting);
      expect(warnings.join("\n")).toContain("maxmemory-policy");
      await store.update(dict.id, entries);
    } finally {
      await fixture.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    }
    await vi.waitFor(() => expect(store.health!().serversProblem).toBeUndefined(), waiting);
  });

  test("a mark in a far slot that is gone is said, counted and made again", async () => {
    const { store, warnings } = await openWatched();
    const marks = await fixture.keys("I:");
    expect(marks).toHaveLength(8);
    await fixture.command("DEL", marks[3]!);
    await vi.waitFor(async () => expect(await fixture.keys("I:")).toEqual(marks), waiting);
    expect(warnings.join("\n")).toMatch(/a mark in slot \d+ is missing from the cluster/);
    expect(store.counters().dataLoss).toBe(1);
  });

  test("that everything is gone is said without a call that meets it", async () => {
    const { store, warnings } = await openWatched();
    await store.listEnvironments();
    await fixture.command("FLUSHALL");
    await vi.waitFor(
      () => expect(warnings.join("\n")).toContain("the list of environments is missing"),
      waiting,
    );
    expect(store.counters().dataLoss).toBeGreaterThan(0);
  });
});
