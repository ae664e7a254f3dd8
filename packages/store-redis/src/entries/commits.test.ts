// What is particular to commits on a cluster: shards, large values, entries of earlier versions, several nodes, replies
// that do not arrive.
import type { Change, CommitOutcome, Condition } from "@everdict/protocol";
import { type RedisServer, redisCommand, redisIsSetUp } from "@everdict/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RedisStore } from "../store/redis-store.ts";
import { CuttingProxy } from "../testing/cutting-proxy.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

const key = bytes("a");
/** The int 1 as CPython pickles it. */
const one = Uint8Array.from([0x80, 4, 0x4b, 1, 0x2e]);
/** The int 0 in the form `LONG4`. */
const wide = Uint8Array.from([0x80, 4, 0x8b, 1, 0, 0, 0, 0, 0x2e]);
const large = new Uint8Array(700_000).map((_, index) => index % 251);

function put(name: string, value: Uint8Array, ttlMs?: number | null): Change {
  return { kind: "put", key: bytes(name), value, ttlMs };
}

function add(name: string, by = one): Change {
  return { kind: "add", key: bytes(name), by };
}

function versions(outcome: CommitOutcome): readonly (string | undefined)[] {
  return outcome.committed ? outcome.results.map(({ version }) => version) : [];
}

describe.skipIf(!redisIsSetUp())("a commit", () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let store: RedisStore;
  let dictId: string;
  onSingleServer((world) => {
    ({ server, fixture, store } = world);
  });
  beforeEach(async () => {
    dictId = (await fixture.createDict(store, { shards: 1 })).id;
  });

  const commit = (
    changes: readonly Change[],
    conditions: readonly Condition[] = [],
    idempotencyKey?: string,
  ) => store.commit(dictId, { conditions, changes }, idempotencyKey === undefined ? {} : { idempotencyKey });
  const chunks = async (): Promise<number> => (await fixture.keys("b:")).length;
  const scriptsRun = async (): Promise<number> => {
    const statistics = await redisCommand(server.port, "INFO", "commandstats");
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(statistics)?.[1] ?? 0);
  };

  describe("of keys in several shards", () => {
    test("is unsupported before anything is sent, and says what helps", async () => {
      const spread = await fixture.createDict(store, { shards: 4 });
      await store.len(spread.id);
      const names = Array.from({ length: 16 }, (_, number) => `${number}`);
      const before = await scriptsRun();
      const condition = { key: bytes("0"), expected: "absent" } as const;
      const requests = [
        { conditions: [], changes: names.map((name) => put(name, one)) },
        { conditions: names.map((name) => ({ ...condition, key: bytes(name) })), changes: [] },
        { conditions: [condition], changes: names.slice(1).map((name) => add(name)) },
      ];
      for (const request of requests) {
        const failing = store.commit(spread.id, request, { idempotencyKey: "spread" });
        await expect(failing).rejects.toMatchObject({
          code: "unsupported",
          message: expect.stringMatching(/4 shards.*`shards: 1`.*one by one/),
        });
      }
      expect(await scriptsRun()).toBe(before);
      for (const name of names) {
        const outcome = await store.commit(spread.id, { conditions: [], changes: [put(name, one)] });
        expect(outcome.committed).toBe(true);
      }
      expect(await store.len(spread.id)).toBe(16);
    });

    test("is made whole in a dictionary of one shard, up to the largest script", async () => {
      const changes = Array.from({ length: 999 }, (_, number) => put(`${number}`, bytes(`${number}`)));
      const outcome = await commit(changes, [{ key, expected: "absent" }]);
      expect(new Set(versions(outcome)).size).toBe(999);
      expect(await store.len(dictId)).toBe(999);
      expect(text(await store.get(dictId, bytes("998")))).toBe("998");
      // Large values are not in the script.
      const values = [...Array(32).fill(new Uint8Array(255 * 1024)), large, large, large];
      await commit(values.map((value, number) => put(`v${number}`, value)));
      expect(await store.len(dictId)).toBe(999 + 35);
    });

    test("is refused before anything is sent if it is too much for one script", async () => {
      await store.len(dictId);
      const before = await scriptsRun();
      const changes = Array.from({ length: 500 }, (_, number) => put(`${number}`, one));
      const conditions = Array.from({ length: 501 }, (_, number): Condition => {
        return { key: bytes(`${number}`), expected: "absent" };
      });
      await expect(commit(changes, conditions)).rejects.toMatchObject({
        code: "too_many_entries",
        message: expect.stringMatching(/1001.*1000/),
      });
      const values = Array.from({ length: 33 }, (_, number) => put(`${number}`, new Uint8Array(256 * 1024)));
      await expect(commit(values)).rejects.toMatchObject({
        code: "request_too_large",
        message: expect.stringMatching(/86\d{5} bytes.*8388608/),
      });
      expect(await scriptsRun()).toBe(before);
    });
  });

  describe("with a large value", () => {
    test("writes it, writes over it, and leaves no chunks", async () => {
      const [first] = versions(await commit([put("a", large), put("b", large)]));
      expect((await store.entry(dictId, key))?.version).toBe(first);
      expect(Buffer.compare((await store.get(dictId, key))!, large)).toBe(0);
      expect(await chunks()).toBe(4);
      expect(await commit([put("a", bytes("small"))], [{ key, expected: first! }])).toMatchObject({
        committed: true,
      });
      await expect.poll(chunks).toBe(2);
      await commit([put("a", large), { kind: "remove", key: bytes("b") }]);
      await expect.poll(chunks).toBe(2);
      const moved = await commit([{ kind: "touch", key, ttlMs: 1_000 }]);
      expect(Buffer.compare((await store.get(dictId, key))!, large)).toBe(0);
      expect((await store.entry(dictId, key))?.version).toBe(versions(moved)[0]);
      fixture.clock.advanceMs(1_000);
      await commit([add("a")]);
      expect(await store.get(dictId, key)).toEqual(Buffer.from(one));
      fixture.clock.advanceMs(600_000);
      await store.sweep(100);
      await expect.poll(chunks).toBe(0);
    });

    test("that is refused changes nothing; its chunks end by themselves", async () => {
      await commit([put("a", large)]);
      const before = (await store.entry(dictId, key))!;
      const refused = await commit([put("a", new Uint8Array(large.length))], [{ key, expected: "absent" }]);
      expect(refused).toEqual({ committed: false, reason: "condition", index: 0, found: before.version });
      const after = (await store.entry(dictId, key))!;
      expect(after.version).toBe(before.version);
      expect(Buffer.compare(after.value, large)).toBe(0);
      for (const chunk of await fixture.keys("b:")) {
        const left = Number(await fixture.command("PTTL", chunk));
        expect(left === -1 || left > 3_500_000).toBe(true);
      }
    });

    test("is no number", async () => {
      await commit([put("a", large)]);
      expect(await commit([put("b", one), add("a")])).toMatchObject({ reason: "not_a_number", index: 1 });
      expect(await store.contains(dictId, bytes("b"))).toBe(false);
    });
  });

  describe("under an idempotency key", () => {
    test("is answered from the record by any node, also if it was refused", async () => {
      const other = await fixture.open();
      const absent = { key, expected: "absent" } as const;
      const request = { conditions: [absent], changes: [put("a", one), add("n"), put("large", large)] };
      const done = await store.commit(dictId, request, { idempotencyKey: "one" });
      const refused = await store.commit(dictId, request, { idempotencyKey: "two" });
      expect([done.committed, refused.committed]).toEqual([true, false]);
      await store.remove(dictId, key);
      for (const node of [other, store]) {
        expect(await node.commit(dictId, request, { idempotencyKey: "one" })).toEqual(done);
        expect(await node.commit(dictId, request, { idempotencyKey: "two" })).toEqual(refused);
      }
      expect(await store.contains(dictId, key)).toBe(false);
      const others = other.commit(dictId, { conditions: [], changes: [add("n")] }, { idempotencyKey: "one" });
      await expect(others).rejects.toMatchObject({ code: "conflict" });
    });

    test("counts against the memory for answers with all that is recorded", async () => {
      const small = await fixture.open({ recordedAnswersMaxBytes: 64 * 1024 });
      const changes = Array.from({ length: 1_000 }, (_, number) => put(`${number}`, one));
      const put1000 = (idempotencyKey: string) =>
        small.commit(dictId, { conditions: [], changes }, { idempotencyKey, caller: "somebody" });
      const outcomes = [];
      for (let number = 0; number < 8; number++)
        outcomes.push(await put1000(`${number}`).catch(({ code }) => code));
      expect(outcomes.at(-1)).toBe("overloaded");
      expect(await put1000("0")).toEqual(outcomes[0]);
      fixture.clock.advanceMs(20_000);
      expect(await put1000("8")).toMatchObject({ committed: true });
    });

    test("adds once, in either form of an int", async () => {
      await commit([put("wide", wide)]);
      for (const name of ["plain", "wide"]) {
        const sums = [];
        for (let repeat = 0; repeat < 3; repeat++) sums.push(await commit([add(name)], [], `to ${name}`));
        expect(sums[1]).toEqual(sums[0]);
        expect(sums[2]).toEqual(sums[0]);
      }
      expect((await store.get(dictId, bytes("plain")))!.at(-2)).toBe(1);
    });
  });

  test("of a number that only the node can add to counts every one of many at once", async () => {
    await commit([put("a", wide)]);
    await Promise.all(Array.from({ length: 32 }, () => commit([add("a")])));
    expect((await store.get(dictId, key))!.at(-2)).toBe(32);
  });

  describe("behind a proxy that loses replies", () => {
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

    test.each(["plain", "wide"])("adds exactly once each time (%s)", async (name) => {
      if (name === "wide") await commit([put(name, wide)]);
      for (let round = 1; round <= 20; round++) {
        proxy.cutsLeft = 1 + (round % 2);
        const outcome = await behind.commit(dictId, { conditions: [], changes: [add(name)] });
        expect(outcome).toMatchObject({ committed: true });
        expect((await store.get(dictId, bytes(name)))!.at(-2)).toBe(round);
      }
      expect(behind.counters().retries.lost).toBeGreaterThanOrEqual(20);
    });

    test("tells a compare-and-set that it was made, not that it lost against itself", async () => {
      let version = versions(await commit([put("a", one)]))[0]!;
      for (let round = 0; round < 10; round++) {
        proxy.cutsLeft = 1;
        const conditions = [{ key, expected: version }];
        const outcome = await behind.commit(dictId, { conditions, changes: [put("a", bytes(`${round}`))] });
        expect(outcome.committed).toBe(true);
        version = versions(outcome)[0]!;
      }
    });
  });

  describe("on an entry of an earlier version of Everdict", () => {
    const writeOld = async (name: string, value: Uint8Array): Promise<void> => {
      const [shard] = (await fixture.keys("d:")).filter((each) => each.includes(dictId));
      const script = "return redis.call('HSET', KEYS[1], 'k' .. ARGV[1], string.rep('\\0', 8) .. ARGV[2])";
      await fixture.command("EVAL", script, 1, shard!, name, Buffer.from(value).toString("latin1"));
    };

    test("finds its version, which a touch keeps and a write replaces", async () => {
      await writeOld("a", bytes("value"));
      const old = (await store.entry(dictId, key))!;
      expect(old).toMatchObject({ version: "f32b67c7e26342af", expiresAtMs: undefined });
      for (const ttlMs of [undefined, 60_000, 90_000]) {
        expect(versions(await commit([{ kind: "touch", key, ttlMs }]))).toEqual([old.version]);
        expect(await store.entry(dictId, key)).toMatchObject({
          version: old.version,
          expiresAtMs: ttlMs === undefined ? undefined : fixture.clock() + ttlMs,
        });
        expect(text(await store.get(dictId, key))).toBe("value");
      }
      const outcome = await commit([put("a", bytes("value"))], [{ key, expected: old.version }]);
      expect(versions(outcome)[0]).not.toBe(old.version);
      expect(await commit([put("a", one)], [{ key, expected: old.version }])).toMatchObject({ index: 0 });
    });

    test("adds, removes, pops, streams and sweeps it", async () => {
      await writeOld("n", bytes("K"));
      expect(await commit([add("n")])).toMatchObject({ reason: "not_a_number" });
      await writeOld("p", bytes("popped"));
      expect(text(await store.pop(dictId, bytes("p")))).toBe("popped");
      const found = await store.entry(dictId, bytes("n"));
      expect(versions(await commit([{ kind: "remove", key: bytes("n") }]))).toEqual([found?.version]);
      await writeOld("s", bytes("streamed"));
      for await (const batch of store.contents(dictId, { keys: true, values: true }))
        expect(batch.map(({ value }) => text(value))).toEqual(["streamed"]);
    });
  });

  test("of a foreign entry is data_loss, whatever it is to do", async () => {
    const [shard] = (await fixture.keys("d:")).filter((each) => each.includes(dictId));
    await fixture.command("HSET", shard!, "ka", "\u0007-------of another version");
    const calls: readonly (readonly [readonly Change[], readonly Condition[]])[] = [
      [[put("a", one)], []],
      [[{ kind: "remove", key }], []],
      [[{ kind: "touch", key }], []],
      [[add("a")], []],
      [[put("b", one)], [{ key, expected: "absent" }]],
      [[], [{ key, expected: "present" }]],
    ];
    for (const [changes, conditions] of calls)
      await expect(commit(changes, conditions)).rejects.toMatchObject({ code: "data_loss" });
    await expect(store.entry(dictId, key)).rejects.toMatchObject({ code: "data_loss" });
    expect(await store.contains(dictId, bytes("b"))).toBe(false);
  });
});
