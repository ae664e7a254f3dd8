import assert from "node:assert/strict";
import { idempotencyRetentionMs } from "@everdict/protocol";
import { bytes, entry, numberedEntries } from "./bytes.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Reopening, Suite } from "./suite.ts";
import type { World } from "./world.ts";

type Case = (world: World, reopen: Reopening["reopen"]) => Promise<void>;

const cases: readonly (readonly [string, Case])[] = [
  ["entries are there with their last values", entries],
  ["what was popped, cleared or deleted is not back", removals],
  ["a dictionary cleared and filled again has the new entries only", clearedAndFilled],
  ["environments are there with their names and suffixes", environments],
  ["dictionaries are there with their records, in order", records],
  ["creation times increase, although the newest was deleted and the clock went back", creationTimes],
  ["ends of anonymous dictionaries hold", ephemerals],
  ["expired entries are not back, also if the time came while it was closed", expired],
  ["writes of the same key do not go back to an expired one", rewritten],
  ["swept entries are not back", swept],
  ["a use before a close counts", used],
  ["another round of writes and openings adds up", rounds],
  ["concurrent writes are all there", concurrentWrites],
];

/** What a persistent store has when it is opened again. Nothing to check for others. */
export function persistenceSuite(suite: Suite): void {
  for (const { title: when, reopen } of suite.reopenings) {
    suite.describe(when, () => {
      for (const [title, run] of cases) suite.test(title, (world) => run(world, reopen));
      if (suite.capabilities.durableAnswers) {
        suite.test("repeats under an idempotency key answer what the first call answered", (world) =>
          repeats(world, reopen),
        );
      }
    });
  }
  if (suite.reopenings.length === 0) return;
  suite.test("a store that was closed and opened again elsewhere stays closed itself", async (world) => {
    const before = world.store;
    await before.close();
    await world.reopen();
    await rejectsWith("store_closed", () => before.listEnvironments());
    assert.equal((await world.store.listEnvironments()).length, 1);
  });
}

async function entries(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dict = await world.createDict({ data: numberedEntries(3_000) });
  await world.store.update(dict.id, numberedEntries(1_000, "k", "new"));
  await dict.put("", "empty key");
  await dict.put("empty value", "");
  await dict.putIfAbsent("a", "1");
  const before = await dict.pairs();
  await reopen(world);
  assert.equal(await dict.len(), 3_003);
  assert.equal(await dict.get("k999"), "new999");
  assert.equal(await dict.get("k1000"), "v1000");
  assert.equal(await dict.get("empty value"), "");
  assert.deepEqual(await dict.pairs(), before);
}

async function removals(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const popped = await world.createDict({ data: numberedEntries(100) });
  const cleared = await world.createDict({ data: numberedEntries(100) });
  const deleted = await world.createDict({ name: "deleted", data: numberedEntries(100) });
  for (const { key } of numberedEntries(99)) await popped.pop(key);
  await cleared.clear();
  await world.store.deleteDict(deleted.id);
  await reopen(world);
  assert.deepEqual(await popped.pairs(), [["k99", "v99"]]);
  assert.equal(await popped.len(), 1);
  assert.equal(await cleared.len(), 0);
  assert.deepEqual(await cleared.pairs(), []);
  assert.equal(await world.store.findDict(world.environmentId, "deleted"), undefined);
  assert.equal(await popped.putIfAbsent("k1", "again"), true);
}

async function clearedAndFilled(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dict = await world.createDict({ data: numberedEntries(50) });
  await dict.clear();
  await dict.put("k7", "after");
  await reopen(world);
  assert.deepEqual(await dict.pairs(), [["k7", "after"]]);
  await dict.clear();
  await reopen(world);
  assert.equal(await dict.len(), 0);
}

async function environments(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dev = await world.createEnvironment("dev");
  const doomed = await world.createEnvironment("doomed");
  await world.createDict({ environmentId: doomed, name: "inside" });
  await world.store.updateEnvironment(dev, { name: "stage", webSuffix: "sfx" });
  await world.store.deleteEnvironment(doomed);
  const before = await world.store.listEnvironments();
  await reopen(world);
  assert.deepEqual(await world.store.listEnvironments(), before);
  assert.deepEqual(
    before.map(({ name }) => name),
    ["main", "stage"],
  );
  assert.equal(await world.store.findEnvironment("dev"), undefined);
  assert.equal((await world.store.createEnvironment(world.newId("en"), "stage")).created, false);
}

async function records(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const { environmentId } = world;
  await world.createDict({ name: "a", expiry: { policy: "afterWrite", ttlMs: 1_234 } });
  const deleted = await world.createDict({ name: "b" });
  await world.createDict({ name: "c", expiry: { policy: "afterUse", ttlMs: 5_678 } });
  await world.store.deleteDict(deleted.id);
  await world.createDict({ name: "b" });
  const before = await world.store.listDicts({ environmentId });
  await reopen(world);
  assert.deepEqual(await world.store.listDicts({ environmentId }), before);
  assert.deepEqual(
    before.map(({ name }) => name),
    ["b", "c", "a"],
  );
  assert.deepEqual(await world.store.findDict(environmentId, "c"), before[1]);
  assert.equal((await world.store.createDict(world.request({ name: "b" }))).created, false);
}

async function creationTimes(world: World, reopen: Reopening["reopen"]): Promise<void> {
  let newestSeconds = 0;
  for (let round = 0; round < 4; round++) {
    const { dict } = await world.store.createDict(world.request());
    assert.ok(dict.createdAtSeconds > newestSeconds, `round ${round}`);
    newestSeconds = dict.createdAtSeconds;
    if (round % 2 === 0) await world.store.deleteDict(dict.id);
    world.advance(-10_000);
    await reopen(world);
  }
}

async function ephemerals(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const ending = await world.createEphemeral(1_000, { data: numberedEntries(5) });
  const extended = await world.createEphemeral(1_000, { data: numberedEntries(5) });
  await world.store.extendDict(extended.id, world.nowMs + 60_000);
  await reopen(world);
  assert.equal(await ending.len(), 5);
  world.advance(1_000);
  await rejectsWith("dict_not_found", () => ending.len());
  await reopen(world);
  await rejectsWith("dict_not_found", () => ending.len());
  assert.equal(await extended.get("k1"), "v1");
  assert.equal((await world.store.getDict(extended.id))?.expiresAtMs, world.nowMs + 59_000);
}

async function expired(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dict = await world.createDict({
    expiry: { policy: "afterWrite", ttlMs: 1_000 },
    data: [entry("a", "1")],
  });
  world.advance(500);
  await dict.put("b", "1");
  await dict.put("c", "1");
  world.advance(500);
  await reopen(world);
  assert.equal(await dict.get("a"), undefined);
  assert.deepEqual(await dict.pairs(), [
    ["b", "1"],
    ["c", "1"],
  ]);
  await dict.put("c", "2");
  world.advance(500);
  await reopen(world);
  assert.equal(await dict.contains("b"), false);
  assert.deepEqual(await dict.pairs(), [["c", "2"]]);
  world.advance(500);
  assert.equal(await dict.get("c"), undefined);
  await world.sweepAll();
  assert.equal(await dict.len(), 0);
}

async function rewritten(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dict = await world.createDict({
    expiry: { policy: "afterWrite", ttlMs: 1_000 },
    data: [entry("a", "1")],
  });
  world.advance(1_000);
  assert.equal(await dict.putIfAbsent("a", "2"), true);
  await reopen(world);
  assert.equal(await dict.get("a"), "2");
  world.advance(999);
  await reopen(world);
  assert.equal(await dict.get("a"), "2");
  world.advance(1);
  assert.equal(await dict.get("a"), undefined);
}

async function swept(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dict = await world.createDict({
    expiry: { policy: "afterWrite", ttlMs: 1_000 },
    data: numberedEntries(500),
  });
  world.advance(1_000);
  assert.equal(await world.sweepAll(), 500);
  await dict.put("live", "1");
  await reopen(world);
  assert.equal(await dict.len(), 1);
  assert.deepEqual(await dict.pairs(), [["live", "1"]]);
  // Even if the clock is wrong for a while: what was swept is gone for good.
  world.advance(-2_000);
  await reopen(world);
  assert.equal(await dict.get("k1"), undefined);
}

async function used(world: World): Promise<void> {
  const dict = await world.createDict({
    expiry: { policy: "afterUse", ttlMs: 16_000 },
    data: numberedEntries(3),
  });
  world.advance(10_000);
  await dict.get("k1");
  // A read promises no durability, so only an orderly end is fair.
  await world.reopen();
  world.advance(15_999);
  assert.deepEqual(await dict.pairs(), [["k1", "v1"]]);
  world.advance(1_001);
  assert.equal(await dict.contains("k1"), false);
}

async function rounds(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dict = await world.createDict();
  const expected = new Map<string, string>();
  for (let round = 0; round < 8; round++) {
    for (let step = 0; step < 40; step++) {
      const key = `k${(round * 7 + step * 3) % 50}`;
      if (step % 4 === 3) {
        assert.equal(await dict.pop(key), expected.get(key));
        expected.delete(key);
      } else {
        await dict.put(key, `${round} ${step}`);
        expected.set(key, `${round} ${step}`);
      }
    }
    await reopen(world);
    assert.equal(await dict.len(), expected.size);
    assert.deepEqual(new Map(await dict.pairs()), expected);
  }
}

async function concurrentWrites(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dicts = await Promise.all([1, 2, 3, 4].map(() => world.createDict()));
  await Promise.all(
    dicts.flatMap((dict) => [
      ...numberedEntries(200).map(({ key, value }) => dict.put(key, value)),
      ...numberedEntries(100).map(({ key }) => dict.pop(key)),
      world.createDict({ data: numberedEntries(10) }),
    ]),
  );
  await reopen(world);
  for (const dict of dicts) {
    assert.equal(await dict.len(), 100);
    assert.equal(await dict.get("k99"), undefined);
    assert.equal(await dict.get("k100"), "v100");
  }
  assert.equal((await world.store.listDicts({ environmentId: world.environmentId })).length, 8);
}

async function repeats(world: World, reopen: Reopening["reopen"]): Promise<void> {
  const dict = await world.createDict({ data: [entry("a", "1"), entry("b", "1")] });
  const request = world.request({ name: "", expiresAtMs: world.nowMs + 600_000 });
  const first = await world.store.createDict(request, { idempotencyKey: "create" });
  await dict.pop("a", { idempotencyKey: "popped" });
  await dict.pop("absent", { idempotencyKey: "absent" });
  await dict.putIfAbsent("c", "1", { idempotencyKey: "written" });
  await dict.putIfAbsent("b", "2", { idempotencyKey: "refused" });
  await dict.put("a", "2");
  await dict.pop("c");
  for (const pauseMs of [0, idempotencyRetentionMs / 2, idempotencyRetentionMs / 2 - 1]) {
    world.advance(pauseMs);
    await reopen(world);
    assert.equal(await dict.pop("a", { idempotencyKey: "popped" }), "1");
    assert.equal(await dict.pop("absent", { idempotencyKey: "absent" }), undefined);
    assert.equal(await dict.putIfAbsent("c", "1", { idempotencyKey: "written" }), true);
    assert.equal(await dict.putIfAbsent("b", "2", { idempotencyKey: "refused" }), false);
    await rejectsWith("conflict", () => dict.putIfAbsent("c", "other", { idempotencyKey: "written" }));
    await rejectsWith("conflict", () =>
      world.store.createDict({ ...request, data: [entry("a", "1")] }, { idempotencyKey: "create" }),
    );
    const again = await world.store.createDict(
      { ...request, id: world.newId("di") },
      { idempotencyKey: "create" },
    );
    assert.equal(again.dict.id, first.dict.id);
    assert.equal(await dict.get("a"), "2");
    assert.equal(await world.store.contains(dict.id, bytes("c")), false);
  }
}
