import assert from "node:assert/strict";
import { expiryAfterUseMs, expiryAfterWriteMs } from "@everdict/protocol";
import { entry } from "./bytes.ts";
import type { DictHandle } from "./dict-handle.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const ttlMs = 16_000;
const slackMs = ttlMs / 16;
const afterWrite = { policy: "afterWrite", ttlMs } as const;
const afterUse = { policy: "afterUse", ttlMs } as const;

/** When entries end, what renews them, and what can be seen of those that have ended. */
export function expirySuite(suite: Suite): void {
  afterWriteSuite(suite);
  afterUseSuite(suite);
  expiredSuite(suite);
  suite.test("without expiry entries are kept for a hundred years", async (world) => {
    const dict = await world.createDict({ expiry: { policy: "never" }, data: [entry("a", "1")] });
    world.advance(100 * 365 * 24 * 3600 * 1000);
    assert.equal(await world.sweepAll(), 0);
    assert.equal(await dict.get("a"), "1");
  });
}

function afterWriteSuite(suite: Suite): void {
  suite.describe("expiry after write", () => {
    suite.test("an entry lives until the very millisecond", async (world) => {
      const dict = await world.createDict({ expiry: afterWrite });
      await dict.put("a", "1");
      await assertEndsAt(dict, world, world.nowMs + ttlMs);
    });
    suite.test("is 30 days to the millisecond, counted until swept, renewed by a new write", thirtyDays);
    suite.test("starts at creation for initial content", async (world) => {
      const dict = await world.createDict({ expiry: afterWrite, data: [entry("a", "1")] });
      await assertEndsAt(dict, world, world.nowMs + ttlMs);
    });
    suite.test("starts at putIfAbsent", async (world) => {
      const dict = await world.createDict({ expiry: afterWrite });
      world.advance(5);
      await dict.putIfAbsent("a", "1");
      await assertEndsAt(dict, world, world.nowMs + ttlMs);
    });
    suite.test("is renewed by a write, also with the same value", async (world) => {
      const dict = await world.createDict({ expiry: afterWrite, data: [entry("a", "1")] });
      world.advance(ttlMs - 1);
      await dict.put("a", "1");
      await assertEndsAt(dict, world, world.nowMs + ttlMs);
    });
    suite.test("is renewed for the written keys only", renewsWrittenOnly);
    suite.test("is not renewed by reads, nor by a refused putIfAbsent", async (world) => {
      const dict = await world.createDict({ expiry: afterWrite, data: [entry("a", "1")] });
      const endsAtMs = world.nowMs + ttlMs;
      world.advance(ttlMs - 1);
      await dict.get("a");
      await dict.contains("a");
      await dict.pairs();
      assert.equal(await dict.putIfAbsent("a", "2"), false);
      await assertEndsAt(dict, world, endsAtMs);
    });
  });
}

function afterUseSuite(suite: Suite): void {
  suite.describe("expiry after use", () => {
    suite.test("an entry lives for its time and at most a sixteenth longer", async (world) => {
      const dict = await world.createDict({ expiry: afterUse });
      await dict.put("a", "1");
      await assertEndsAround(dict, world, world.nowMs);
    });
    for (const [use, renew] of uses) {
      suite.test(`is renewed by ${use}`, async (world) => {
        const dict = await world.createDict({ expiry: afterUse, data: [entry("a", "1")] });
        for (const pauseMs of [1, slackMs - 1, slackMs, slackMs + 1, ttlMs / 2, ttlMs - 1]) {
          world.advance(pauseMs);
          await renew(dict);
        }
        await assertEndsAround(dict, world, world.nowMs);
      });
    }
    suite.test("is not renewed by contains, len, contents or a refused putIfAbsent", notUses);
    suite.test("goes on and on while an entry is read, at 7 days", async (world) => {
      const dict = await world.createDict({ expiry: { policy: "afterUse", ttlMs: expiryAfterUseMs } });
      await dict.putAll([
        ["busy", "1"],
        ["idle", "1"],
      ]);
      for (let week = 0; week < 60; week++) {
        world.advance(expiryAfterUseMs - 1);
        assert.equal(await dict.get("busy"), "1");
        await world.sweepAll();
      }
      assert.deepEqual(await dict.pairs(), [["busy", "1"]]);
    });
  });
}

function expiredSuite(suite: Suite): void {
  suite.describe("an expired entry", () => {
    suite.test("is invisible to everything but len", invisible);
    suite.test("does not stand in the way of putIfAbsent, of 32 callers one wins", replaced);
    suite.test("is not answered by pop, which changes nothing", async (world) => {
      const dict = await expired(world);
      assert.equal(await dict.pop("a"), undefined);
      assert.equal(await dict.len(), 2);
      assert.equal(await world.sweepAll(), 2);
      assert.equal(await dict.len(), 0);
    });
    suite.test("is counted once when it is written again", async (world) => {
      const dict = await expired(world);
      await dict.put("a", "2");
      assert.equal(await dict.len(), 2);
      assert.equal(await world.sweepAll(), 1);
      assert.deepEqual(await dict.pairs(), [["a", "2"]]);
      world.advance(ttlMs - 1);
      assert.equal(await dict.get("a"), "2");
    });
    suite.test("is gone with clear", async (world) => {
      const dict = await expired(world);
      await dict.clear();
      assert.equal(await dict.len(), 0);
      assert.equal(await world.sweepAll(), 0);
    });
  });
}

const uses: readonly (readonly [string, (dict: DictHandle) => Promise<unknown>])[] = [
  ["get", (dict) => dict.get("a")],
  ["update", (dict) => dict.put("a", "2")],
  ["pop and putIfAbsent", (dict) => Promise.all([dict.pop("a"), dict.putIfAbsent("a", "3")])],
];

async function expired(world: World): Promise<DictHandle> {
  const dict = await world.createDict({ expiry: afterWrite, data: [entry("a", "1"), entry("b", "1")] });
  world.advance(ttlMs);
  return dict;
}

/** Asserts that the entry `a` is there until just before a moment, and not from then on. */
async function assertEndsAt(dict: DictHandle, world: World, endsAtMs: number): Promise<void> {
  world.advance(endsAtMs - world.nowMs - 1);
  assert.equal(await dict.contains("a"), true);
  assert.notEqual(await dict.get("a"), undefined);
  world.advance(1);
  assert.equal(await dict.contains("a"), false);
  assert.equal(await dict.get("a"), undefined);
}

/** Asserts that the entry `a` ends within the slack after its time since it was used, without using it. */
async function assertEndsAround(dict: DictHandle, world: World, usedAtMs: number): Promise<void> {
  world.advance(usedAtMs + ttlMs - 1 - world.nowMs);
  assert.equal(await dict.contains("a"), true);
  world.advance(1 + slackMs);
  assert.equal(await dict.contains("a"), false);
  assert.equal(await dict.get("a"), undefined);
}

async function thirtyDays(world: World): Promise<void> {
  const dict = await world.createDict({ expiry: { policy: "afterWrite", ttlMs: expiryAfterWriteMs } });
  await dict.put("a", "1");
  await dict.put("b", "1");
  await assertEndsAt(dict, world, world.nowMs + 30 * 24 * 60 * 60 * 1000);
  assert.equal(await dict.len(), 2);
  await dict.put("b", "2");
  assert.equal(await world.sweepAll(), 1);
  assert.equal(await dict.len(), 1);
  world.advance(expiryAfterWriteMs - 1);
  assert.equal(await dict.get("b"), "2");
}

async function renewsWrittenOnly(world: World): Promise<void> {
  const dict = await world.createDict({ expiry: afterWrite, data: [entry("a", "1"), entry("b", "1")] });
  world.advance(ttlMs / 2);
  await dict.putAll([
    ["b", "2"],
    ["c", "2"],
  ]);
  world.advance(ttlMs / 2);
  assert.deepEqual(await dict.pairs(), [
    ["b", "2"],
    ["c", "2"],
  ]);
}

async function notUses(world: World): Promise<void> {
  const dict = await world.createDict({ expiry: afterUse, data: [entry("a", "1")] });
  const usedAtMs = world.nowMs;
  world.advance(ttlMs - 1);
  await dict.contains("a");
  await dict.len();
  await dict.pairs();
  await dict.get("b");
  await dict.put("b", "1");
  assert.equal(await dict.putIfAbsent("a", "2"), false);
  await assertEndsAround(dict, world, usedAtMs);
}

async function invisible(world: World): Promise<void> {
  const dict = await expired(world);
  await dict.put("c", "live");
  assert.equal(await dict.get("a"), undefined);
  assert.equal(await dict.contains("b"), false);
  assert.deepEqual(await dict.pairs(), [["c", "live"]]);
  assert.equal(await dict.len(), 3);
  assert.equal(await dict.get("a"), undefined);
  assert.equal(await dict.len(), 3);
}

async function replaced(world: World): Promise<void> {
  const dict = await expired(world);
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, index) => dict.putIfAbsent("a", `by ${index}`)),
  );
  assert.equal(answers.filter((won) => won).length, 1);
  assert.equal(await dict.get("a"), `by ${answers.indexOf(true)}`);
  assert.equal(await dict.len(), 2);
}
