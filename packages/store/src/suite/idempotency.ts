import assert from "node:assert/strict";
import { idempotencyGuaranteeMs, idempotencyRetentionMs } from "@everdict/protocol";
import { assertSameBytes } from "./assert-same-bytes.ts";
import { bytes, entry, patternedBytes } from "./bytes.ts";
import type { DictHandle } from "./dict-handle.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const recordedAnswersMaxBytes = 64 * 1024;

/** What a repeat under an idempotency key answers and does, for how long, and what happens when there is no room. */
export function idempotencySuite(suite: Suite): void {
  repeats(suite);
  otherArguments(suite);
  budget(suite);
}

function repeats(suite: Suite): void {
  suite.describe("a key", () => {
    suite.test("makes a repeated pop answer the value again without removing another", repeatedPop);
    suite.test("makes a repeated pop answer that nothing was there", async (world) => {
      const dict = await world.createDict();
      assert.equal(await dict.pop("a", { idempotencyKey: "t" }), undefined);
      await dict.put("a", "1");
      assert.equal(await dict.pop("a", { idempotencyKey: "t" }), undefined);
      assert.equal(await dict.get("a"), "1");
    });
    suite.test("makes a repeated putIfAbsent answer true again without writing again", repeatedPut);
    suite.test("makes a repeated putIfAbsent answer false again", async (world) => {
      const dict = await world.createDict({ data: [entry("a", "1")] });
      assert.equal(await dict.putIfAbsent("a", "2", { idempotencyKey: "t" }), false);
      await dict.pop("a");
      assert.equal(await dict.putIfAbsent("a", "2", { idempotencyKey: "t" }), false);
      assert.equal(await dict.contains("a"), false);
    });
    suite.test("makes a repeated createDict answer the first", repeatedCreate);
    suite.test("makes calls under way at once one call", underWayAtOnce);
    suite.test("is kept apart by operation and dictionary", keptApart);
    suite.test("may be any text", async (world) => {
      const dict = await world.createDict();
      for (const idempotencyKey of ["", " ", "a\nb", "__proto__", "x".repeat(500), "\u{1f511}"]) {
        await dict.put("a", idempotencyKey === "" ? "1" : bytes("2"));
        assert.notEqual(await dict.pop("a", { idempotencyKey }), undefined);
        assert.notEqual(await dict.pop("a", { idempotencyKey }), undefined);
      }
    });
    suite.test("is remembered through clear, update and sweep", async (world) => {
      const dict = await world.createDict({ data: [entry("a", "1")] });
      await dict.pop("a", { idempotencyKey: "t" });
      await dict.clear();
      await dict.put("a", "2");
      await world.sweepAll();
      assert.equal(await dict.pop("a", { idempotencyKey: "t" }), "1");
    });
    suite.test("does not answer for a dictionary that is gone", async (world) => {
      const dict = await world.createDict({ name: "jobs", data: [entry("a", "1")] });
      await dict.pop("a", { idempotencyKey: "t" });
      await world.store.deleteDict(dict.id);
      await rejectsWith("dict_not_found", () => dict.pop("a", { idempotencyKey: "t" }));
      const next = await world.createDict({ name: "jobs", data: [entry("a", "2")] });
      assert.equal(await next.pop("a", { idempotencyKey: "t" }), "2");
    });
    suite.test("is remembered for the retention time", async (world) => {
      const dict = await world.createDict({ data: [entry("a", "1")] });
      await dict.pop("a", { idempotencyKey: "t" });
      world.advance(idempotencyRetentionMs - 1);
      await world.sweepAll();
      assert.equal(await dict.pop("a", { idempotencyKey: "t" }), "1");
    });
    suite.test("keeps a large value", async (world) => {
      const value = patternedBytes(1024 * 1024, 7);
      const dict = await world.createDict({ data: [entry("a", value)] });
      for (let attempt = 0; attempt < 3; attempt++) {
        assertSameBytes(await world.store.pop(dict.id, bytes("a"), { idempotencyKey: "t" }), value);
      }
    });
  });
}

function otherArguments(suite: Suite): void {
  suite.describe("an idempotency key of a call with other arguments", () => {
    suite.test("is refused for a pop of another key, which goes on being there", async (world) => {
      // One shard, where there are shards: on another one nothing is known of the idempotency key.
      const dict = await world.createDict({ name: "", expiresAtMs: world.nowMs + 60_000 });
      await dict.putAll([
        ["a", "1"],
        ["b", "2"],
      ]);
      assert.equal(await dict.pop("a", { idempotencyKey: "t" }), "1");
      await rejectsWith("conflict", () => dict.pop("b", { idempotencyKey: "t" }));
      assert.equal(await dict.get("b"), "2");
      assert.equal(await dict.pop("a", { idempotencyKey: "t" }), "1");
    });
    suite.test("is refused for a pop while the first is under way", async (world) => {
      const dict = await world.createDict({ name: "", expiresAtMs: world.nowMs + 60_000 });
      await dict.putAll([
        ["a", "1"],
        ["b", "2"],
      ]);
      const first = dict.pop("a", { idempotencyKey: "t" });
      await rejectsWith("conflict", () => dict.pop("b", { idempotencyKey: "t" }));
      assert.equal(await first, "1");
      assert.equal(await dict.get("b"), "2");
    });
    suite.test("is refused for a conditional put of another value or key", async (world) => {
      const dict = await world.createDict({ name: "", expiresAtMs: world.nowMs + 60_000 });
      assert.equal(await dict.putIfAbsent("a", "mine", { idempotencyKey: "t" }), true);
      await rejectsWith("conflict", () => dict.putIfAbsent("a", "other", { idempotencyKey: "t" }));
      await rejectsWith("conflict", () => dict.putIfAbsent("b", "mine", { idempotencyKey: "t" }));
      assert.equal(await dict.contains("b"), false);
      assert.equal(await dict.putIfAbsent("a", "mine", { idempotencyKey: "t" }), true);
      // Also where the first was told that it wrote nothing.
      assert.equal(await dict.putIfAbsent("a", "late", { idempotencyKey: "u" }), false);
      await rejectsWith("conflict", () => dict.putIfAbsent("c", "late", { idempotencyKey: "u" }));
    });
    suite.test("is refused for a conditional put of a large value that differs at its end", async (world) => {
      const dict = await world.createDict();
      const value = patternedBytes(700_000, 3);
      assert.equal(await world.store.putIfAbsent(dict.id, bytes("a"), value, { idempotencyKey: "t" }), true);
      assert.equal(await world.store.putIfAbsent(dict.id, bytes("a"), value, { idempotencyKey: "t" }), true);
      const other = Uint8Array.from(value);
      other[other.length - 1]! ^= 1;
      await rejectsWith("conflict", async () =>
        world.store.putIfAbsent(dict.id, bytes("a"), other, { idempotencyKey: "t" }),
      );
    });
    suite.test("is refused for a creation of another name or with other content", async (world) => {
      const create = (name: string, value: string) =>
        world.store.createDict(world.request({ name, data: [entry("a", value)] }), { idempotencyKey: "t" });
      const first = await create("jobs", "1");
      await rejectsWith("conflict", () => create("other", "1"));
      await rejectsWith("conflict", () => create("jobs", "2"));
      assert.equal(await world.store.findDict(world.environmentId, "other"), undefined);
      assert.deepEqual(await create("jobs", "1"), first);
    });
  });
}

function budget(suite: Suite): void {
  suite.describe("a budget full of young records", () => {
    suite.test("refuses new keys and changes nothing, until they are old", fullBudget, {
      recordedAnswersMaxBytes,
    });
    suite.test("refuses a conditional put and a creation too", fullOfFlags, { recordedAnswersMaxBytes });
    suite.test("is that of one caller: another one goes on", anotherCaller, { recordedAnswersMaxBytes });
    suite.test("of popped values refuses no conditional put and no creation", fullOfValues, {
      recordedAnswersMaxBytes,
    });
    suite.test(
      "never fills up while records grow old",
      async (world) => {
        const dict = await world.createDict();
        for (let round = 0; round < 400; round++) {
          await dict.put("a", patternedBytes(8_000, round + 1));
          assert.notEqual(await dict.pop("a", { idempotencyKey: `t${round}` }), undefined);
          world.advance(idempotencyRetentionMs / 4);
        }
      },
      { recordedAnswersMaxBytes },
    );
    suite.test("never fills up while callers say that answers have arrived", forgotten, {
      recordedAnswersMaxBytes,
    });
  });
}

async function forgotten(world: World): Promise<void> {
  const { store } = world;
  if (store.forgetAnswers === undefined) return;
  const dict = await world.createDict();
  for (let round = 0; round < 400; round++) {
    assert.equal(
      await dict.putIfAbsent("a", patternedBytes(1_000, round + 1), { idempotencyKey: `t${round}` }),
      true,
    );
    assert.notEqual(await dict.pop("a", { idempotencyKey: `t${round}` }), undefined);
    if (round % 10 > 0) continue;
    const keys = Array.from({ length: 12 }, (_, back) => `t${round - back}`);
    store.forgetAnswers("putIfAbsent", dict.id, keys);
    store.forgetAnswers("pop", dict.id, keys);
    store.forgetAnswers("pop", "di-0", keys);
  }
  // One that was not named is still known.
  await dict.put("a", "1");
  assert.equal(await dict.pop("a", { idempotencyKey: "kept" }), "1");
  store.forgetAnswers("pop", dict.id, ["another"]);
  assert.equal(await dict.pop("a", { idempotencyKey: "kept" }), "1");
}

async function repeatedPop(world: World): Promise<void> {
  const dict = await world.createDict({ data: [entry("a", "1"), entry("b", "other")] });
  assert.equal(await dict.pop("a", { idempotencyKey: "t" }), "1");
  assert.equal(await dict.pop("a", { idempotencyKey: "t" }), "1");
  await dict.put("a", "2");
  assert.equal(await dict.pop("a", { idempotencyKey: "t" }), "1");
  assert.equal(await dict.get("a"), "2");
  assert.equal(await dict.pop("a", { idempotencyKey: "another" }), "2");
  assert.equal(await dict.len(), 1);
}

async function repeatedPut(world: World): Promise<void> {
  const dict = await world.createDict();
  assert.equal(await dict.putIfAbsent("a", "1", { idempotencyKey: "t" }), true);
  assert.equal(await dict.putIfAbsent("a", "1", { idempotencyKey: "t" }), true);
  await dict.put("a", "2");
  assert.equal(await dict.putIfAbsent("a", "1", { idempotencyKey: "t" }), true);
  assert.equal(await dict.get("a"), "2");
  await dict.pop("a");
  assert.equal(await dict.putIfAbsent("a", "1", { idempotencyKey: "t" }), true);
  assert.equal(await dict.contains("a"), false);
}

async function repeatedCreate(world: World): Promise<void> {
  const named = world.request({ name: "jobs", data: [entry("a", "1")] });
  const first = await world.store.createDict(named, { idempotencyKey: "t" });
  assert.equal(first.created, true);
  // The engine makes a fresh id for each attempt.
  const again = () => world.store.createDict({ ...named, id: world.newId("di") }, { idempotencyKey: "t" });
  assert.deepEqual(await again(), first);
  assert.deepEqual(
    (await world.store.createDict(world.request({ name: "jobs" }), { idempotencyKey: "u" })).created,
    false,
  );

  const ephemeral = world.request({ name: "", expiresAtMs: world.nowMs + 60_000 });
  const firstEphemeral = await world.store.createDict(ephemeral, { idempotencyKey: "e" });
  const nextEphemeral = await world.store.createDict(
    { ...ephemeral, id: world.newId("di") },
    { idempotencyKey: "e" },
  );
  assert.equal(nextEphemeral.dict.id, firstEphemeral.dict.id);

  await world.store.deleteDict(first.dict.id);
  assert.deepEqual(await again(), first);
  assert.equal(await world.store.findDict(world.environmentId, "jobs"), undefined);
}

async function underWayAtOnce(world: World): Promise<void> {
  const dict = await world.createDict({ data: [entry("a", "1")] });
  const repeat = <Answer>(call: () => Promise<Answer>) => Promise.all(Array.from({ length: 20 }, call));
  assert.deepEqual(await repeat(() => dict.pop("a", { idempotencyKey: "t" })), Array(20).fill("1"));
  assert.deepEqual(
    await repeat(() => dict.putIfAbsent("a", "2", { idempotencyKey: "t" })),
    Array(20).fill(true),
  );
  const created = await repeat(() =>
    world.store.createDict(world.request({ name: "", expiresAtMs: world.nowMs + 60_000 }), {
      idempotencyKey: "t",
    }),
  );
  assert.equal(new Set(created.map(({ dict: { id } }) => id)).size, 1);
  assert.equal(await dict.len(), 1);
}

async function keptApart(world: World): Promise<void> {
  const dict = await world.createDict();
  const other = await world.createDict({ data: [entry("a", "other")] });
  assert.equal(await dict.putIfAbsent("a", "1", { idempotencyKey: "t" }), true);
  assert.equal(await dict.pop("a", { idempotencyKey: "t" }), "1");
  assert.equal(await other.pop("a", { idempotencyKey: "t" }), "other");
  const dev = await world.createEnvironment("dev");
  for (const environmentId of [world.environmentId, dev]) {
    const { created } = await world.store.createDict(world.request({ environmentId, name: "jobs" }), {
      idempotencyKey: "t",
    });
    assert.equal(created, true);
  }
}

/** Pops under new idempotency keys until one is refused; answers the number of the refused one. */
async function fill(dict: DictHandle): Promise<number> {
  for (let round = 0; round < 1_000; round++) {
    await dict.put("a", patternedBytes(1_000, round + 1));
    try {
      await dict.pop("a", { idempotencyKey: `t${round}` });
    } catch (error) {
      assert.equal((error as { code?: string }).code, "overloaded");
      return round;
    }
  }
  assert.fail("1,000 records of 1,000 bytes fit a budget of 64 KiB");
}

async function fullBudget(world: World): Promise<void> {
  const dict = await world.createDict();
  const refused = await fill(dict);
  assert.ok(refused >= 8, `only ${refused} records of 1,000 bytes fit a budget of 64 KiB`);
  assert.equal(await dict.contains("a"), true);
  // What needs no new record goes on.
  assert.deepEqual(bytes((await dict.pop("a", { idempotencyKey: "t0" }))!), patternedBytes(1_000, 1));
  assert.notEqual(await dict.pop("a"), undefined);
  assert.equal(await dict.putIfAbsent("a", "1"), true);
  world.advance(idempotencyGuaranteeMs - 1);
  await rejectsWith("overloaded", () => dict.pop("a", { idempotencyKey: "early" }));
  world.advance(idempotencyRetentionMs - idempotencyGuaranteeMs + 1);
  assert.equal(await dict.pop("a", { idempotencyKey: "late" }), "1");
}

/** Takes locks under new idempotency keys until one is refused. */
async function fillWithFlags(dict: DictHandle, caller?: string): Promise<void> {
  for (let round = 0; round < 2_000; round++) {
    try {
      await dict.putIfAbsent("lock", "1", { idempotencyKey: `${caller} ${round}`, caller });
    } catch (error) {
      assert.equal((error as { code?: string }).code, "overloaded");
      return;
    }
  }
  assert.fail("2,000 records fit a budget of 64 KiB");
}

async function anotherCaller(world: World): Promise<void> {
  const dict = await world.createDict();
  for (const caller of ["one", "two", "three"]) await fillWithFlags(dict, caller);
  await rejectsWith("overloaded", () => dict.putIfAbsent("b", "1", { idempotencyKey: "new", caller: "one" }));
  assert.equal(await dict.putIfAbsent("b", "1", { idempotencyKey: "new", caller: "four" }), true);
  assert.equal(await dict.pop("b", { idempotencyKey: "newer", caller: "four" }), "1");
}

async function fullOfValues(world: World): Promise<void> {
  const dict = await world.createDict();
  for (let round = 0; round < 60; round++) {
    await dict.put("a", patternedBytes(8_000, round + 1));
    const popped = dict.pop("a", { idempotencyKey: `t${round}` });
    const refused = await popped.then(
      () => undefined,
      (error: { code?: string }) => error.code,
    );
    assert.ok(refused === undefined || refused === "overloaded", `${refused}`);
    if (refused !== undefined) break;
  }
  for (let lock = 0; lock < 20; lock++) {
    assert.equal(await dict.putIfAbsent(`lock ${lock}`, "1", { idempotencyKey: `l${lock}` }), true);
  }
  const { created } = await world.store.createDict(world.request({ name: "jobs" }), {
    idempotencyKey: "new",
  });
  assert.equal(created, true);
}

async function fullOfFlags(world: World): Promise<void> {
  const dict = await world.createDict();
  await fillWithFlags(dict);
  const idempotencyKey = "new";
  await rejectsWith("overloaded", () => dict.putIfAbsent("b", "1", { idempotencyKey }));
  await rejectsWith("overloaded", () => dict.pop("lock", { idempotencyKey }));
  assert.equal(await dict.contains("b"), false);
  await rejectsWith("overloaded", () =>
    world.store.createDict(world.request({ name: "jobs" }), { idempotencyKey }),
  );
  assert.equal(await world.store.findDict(world.environmentId, "jobs"), undefined);
}
