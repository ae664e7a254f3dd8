import { bulkAnswerBytes } from "@everdict/store";
import { expect, test } from "vitest";
import { dictId, openWithDict, temporaryDirectory } from "../testing/small-store.ts";

const keysOf = (count: number) => Array.from({ length: count }, (_, index) => Buffer.from(`key-${index}`));

test("values in memory are answered at once, in the order of their keys", async () => {
  const store = await openWithDict(temporaryDirectory());
  const keys = keysOf(100);
  await store.update(
    dictId,
    keys.filter((_, index) => index % 3 > 0).map((key) => ({ key, value: Buffer.from(`value of ${key}`) })),
  );
  const values = store.getMany(dictId, keys);
  expect(values).not.toBeInstanceOf(Promise);
  expect((await values).map((value) => value?.toString())).toEqual(
    keys.map((key, index) => (index % 3 > 0 ? `value of ${key}` : undefined)),
  );
});

test("large values at the log are read one after the other, each when there is room for it", async () => {
  const store = await openWithDict(temporaryDirectory(), { valueCacheMaxBytes: 0 });
  const keys = keysOf(5);
  const value = Buffer.alloc(bulkAnswerBytes / 4 - 100);
  for (const key of keys) await store.update(dictId, [{ key, value }]);
  let reserved = 0;
  let reservedMax = 0;
  const room = {
    reserve: async (bytes: number) => {
      reserved += bytes;
      reservedMax = Math.max(reservedMax, reserved);
    },
    release: (bytes: number) => {
      reserved -= bytes;
    },
  };
  const values = await store.getMany(dictId, keys, room);
  expect(values.map((each) => each?.length)).toEqual([
    value.length,
    value.length,
    value.length,
    value.length,
  ]);
  expect(reserved).toBe(0);
  expect(reservedMax).toBeLessThan(2 * value.length);
});

test("the keys belong to the caller again while values at the log are read", async () => {
  const store = await openWithDict(temporaryDirectory(), { valueCacheMaxBytes: 0 });
  const [long, two] = [Buffer.alloc(70_000, 1), Buffer.from("two")];
  await store.update(dictId, [
    { key: Buffer.from("key-0"), value: long },
    { key: Buffer.from("key-1"), value: two },
  ]);
  const keys = keysOf(2);
  const reading = store.getMany(dictId, keys);
  expect(reading).toBeInstanceOf(Promise);
  for (const key of keys) key.fill("x");
  const values = await reading;
  expect(values.map((value, index) => [long, two][index]!.equals(value!))).toEqual([true, true]);
});

test.each([
  ["values at the log", 1, 60_000, 0],
  ["keys", 256 * 1024, 1, 1024 * 1024],
])("few long %s let others have their turn", async (_, keyBytes, valueBytes, valueCacheMaxBytes) => {
  const store = await openWithDict(temporaryDirectory(), { valueCacheMaxBytes });
  const entries = Array.from({ length: 50 }, (_, nth) => ({
    key: Buffer.alloc(keyBytes, nth),
    value: Buffer.alloc(valueBytes, nth),
  }));
  await store.update(dictId, entries);
  const reading = store.getMany(
    dictId,
    entries.map(({ key }) => key),
  );
  expect(reading).toBeInstanceOf(Promise);
  const values = await reading;
  expect(entries.every(({ value }, index) => value.equals(values[index]!))).toBe(true);
});

test("many values at the log let others have their turn, and a store that is closed meanwhile says so", async () => {
  const store = await openWithDict(temporaryDirectory(), { valueCacheMaxBytes: 0 });
  const keys = keysOf(5000);
  await store.update(
    dictId,
    keys.map((key) => ({ key, value: key })),
  );
  let turns = 0;
  let isDone = false;
  const turn = () => {
    turns++;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  expect(await store.getMany(dictId, keys)).toEqual(keys);
  isDone = true;
  expect(turns).toBeGreaterThan(1);
  const reading = store.getMany(dictId, keys);
  void store.close();
  await expect(reading).rejects.toMatchObject({ code: "store_closed" });
});
