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
