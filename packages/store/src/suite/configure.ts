import assert from "node:assert/strict";
import { type Durability, durabilities } from "@everdict/protocol";
import { entry } from "./bytes.ts";
import { put } from "./commit-words.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const ttlMs = 16_000;
const [never, afterWrite, afterUse] = [
  { policy: "never" },
  { policy: "afterWrite", ttlMs },
  { policy: "afterUse", ttlMs },
] as const;

/** What changing the set-up of a dictionary changes, and what it leaves. */
export function configureSuite(suite: Suite): void {
  suite.describe("configureDict", () => {
    suite.test("to what a dictionary has is no change", noChange);
    suite.test("answers the record as it is found from then on", found);
    suite.test("moves no end of an entry that is there", async (world) => {
      const dict = await world.createDict({ expiry: never, data: [entry("a", "1")] });
      await world.store.configureDict(dict.id, { expiry: afterWrite });
      await dict.put("b", "1");
      await world.store.configureDict(dict.id, { expiry: { policy: "afterWrite", ttlMs: 3 * ttlMs } });
      await dict.commit([put("c", "1")]);
      assert.equal((await dict.entry("a"))!.expiresAtMs, undefined);
      assert.equal((await dict.entry("b"))!.expiresAtMs, world.nowMs + ttlMs);
      assert.equal((await dict.entry("c"))!.expiresAtMs, world.nowMs + 3 * ttlMs);
      world.advance(ttlMs);
      assert.deepEqual(await dict.pairs(), [
        ["a", "1"],
        ["c", "1"],
      ]);
    });
    suite.test("renews entries by their use from then on, or no more", async (world) => {
      const dict = await world.createDict({ expiry: afterWrite, data: [entry("a", "1")] });
      await world.store.configureDict(dict.id, { expiry: afterUse });
      for (let uses = 0; uses < 5; uses++) {
        world.advance(ttlMs - 1);
        assert.equal(await dict.get("a"), "1");
        assert.equal(await dict.contains("a"), true);
      }
      await world.store.configureDict(dict.id, { expiry: afterWrite });
      world.advance(ttlMs - 1);
      assert.equal(await dict.get("a"), "1");
      world.advance(1 + ttlMs / 16);
      assert.equal(await dict.contains("a"), false);
    });
    suite.test("leaves times to live of entries alone", async (world) => {
      const dict = await world.createDict({ expiry: never });
      await dict.put("a", "1", ttlMs);
      await dict.put("b", "1", null);
      await world.store.configureDict(dict.id, { expiry: { policy: "afterWrite", ttlMs: 5 } });
      world.advance(ttlMs - 1);
      assert.deepEqual(await dict.getMany(["a", "b"]), ["1", "1"]);
      world.advance(1);
      assert.deepEqual(await dict.getMany(["a", "b"]), [undefined, "1"]);
    });
    suite.test("of an ephemeral dictionary leaves its end alone", async (world) => {
      const dict = await world.createEphemeral(1_000, { expiry: never, data: [entry("a", "1")] });
      await world.store.configureDict(dict.id, { expiry: afterWrite });
      world.advance(999);
      assert.equal(await dict.get("a"), "1");
      world.advance(1);
      await rejectsWith("dict_not_found", () => world.store.configureDict(dict.id, { expiry: never }));
    });
    for (const { title, reopen } of suite.reopenings) {
      suite.test(`holds ${title}`, async (world) => {
        const dict = await world.createDict({ expiry: never });
        const changed = await world.store.configureDict(dict.id, { expiry: afterWrite });
        await reopen(world);
        assert.deepEqual(await world.store.getDict(dict.id), changed);
        await dict.put("a", "1");
        assert.equal((await dict.entry("a"))!.expiresAtMs, world.nowMs + ttlMs);
      });
    }
  });
}

async function found(world: World): Promise<void> {
  const dict = await world.createDict({ expiry: never });
  const before = await world.store.getDict(dict.id);
  const changed = await world.store.configureDict(dict.id, { expiry: afterUse });
  assert.deepEqual(changed, { ...before, expiry: afterUse });
  const same = async () => {
    assert.deepEqual(await world.store.getDict(dict.id), changed);
    assert.deepEqual(await world.store.findDict(world.environmentId, dict.name), changed);
    assert.deepEqual(await world.store.listDicts({ environmentId: world.environmentId }), [changed]);
  };
  await same();
  assert.deepEqual(await world.store.configureDict(dict.id, {}), changed);
  await same();
  const weakest: Durability = durabilities.at(-1)!;
  assert.equal((await world.store.configureDict(dict.id, { durability: weakest })).durability, weakest);
  await dict.put("a", "1");
  assert.equal(await dict.get("a"), "1");
}

async function noChange(world: World): Promise<void> {
  const dict = await world.createDict({ expiry: afterUse });
  const before = await world.store.getDict(dict.id);
  for (const change of [{}, { expiry: afterUse }]) {
    assert.deepEqual(await world.store.configureDict(dict.id, change), before);
    assert.deepEqual(await world.store.getDict(dict.id), before);
  }
}
