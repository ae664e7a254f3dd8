// The limit on memory: past it writes are refused and change nothing, and everything else goes on.
import { expect, test } from "vitest";
import { TableOnly } from "../testing/key-tables.ts";
import { dictId, get, openWithDict, put, temporaryDirectory } from "../testing/small-store.ts";
import { ValueCache } from "./value-cache.ts";

const mib = 2 ** 20;

async function filled() {
  const store = await openWithDict(temporaryDirectory(), { memoryMaxBytes: 4 * mib });
  let count = 0;
  const refusal = await (async () => {
    for (; count < 1_000_000; count += 1000) {
      const entries = Array.from({ length: 1000 }, (_, index) => ({
        key: Buffer.from(`key-${count + index}`),
        value: Buffer.alloc(100, 1),
      }));
      await store.update(dictId, entries);
    }
    return undefined;
  })().catch((error: unknown) => error);
  return { store, count, refusal };
}

test("past the limit writes are refused with the figures, and change nothing", async () => {
  const { store, count, refusal } = await filled();
  expect(refusal).toMatchObject({ code: "store_full" });
  expect((refusal as Error).message).toMatch(/take \d+ bytes of memory, the limit is 4194304$/);
  // Values made room for keys before anything was refused.
  expect(count).toBeGreaterThan(25_000);
  expect(await store.len(dictId)).toBe(count);
  await expect(put(store, "one more", "1")).rejects.toMatchObject({ code: "store_full" });
  await expect(store.putIfAbsent(dictId, Buffer.from("x"), Buffer.from("1"))).rejects.toMatchObject({
    code: "store_full",
  });
  const touch = { kind: "touch", key: Buffer.from("key-0"), ttlMs: 60_000 } as const;
  const touched = store.commit(dictId, { conditions: [], changes: [touch] });
  await expect(touched).rejects.toMatchObject({ code: "store_full" });
  expect(await store.len(dictId)).toBe(count);
});

test("reads, pops and clears go on, and then writes do", async () => {
  const { store, count } = await filled();
  expect(await get(store, "key-0")).toBe("\u0001".repeat(100));
  expect(await store.pop(dictId, Buffer.from("key-1"))).toHaveLength(100);
  let seen = 0;
  for await (const batch of store.contents(dictId, { keys: true, values: true })) seen += batch.length;
  expect(seen).toBe(count - 1);
  await store.clear(dictId);
  await expect
    .poll(() =>
      put(store, "again", "1").then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  expect(await get(store, "again")).toBe("1");
});

test("keys that go here and there, and give no page back, make room for others; what is read takes none", async () => {
  const { store, count } = await filled();
  const removed: Promise<unknown>[] = [];
  for (let number = 0; number < count; number += 3) {
    removed.push(store.pop(dictId, Buffer.from(`key-${number}`)));
  }
  await Promise.all(removed);
  for (let number = 1; number < count; number += 3) await get(store, `key-${number}`);
  for (let number = 0; number < count / 2; number += 3) await put(store, `key-${number}`, "1");
  expect(store.len(dictId)).toBeGreaterThan(0.8 * count);
});

test("values that are read do not take memory past the limit", () => {
  const cache = new ValueCache(64 * mib);
  const only = new TableOnly(cache, undefined, 4 * mib);
  for (let number = 0; number < 40_000; number++) {
    const state = only.put(Buffer.from(`key-${number}`), undefined, 1000);
    cache.admit(state, Buffer.alloc(1000), 0);
    expect(only.memory.usedBytes).toBeLessThanOrEqual(4 * mib + 2000);
  }
  expect(cache.bytes).toBeLessThan(mib);
});

test("the records that moved ends take memory, as long as their entries are there", () => {
  const only = new TableOnly();
  const states = Array.from({ length: 100 }, (_, number) => only.put(Buffer.from(`key-${number}`), 1));
  const { usedBytes } = only.memory;
  const moveAll = () => {
    for (const state of states) only.moveEnd(state, 1);
  };
  moveAll();
  const { usedBytes: bytesMoved } = only.memory;
  expect(bytesMoved).toBeGreaterThanOrEqual(usedBytes + 100 * 112);
  moveAll();
  expect(only.memory.usedBytes).toBe(bytesMoved);
  for (let number = 0; number < 50; number++) only.put(Buffer.from(`key-${number}`), 1);
  expect(only.memory.usedBytes).toBe(bytesMoved - 50 * 112);
  for (const _ of only.table.discard());
  expect(only.memory.tableBytes).toBe(0);
});
