// What stands under a name of ours and was not written by this version of Everdict is data_loss: seen, said and counted,
// never taken for absence nor for a value.
import { redisIsSetUp } from "@everdict/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { RedisStore } from "../store/redis-store.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

const key = bytes("a");

/** A change behind the store's back, and the calls that meet it. */
interface ForeignCase {
  readonly title: string;
  readonly change: (fixture: StoreFixture, dictId: string) => Promise<unknown>;
  readonly calls: (store: RedisStore, dictId: string, environmentId: string) => readonly (() => unknown)[];
}

const onEntry: ForeignCase["calls"] = (store, dictId) => [
  () => store.get(dictId, key),
  () => store.contains(dictId, key),
  () => store.putIfAbsent(dictId, key, key),
  () => store.contents(dictId, { keys: true, values: true })[Symbol.asyncIterator]().next(),
  () => store.pop(dictId, key),
];
const onShard: ForeignCase["calls"] = (store, dictId) => [
  ...onEntry(store, dictId, ""),
  () => store.update(dictId, [{ key, value: key }]),
  () => store.clear(dictId),
];

async function shardOf(fixture: StoreFixture): Promise<string> {
  const [shard] = await fixture.keys("d:");
  return shard!;
}

async function replace(fixture: StoreFixture, kind: string, ...command: string[]): Promise<void> {
  const [found] = await fixture.keys(kind);
  const [name, ...args] = command;
  await fixture.command("DEL", found!);
  await fixture.command(name!, found!, ...args);
}

const cases: readonly ForeignCase[] = [
  {
    title: "an entry that is shorter than a header",
    change: async (fixture) => fixture.command("HSET", await shardOf(fixture), "ka", "x"),
    calls: onEntry,
  },
  {
    title: "an entry of another kind",
    change: async (fixture) =>
      fixture.command("HSET", await shardOf(fixture), "ka", "\u0007-------of another version"),
    calls: onEntry,
  },
  {
    title: "a shard that is a string",
    change: (fixture) => replace(fixture, "d:", "SET", "theirs"),
    calls: onShard,
  },
  {
    title: "a shard that is a list",
    change: (fixture) => replace(fixture, "d:", "RPUSH", "theirs"),
    calls: onShard,
  },
  {
    title: "a shard of another format",
    change: async (fixture) =>
      fixture.command("HSET", await shardOf(fixture), "m", "\u0002-----------------------"),
    calls: onShard,
  },
  {
    title: "a shard whose meta field is cut off",
    change: async (fixture) => fixture.command("HSET", await shardOf(fixture), "m", "\u0001-"),
    calls: onShard,
  },
  {
    title: "a record that is no JSON",
    change: (fixture) => replace(fixture, "M:", "SET", "theirs"),
    calls: onShard,
  },
  {
    title: "a record of other content",
    change: (fixture) => replace(fixture, "M:", "SET", '{"name":"theirs"}'),
    calls: onShard,
  },
  {
    title: "a record whose expiry has no time to live",
    change: (fixture) => {
      const ids = { id: "di-1", environmentId: "en-1", name: "theirs", createdBy: "somebody" };
      const record = { ...ids, shards: 1, expiry: { policy: "afterWrite" } };
      return replace(fixture, "M:", "SET", JSON.stringify(record));
    },
    calls: onShard,
  },
  {
    title: "a record that is a hash",
    change: (fixture) => replace(fixture, "M:", "HSET", "name", "theirs"),
    calls: onShard,
  },
  {
    title: "a registry that is a string",
    change: (fixture) => replace(fixture, "r:", "SET", "theirs"),
    calls: (store, dictId, environmentId) => [
      () => store.findDict(environmentId, "jobs"),
      () => store.getDict(dictId),
      () => store.listDicts({ environmentId }),
    ],
  },
  {
    title: "a registry whose record is no JSON",
    change: async (fixture, dictId) => {
      const [registry] = await fixture.keys("r:");
      await fixture.command("HSET", registry!, `r${dictId}`, "theirs");
    },
    calls: (store, dictId, environmentId) => [
      () => store.findDict(environmentId, "jobs"),
      () => store.getDict(dictId),
      () => store.listDicts({ environmentId }),
    ],
  },
  {
    title: "a list of environments that is a string",
    change: (fixture) => replace(fixture, "E:", "SET", "theirs"),
    calls: (store) => [
      () => store.listEnvironments(),
      () => store.findEnvironment("main"),
      () => store.createEnvironment("en-new", "new"),
    ],
  },
  {
    title: "an environment that is no JSON",
    change: async (fixture) => {
      const [list] = await fixture.keys("E:");
      await fixture.command("HSET", list!, `e${fixture.environmentId}`, "theirs");
    },
    calls: (store) => [() => store.listEnvironments(), () => store.findEnvironment("main")],
  },
  {
    title: "an environment without a creation time",
    change: async (fixture) => {
      const [list] = await fixture.keys("E:");
      const record = { id: fixture.environmentId, name: "theirs", webSuffix: "", nonce: "n" };
      await fixture.command("HSET", list!, `e${fixture.environmentId}`, JSON.stringify(record));
    },
    calls: (store) => [() => store.listEnvironments(), () => store.findEnvironment("main")],
  },
];

describe.skipIf(!redisIsSetUp())("what another program or version wrote under our names is data_loss", () => {
  let fixture: StoreFixture;
  let dictId: string;
  let warnings: string[];
  onSingleServer((world) => {
    ({ fixture } = world);
  });
  beforeEach(async () => {
    warnings = [];
    const data = [{ key, value: bytes("1") }];
    const store = await fixture.open({ shards: 1 });
    dictId = (await fixture.createDict(store, { name: "jobs", data })).id;
  });

  test.each(cases.map((each) => [each.title, each] as const))("%s", async (_, { change, calls }) => {
    // It knows nothing of the dictionary yet.
    const store = await fixture.open({ onWarning: (message) => warnings.push(message) });
    await change(fixture, dictId);
    for (const [index, call] of calls(store, dictId, fixture.environmentId).entries()) {
      const outcome = await Promise.resolve()
        .then(call)
        .then(
          (answer) => `answered ${JSON.stringify(answer)}`,
          (error) => error.code,
        );
      expect(`call ${index}: ${outcome}`).toBe(`call ${index}: data_loss`);
    }
    expect(store.counters().foreignRecords).toBeGreaterThan(0);
    expect(warnings.join("\n")).toContain("is not what this version of Everdict writes");
    expect(warnings.join("\n")).not.toContain("theirs");
  });

  test("entries beside a foreign one are read and written as before", async () => {
    const store = await fixture.open();
    await fixture.command("HSET", await shardOf(fixture), "kb", "x");
    expect(text(await store.get(dictId, key))).toBe("1");
    await expect(store.get(dictId, bytes("b"))).rejects.toMatchObject({ code: "data_loss" });
    // To write over it is how it is accepted.
    await store.update(dictId, [{ key: bytes("b"), value: bytes("2") }]);
    expect(text(await store.get(dictId, bytes("b")))).toBe("2");
  });

  test("a schedule item of another version stops no sweep", async () => {
    const store = await fixture.open({ onWarning: (message) => warnings.push(message) });
    const [registry] = await fixture.keys("r:");
    await fixture.command("ZADD", registry!.replace("r:{", "a:{"), 1, "zof another version");
    const ephemeral = await fixture.createDict(store, { lifeMs: 1_000 });
    fixture.clock.advanceMs(2_000);
    expect((await store.sweep(100)).removed).toBe(1);
    expect(await store.getDict(ephemeral.id)).toBeUndefined();
    expect(warnings.join("\n")).toContain("schedule");
  });

  test("but an answer that an older version recorded, without a digest, answers whatever the arguments are", async () => {
    const store = await fixture.open();
    await store.putIfAbsent(dictId, bytes("lock"), bytes("1"), { idempotencyKey: "t" });
    const [record] = await fixture.keys("t:");
    const write = "return redis.call('SET', KEYS[1], string.rep('\\0', 6) .. '1', 'PX', 60000)";
    await fixture.command("EVAL", write, 1, record!);
    // It recorded nothing itself.
    const fresh = await fixture.open();
    expect(await fresh.putIfAbsent(dictId, bytes("lock"), bytes("2"), { idempotencyKey: "t" })).toBe(true);
    expect(text(await fresh.get(dictId, bytes("lock")))).toBe("1");
  });
});
