// Calls on many entries: what they send, what they hold in memory, and what a repeat does.
import { bulkAnswerBytes } from "@everdict/store";
import { type RedisServer, redisCommand, redisIsSetUp } from "@everdict/testkit";
import { describe, expect, test } from "vitest";
import { removeManyScript } from "../scripts/bulk-scripts.ts";
import type { RedisStore } from "../store/redis-store.ts";
import { CuttingProxy } from "../testing/cutting-proxy.ts";
import { onSingleServer } from "../testing/single-server.ts";
import { bytes, type StoreFixture, text } from "../testing/store-fixture.ts";

const keyAt = (index: number) => bytes(`key ${index}`);
const numbered = (count: number, value = "value") =>
  Array.from({ length: count }, (_, index) => ({ key: keyAt(index), value: bytes(`${value} ${index}`) }));

describe.skipIf(!redisIsSetUp())("calls on many entries", () => {
  let server: RedisServer;
  let fixture: StoreFixture;
  let store: RedisStore;
  onSingleServer((world) => {
    ({ server, fixture, store } = world);
  });

  const scriptsRun = async (): Promise<number> => {
    const statistics = await redisCommand(server.port, "INFO", "commandstats");
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(statistics)?.[1] ?? 0);
  };

  describe("getMany", () => {
    test("asks each shard once, and answers in the order of the keys", async () => {
      const dict = await fixture.createDict(store, { data: numbered(1_000) });
      const keys = Array.from({ length: 1_200 }, (_, index) => keyAt((index * 7) % 1_200));
      const before = await scriptsRun();
      const values = await store.getMany(dict.id, keys);
      expect((await scriptsRun()) - before).toBe(16);
      expect(values.map(text)).toEqual(
        keys.map((_, index) => ((index * 7) % 1_200 < 1_000 ? `value ${(index * 7) % 1_200}` : undefined)),
      );
    });

    test("answers the first values up to the limit, whatever shards they are in", async () => {
      const value = new Uint8Array(200 * 1024).fill(7);
      const dict = await fixture.createDict(store);
      await store.update(
        dict.id,
        Array.from({ length: 100 }, (_, index) => ({ key: keyAt(index), value })),
      );
      const keys = Array.from({ length: 100 }, (_, index) => keyAt(index));
      const values = await store.getMany(dict.id, keys);
      expect(values).toHaveLength(Math.floor(bulkAnswerBytes / value.length));
      expect(values.every((one) => one !== undefined && Buffer.from(one).equals(value))).toBe(true);
    });

    test("answers a large value alone, and gives room back", async () => {
      const large = new Uint8Array(9 * 1024 * 1024).fill(5);
      const dict = await fixture.createDict(store, { data: numbered(3) });
      await store.update(dict.id, [{ key: bytes("large"), value: large }]);
      let held = 0;
      let most = 0;
      const room = {
        reserve: (count: number) => {
          held += count;
          most = Math.max(most, held);
          return undefined;
        },
        release: (count: number) => {
          held -= count;
        },
      };
      const keys = [keyAt(0), bytes("large"), keyAt(1)];
      expect((await store.getMany(dict.id, keys, room)).map(text)).toEqual(["value 0"]);
      expect(most).toBe(0);
      const [first, ...others] = await store.getMany(dict.id, keys.slice(1), room);
      expect(Buffer.from(first!).equals(large)).toBe(true);
      expect(others).toEqual([]);
      expect({ most, held }).toEqual({ most: large.length, held: 0 });
    });

    test("of a dictionary that is not there is dict_not_found, with and without keys", async () => {
      const dict = await fixture.createDict(store);
      expect(await store.getMany(dict.id, [])).toEqual([]);
      await store.deleteDict(dict.id);
      for (const keys of [[], [keyAt(0)]])
        await expect(store.getMany(dict.id, keys)).rejects.toMatchObject({ code: "dict_not_found" });
    });
  });

  describe("removeMany", () => {
    test("counts each live entry once, also at a repeat through another node", async () => {
      const dict = await fixture.createDict(store, { data: numbered(3_000) });
      const keys = [...numbered(2_500).map(({ key }) => key), keyAt(0), bytes("none")];
      const options = { idempotencyKey: "one", caller: "somebody" };
      expect(await store.removeMany(dict.id, keys, options)).toBe(2_500);
      await store.update(dict.id, numbered(2_500));
      const other = await fixture.open();
      expect(await other.removeMany(dict.id, keys, options)).toBe(2_500);
      expect(await store.removeMany(dict.id, keys, options)).toBe(2_500);
      expect(await store.len(dict.id)).toBe(3_000);
      await expect(store.removeMany(dict.id, keys.slice(1), options)).rejects.toMatchObject({
        code: "conflict",
      });
      store.forgetAnswers?.("removeMany", dict.id, ["one"]);
      await expect.poll(() => fixture.keys("t:")).toEqual([]);
      expect(await store.removeMany(dict.id, keys)).toBe(2_500);
      expect(await store.len(dict.id)).toBe(500);
    });

    test.each([undefined, "removeMany"])(
      "is exact though replies are lost (idempotency key: %s)",
      async (name) => {
        const proxy = await CuttingProxy.start(server.port);
        try {
          const behind = await fixture.open({ servers: [proxy.address] });
          const dict = await fixture.createDict(behind);
          const data = numbered(100);
          for (let round = 0; round < 10; round++) {
            await behind.update(dict.id, data);
            proxy.cutOnly = removeManyScript.sha;
            proxy.cutsLeft = 1 + (round % 3);
            const options = name === undefined ? {} : { idempotencyKey: `${name} ${round}` };
            expect(
              await behind.removeMany(
                dict.id,
                data.map(({ key }) => key),
                options,
              ),
            ).toBe(100);
            expect(proxy.cutsLeft).toBe(0);
          }
          await behind.close();
        } finally {
          await proxy.stop();
        }
      },
    );

    test("leaves expired entries to the sweep", async () => {
      const expiry = { policy: "afterWrite", ttlMs: 1_000 } as const;
      const dict = await fixture.createDict(store, { expiry, data: numbered(10) });
      fixture.clock.advanceMs(1_000);
      await store.update(dict.id, numbered(4));
      expect(
        await store.removeMany(
          dict.id,
          numbered(10).map(({ key }) => key),
        ),
      ).toBe(4);
      expect(await store.len(dict.id)).toBe(6);
    });

    test("frees the memory of large values at once", async () => {
      const dict = await fixture.createDict(store, { data: numbered(10) });
      const value = new Uint8Array(300 * 1024);
      await store.update(
        dict.id,
        ["x", "y", "z"].map((name) => ({ key: bytes(name), value })),
      );
      expect(await fixture.keys("b:")).toHaveLength(3);
      expect(await store.removeMany(dict.id, ["x", "y"].map(bytes))).toBe(2);
      await expect.poll(() => fixture.keys("b:")).toHaveLength(1);
      expect(await store.get(dict.id, bytes("z"))).toHaveLength(value.length);
    });
  });

  test("getMany goes on asking for shares of large entries after a read of absent and of small keys", async () => {
    const one = await fixture.open({ shards: 1 });
    const value = new Uint8Array(200 * 1024);
    const large = Array.from({ length: 64 }, (_, index) => ({ key: bytes(`large ${index}`), value }));
    const dict = await fixture.createDict(one, { data: [...large, ...numbered(1)] });
    const keys = large.map(({ key }) => key);
    await one.getMany(dict.id, keys.slice(0, 8));
    await one.getMany(
      dict.id,
      keys.map((key) => bytes(`no ${text(key)}`)),
    );
    await one.getMany(dict.id, [numbered(1)[0]!.key]);
    const before = await scriptsRun();
    await one.getMany(dict.id, keys);
    expect(await scriptsRun()).toBeGreaterThan(before);
  });

  test("contents with a match has every byte stand for itself", async () => {
    const key = (byte: number, index: number) => Uint8Array.of(97, byte, index & 255, index >> 8, byte);
    const data = Array.from({ length: 256 * 12 }, (_, index) => ({
      key: key(index & 255, index >> 8),
      value: Uint8Array.of(index & 255),
    }));
    const one = await fixture.open({ shards: 1 });
    const dict = await fixture.createDict(one, { data });
    for (let byte = 0; byte < 256; byte++) {
      const match = [
        [
          { offset: 1, bytes: Uint8Array.of(byte) },
          { offset: 4, bytes: Uint8Array.of(byte) },
        ],
      ];
      const found: number[] = [];
      for await (const batch of one.contents(dict.id, { keys: true, values: true, match })) {
        for (const entry of batch) {
          expect(entry.key[1]).toBe(entry.value[0]);
          found.push(entry.key[1]!);
        }
      }
      expect(found).toEqual(Array.from({ length: 12 }, () => byte));
    }
  });

  test("stats counts as len does", async () => {
    const dict = await fixture.createDict(store, { data: numbered(100) });
    expect(await store.stats(dict.id)).toEqual({ entries: 100, bytes: undefined });
  });
});
