import assert from "node:assert/strict";
import type { ExpiryPolicy } from "@everdict/protocol";
import { add, number, put, results, touch, when } from "./commit-words.ts";
import type { DictHandle } from "./dict-handle.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const ttlMs = 16_000;
const policies: readonly ExpiryPolicy[] = [
  { policy: "never" },
  { policy: "afterWrite", ttlMs: 3 * ttlMs },
  { policy: "afterWrite", ttlMs: ttlMs / 4 },
];
const afterUse = { policy: "afterUse", ttlMs: 100 * ttlMs } as const;
const centuryMs = 100 * 365 * 24 * 3600 * 1000;

/** Entries that end by a time to live of their own. */
export function timeToLiveSuite(suite: Suite): void {
  suite.describe("a time to live of an entry", () => {
    for (const expiry of policies) {
      const { policy } = expiry;
      const lasts = expiry.policy === "never" ? "" : ` of ${expiry.ttlMs} ms`;
      suite.describe(`under ${policy}${lasts}`, () => ownTtlCases(suite, expiry));
    }
    suite.describe("under afterUse", () => afterUseCases(suite));
    suite.test("is that of each entry of an update, and of equal keys the last one's", eachOfAnUpdate);
    suite.test("ends the entry for conditions and additions too", endsForCommits);
    suite.test("is swept with the others", swept);
    for (const { title, reopen } of suite.reopenings) {
      suite.test(`holds ${title}`, (world) => holdsWhenReopened(world, reopen));
    }
  });
}

/** What holds under every policy by which a use moves nothing. */
function ownTtlCases(suite: Suite, expiry: ExpiryPolicy): void {
  const create = (world: World) => world.createDict({ expiry });
  suite.test("ends the entry to the millisecond, after an update and after a commit", async (world) => {
    const dict = await create(world);
    await dict.put("a", "1", ttlMs);
    await assertEndsAt(dict, world, world.nowMs + ttlMs);
    await dict.commit([put("a", "1", 1)]);
    await assertEndsAt(dict, world, world.nowMs + 1);
    await dict.commit([add("a", 1, { ttlOnCreateMs: ttlMs })]);
    await assertEndsAt(dict, world, world.nowMs + ttlMs);
  });
  suite.test("is moved by a touch, which keeps value and version", async (world) => {
    const dict = await create(world);
    await dict.put("a", "1", ttlMs);
    const version = await dict.version("a");
    world.advance(ttlMs - 1);
    assert.equal(results(await dict.commit([touch("a", ttlMs)]))[0]!.version, version);
    world.advance(5);
    await dict.commit([touch("a", 2 * ttlMs)], [when("a", version)]);
    assert.equal(await dict.version("a"), version);
    await assertEndsAt(dict, world, world.nowMs + 2 * ttlMs);
    assert.equal(results(await dict.commit([touch("a", ttlMs)]))[0]!.version, undefined);
    assert.equal(await dict.contains("a"), false);
  });
  suite.test("may be brought forward by a touch", async (world) => {
    const dict = await create(world);
    await dict.put("a", "1", null);
    await dict.commit([touch("a", 3)]);
    await assertEndsAt(dict, world, world.nowMs + 3);
  });
  suite.test("is given up by a write or a touch without one", async (world) => {
    const dict = await create(world);
    const byPolicyMs = expiry.policy === "never" ? undefined : world.nowMs + expiry.ttlMs;
    for (const giveUp of [
      () => dict.put("a", "2"),
      () => dict.commit([put("a", "2")]),
      () => dict.commit([touch("a")]),
    ]) {
      await dict.put("a", "1", 77);
      await giveUp();
      assert.equal((await dict.entry("a"))!.expiresAtMs, byPolicyMs);
    }
  });
  suite.test("of null is none: the entry does not end", async (world) => {
    const dict = await create(world);
    await dict.put("a", "1", null);
    await dict.commit([put("b", "1", null)]);
    await dict.put("c", "1", 1);
    await dict.commit([touch("c", null)]);
    for (const key of ["a", "b", "c"]) assert.equal((await dict.entry(key))!.expiresAtMs, undefined);
    world.advance(centuryMs);
    assert.equal(await world.sweepAll(), 0);
    assert.deepEqual(await dict.getMany(["a", "b", "c"]), ["1", "1", "1"]);
  });
  suite.test("is moved by no read, no condition, and no addition", async (world) => {
    const dict = await create(world);
    await dict.put("a", number(1), ttlMs);
    const endsAtMs = world.nowMs + ttlMs;
    world.advance(ttlMs - 1);
    await dict.get("a");
    await dict.getMany(["a"]);
    await dict.pairs();
    await dict.putIfAbsent("a", "2");
    await dict.commit([], [when("a", "present")]);
    await dict.commit([put("a", "3")], [when("a", "absent")]);
    results(await dict.commit([add("a", 1, { ttlOnCreateMs: 10 * ttlMs })]));
    await assertEndsAt(dict, world, endsAtMs);
  });
}

function afterUseCases(suite: Suite): void {
  suite.test("is renewed by its own time at every use", async (world) => {
    const dict = await world.createDict({ expiry: afterUse });
    for (const use of [() => dict.get("a"), () => dict.entry("a"), () => dict.getMany(["a"])]) {
      await dict.put("a", "1", ttlMs);
      for (let uses = 0; uses < 20; uses++) {
        world.advance(ttlMs - 1);
        assert.notEqual(await use(), undefined);
        assert.equal(await dict.contains("a"), true);
      }
      world.advance(ttlMs * (17 / 16));
      assert.equal(await dict.contains("a"), false);
    }
  });
  suite.test("lives at least so long after the write, and at most a sixteenth longer", async (world) => {
    const dict = await world.createDict({ expiry: afterUse });
    await dict.put("a", "1", ttlMs);
    world.advance(ttlMs - 1);
    assert.equal(await dict.contains("a"), true);
    world.advance(1 + ttlMs / 16);
    assert.equal(await dict.contains("a"), false);
  });
  suite.test("of null is not shortened by a use", async (world) => {
    const dict = await world.createDict({ expiry: afterUse });
    await dict.put("a", "1", null);
    await dict.get("a");
    world.advance(centuryMs);
    assert.equal(await dict.get("a"), "1");
  });
  suite.test("goes back to the policy's with a write or a touch without one", async (world) => {
    const dict = await world.createDict({ expiry: afterUse });
    for (const giveUp of [() => dict.put("a", "1"), () => dict.commit([touch("a")])]) {
      await dict.put("a", "1", ttlMs);
      await giveUp();
      world.advance(afterUse.ttlMs - 1);
      assert.equal(await dict.get("a"), "1");
      world.advance(afterUse.ttlMs - 1);
      assert.equal(await dict.contains("a"), true);
    }
  });
  suite.test("is that of an addition that creates, and of no later one", async (world) => {
    const dict = await world.createDict({ expiry: afterUse });
    await dict.commit([add("a", 1, { ttlOnCreateMs: ttlMs })]);
    world.advance(ttlMs - 1);
    await dict.commit([add("a", 1, { ttlOnCreateMs: 9 * ttlMs })]);
    world.advance(1 + ttlMs / 16);
    assert.equal(await dict.contains("a"), false);
  });
}

async function eachOfAnUpdate(world: World): Promise<void> {
  const dict = await world.createDict({ expiry: { policy: "afterWrite", ttlMs } });
  const entries = [
    ["a", 1_000],
    ["b", undefined],
    ["c", null],
    ["d", 1],
    ["a", 2_000],
  ] as const;
  await world.store.update(
    dict.id,
    entries.map(([key, ownMs]) => ({ key: Buffer.from(key), value: Buffer.from("1"), ttlMs: ownMs })),
  );
  const ends = await Promise.all(["a", "b", "c", "d"].map((key) => dict.entry(key)));
  assert.deepEqual(
    ends.map((found) => found!.expiresAtMs && found!.expiresAtMs - world.nowMs),
    [2_000, ttlMs, undefined, 1],
  );
}

async function endsForCommits(world: World): Promise<void> {
  const dict = await world.createDict();
  await dict.put("a", number(5), ttlMs);
  const version = await dict.version("a");
  world.advance(ttlMs);
  assert.equal((await dict.commit([], [when("a", version)])).committed, false);
  assert.equal((await dict.commit([], [when("a", "present")])).committed, false);
  assert.deepEqual(results(await dict.commit([add("a", 1)], [when("a", "absent")]))[0]!.value, number(1));
  // What came into its place does not end as it did.
  world.advance(centuryMs);
  assert.equal(await dict.contains("a"), true);
}

async function swept(world: World): Promise<void> {
  const dict = await world.createDict();
  for (const key of ["a", "b", "c", "d"]) await dict.put(key, "1", ttlMs);
  await dict.put("b", "2");
  await dict.commit([touch("c", 2 * ttlMs)]);
  await dict.commit([touch("d", null)]);
  world.advance(ttlMs);
  assert.equal(await dict.len(), 4);
  assert.equal(await world.sweepAll(), 1);
  world.advance(ttlMs);
  assert.equal(await world.sweepAll(), 1);
  assert.deepEqual(await dict.pairs(), [
    ["b", "2"],
    ["d", "1"],
  ]);
}

async function holdsWhenReopened(world: World, reopen: (world: World) => Promise<void>): Promise<void> {
  const dict = await world.createDict({ expiry: { policy: "afterWrite", ttlMs: 2 * ttlMs } });
  await dict.put("a", "1", ttlMs);
  await dict.commit([put("b", "1", ttlMs)]);
  await dict.put("c", "1", null);
  await dict.put("d", "1");
  await dict.commit([touch("d", ttlMs)]);
  await dict.commit([add("e", 1, { ttlOnCreateMs: ttlMs })]);
  const [touched, nowMs] = [await dict.version("d"), world.nowMs];
  await reopen(world);
  assert.equal(await dict.version("d"), touched);
  for (const key of ["a", "b", "d", "e"]) assert.equal((await dict.entry(key))!.expiresAtMs, nowMs + ttlMs);
  world.advance(ttlMs - 1);
  assert.equal((await dict.pairs()).length, 5);
  world.advance(1);
  assert.deepEqual(await dict.pairs(), [["c", "1"]]);
}

/** Checks that the entry `a` is there until that moment, and not from then on. */
async function assertEndsAt(dict: DictHandle, world: World, endsAtMs: number): Promise<void> {
  assert.equal((await dict.entry("a"))!.expiresAtMs, endsAtMs);
  world.advance(endsAtMs - 1 - world.nowMs);
  assert.equal(await dict.contains("a"), true);
  world.advance(1);
  assert.equal(await dict.contains("a"), false);
  assert.equal(await dict.get("a"), undefined);
  assert.equal(await dict.entry("a"), undefined);
  assert.deepEqual(await dict.getMany(["a"]), [undefined]);
  assert.equal(await dict.removeMany(["a"]), 0);
  assert.deepEqual(await dict.pairs(), []);
  assert.deepEqual((await world.store.page(dict.id, { limit: 10, values: true })).entries, []);
}
