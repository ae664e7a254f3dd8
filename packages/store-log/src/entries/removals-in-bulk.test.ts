import { expect, test } from "vitest";
import { asKilled, dictId, get, openWithDict, put, temporaryDirectory } from "../testing/small-store.ts";

const keysOf = (...names: string[]) => names.map((name) => Buffer.from(name));

test("a repeat gets the count of the first call, after a kill too, and removes nothing", async () => {
  const directory = temporaryDirectory();
  const store = await openWithDict(directory);
  for (const name of ["a", "b", "c"]) await put(store, name, "1");
  const keys = keysOf("a", "missing", "b", "a");
  const idempotencyKey = "one";
  expect(await store.removeMany(dictId, keys, { idempotencyKey })).toBe(2);
  await put(store, "a", "2");
  expect(await store.removeMany(dictId, keys, { idempotencyKey })).toBe(2);
  const again = await openWithDict(asKilled(directory));
  expect(await again.removeMany(dictId, keys, { idempotencyKey })).toBe(2);
  expect([await get(again, "a"), await get(again, "b"), await get(again, "c")]).toEqual([
    "2",
    undefined,
    "1",
  ]);
  const others = again.removeMany(dictId, keysOf("c"), { idempotencyKey });
  await expect(others).rejects.toMatchObject({ code: "conflict" });
  expect(await again.removeMany(dictId, keysOf("missing"), { idempotencyKey: "none" })).toBe(0);
  await put(again, "missing", "1");
  expect(await again.removeMany(dictId, keysOf("missing"), { idempotencyKey: "none" })).toBe(0);
});

test("the keys are the caller's again at once, and later calls see the removal before it is durable", async () => {
  const store = await openWithDict(temporaryDirectory());
  const keys = Array.from({ length: 100 }, (_, index) => Buffer.from(`key-${index}`));
  await store.update(
    dictId,
    keys.map((key) => ({ key, value: key })),
  );
  const first = store.removeMany(dictId, keys);
  const second = store.removeMany(dictId, keys);
  const popped = store.pop(dictId, keys[0]!);
  for (const key of keys) key.fill(0);
  expect([await first, await second, await popped, store.len(dictId)]).toEqual([100, 0, undefined, 0]);
});
