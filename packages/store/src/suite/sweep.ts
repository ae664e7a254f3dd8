import assert from "node:assert/strict";
import { idempotencyRetentionMs } from "@everdict/protocol";
import { entry, numberedEntries } from "./bytes.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const expiry = { policy: "afterWrite", ttlMs: 1_000 } as const;

/** What sweep() removes, how much at a time, and what it leaves. */
export function sweepSuite(suite: Suite): void {
  suite.describe("sweep", () => {
    suite.test("removes nothing while nothing is due", async (world) => {
      await world.createDict({ data: numberedEntries(10) });
      const dict = await world.createDict({ expiry, data: numberedEntries(10) });
      await world.createEphemeral(1_000);
      world.advance(999);
      assert.deepEqual(await world.store.sweep(100), { removed: 0, more: false });
      assert.equal(await dict.len(), 10);
    });
    suite.test("removes expired entries and says how many", async (world) => {
      const dict = await world.createDict({ expiry, data: numberedEntries(10) });
      world.advance(500);
      await dict.put("k3", "renewed");
      await dict.put("later", "1");
      world.advance(500);
      assert.deepEqual(await world.store.sweep(100), { removed: 9, more: false });
      assert.equal(await dict.len(), 2);
      assert.deepEqual(await dict.pairs(), [
        ["k3", "renewed"],
        ["later", "1"],
      ]);
    });
    suite.test("removes at most so many at a time, and says whether more is due", async (world) => {
      const dict = await world.createDict({ expiry, data: numberedEntries(25) });
      world.advance(1_000);
      assert.deepEqual(await world.store.sweep(10), { removed: 10, more: true });
      assert.equal(await dict.len(), 15);
      assert.deepEqual(await world.store.sweep(10), { removed: 10, more: true });
      assert.deepEqual(await world.store.sweep(10), { removed: 5, more: false });
      assert.deepEqual(await world.store.sweep(10), { removed: 0, more: false });
    });
    suite.test("goes over all dictionaries", allDictionaries);
    suite.test("removes anonymous dictionaries past their end, each counted once", ephemerals);
    suite.test("does not remove what was written or extended while it runs", whileWriting);
    suite.test("forgets expiries of entries that were popped, cleared or deleted", forgotten);
    suite.test("does not count recorded answers", async (world) => {
      const dict = await world.createDict();
      for (let index = 0; index < 30; index++) await dict.pop("a", { idempotencyKey: `key ${index}` });
      world.advance(idempotencyRetentionMs);
      assert.equal(await world.sweepAll(), 0);
      assert.equal(await dict.putIfAbsent("a", "1", { idempotencyKey: "another" }), true);
    });
    suite.test("copes with 20,000 entries due at once, in parts", async (world) => {
      const dict = await world.createDict({ expiry });
      await world.store.update(dict.id, numberedEntries(10_000, "first"));
      await world.store.update(dict.id, numberedEntries(10_000, "second"));
      world.advance(1_000);
      await dict.put("live", "1");
      assert.equal(await world.sweepAll(), 20_000);
      assert.deepEqual(await dict.pairs(), [["live", "1"]]);
    });
  });
}

async function allDictionaries(world: World): Promise<void> {
  const dev = await world.createEnvironment("dev");
  const dicts = [];
  for (let index = 0; index < 12; index++) {
    const environmentId = index % 2 === 0 ? dev : world.environmentId;
    const policy = { ...expiry, ttlMs: index < 6 ? 1_000 : 2_000 };
    dicts.push(await world.createDict({ environmentId, expiry: policy, data: numberedEntries(5) }));
  }
  world.advance(1_000);
  assert.equal(await world.sweepAll(), 30);
  const lengths = await Promise.all(dicts.map((dict) => dict.len()));
  assert.deepEqual(lengths, [...Array(6).fill(0), ...Array(6).fill(5)]);
  world.advance(1_000);
  assert.equal(await world.sweepAll(), 30);
}

async function ephemerals(world: World): Promise<void> {
  for (let index = 0; index < 5; index++) await world.createEphemeral(1_000, { data: numberedEntries(50) });
  const kept = await world.createEphemeral(1_001, { data: [entry("a", "1")] });
  world.advance(1_000);
  const first = await world.store.sweep(3);
  assert.deepEqual(first, { removed: 3, more: true });
  assert.equal(await world.sweepAll(), 2);
  assert.equal(await kept.get("a"), "1");
}

async function whileWriting(world: World): Promise<void> {
  const dict = await world.createDict({ expiry, data: numberedEntries(200) });
  const ephemeral = await world.createEphemeral(1_001);
  world.advance(1_000);
  await Promise.all([
    world.store.extendDict(ephemeral.id, world.nowMs + 10_000),
    ...numberedEntries(100).map(({ key }) => dict.put(key, "again")),
    world.sweepAll(),
    ...numberedEntries(50, "new").map(({ key }) => dict.put(key, "again")),
    world.sweepAll(),
  ]);
  await world.sweepAll();
  assert.equal(await dict.len(), 150);
  const pairs = await dict.pairs();
  assert.equal(pairs.length, 150);
  for (const [key, value] of pairs) assert.equal(value, "again", key);
  assert.equal(await ephemeral.len(), 0);
}

async function forgotten(world: World): Promise<void> {
  const popped = await world.createDict({ expiry, data: [entry("a", "1")] });
  const cleared = await world.createDict({ expiry, data: numberedEntries(5) });
  const deleted = await world.createDict({ expiry, data: numberedEntries(5) });
  await popped.pop("a");
  await cleared.clear();
  await world.store.deleteDict(deleted.id);
  world.advance(500);
  await popped.put("a", "2");
  await cleared.put("k1", "2");
  world.advance(500);
  assert.equal(await world.sweepAll(), 0);
  assert.equal(await popped.get("a"), "2");
  assert.equal(await cleared.get("k1"), "2");
  world.advance(500);
  assert.equal(await world.sweepAll(), 2);
}
