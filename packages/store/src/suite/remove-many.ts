import assert from "node:assert/strict";
import { numberedEntries } from "./bytes.ts";
import type { EntryCase } from "./entry-case.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";

/** Cases for `removeMany`. */
export const removeManyCases: readonly EntryCase[] = [
  {
    title: "removes those that are there and counts them, equal keys once",
    run: async (dict) => {
      await dict.putAll([
        ["a", "1"],
        ["b", "2"],
        ["c", "3"],
      ]);
      assert.equal(await dict.removeMany(["c", "x", "a", "c"]), 2);
      assert.deepEqual(await dict.pairs(), [["b", "2"]]);
      assert.equal(await dict.removeMany(["a", "c"]), 0);
      assert.equal(await dict.removeMany([]), 0);
    },
  },
  {
    title: "removes 5,000 at once",
    run: async (dict, world) => {
      const entries = numberedEntries(5_000);
      await world.store.update(dict.id, entries);
      await dict.put("kept", "1");
      assert.equal(await dict.removeMany(entries.map(({ key }) => key)), 5_000);
      assert.deepEqual(await dict.pairs(), [["kept", "1"]]);
    },
  },
  {
    title: "of many at once that remove the same keys one counts each",
    run: async (dict, world) => {
      const entries = numberedEntries(50);
      await world.store.update(dict.id, entries);
      const keys = entries.map(({ key }) => key);
      const counts = await Promise.all(Array.from({ length: 8 }, () => dict.removeMany(keys)));
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        50,
      );
    },
  },
  {
    title: "under a key answers a repeat as the first call, and does nothing then",
    run: async (dict) => {
      const option = { idempotencyKey: "t" };
      await dict.putAll([
        ["a", "1"],
        ["b", "2"],
      ]);
      assert.equal(await dict.removeMany(["a", "b", "x"], option), 2);
      await dict.putAll([
        ["a", "again"],
        ["x", "now"],
      ]);
      assert.equal(await dict.removeMany(["a", "b", "x"], option), 2);
      assert.equal(await dict.len(), 2);
    },
  },
];

/** Repeats of `removeMany` with other keys, and over the life of a store. */
export function removeManySuite(suite: Suite): void {
  suite.describe("an idempotency key of a removeMany", () => {
    suite.test("is refused for other keys", async (world) => {
      const dict = await world.createDict({ shards: 1, data: numberedEntries(3) });
      assert.equal(await dict.removeMany(["k0"], { idempotencyKey: "t" }), 1);
      await rejectsWith("conflict", () => dict.removeMany(["k1"], { idempotencyKey: "t" }));
      assert.equal(await dict.len(), 2);
    });
    suite.test("makes calls under way at once one call", async (world) => {
      const dict = await world.createDict({ data: numberedEntries(20) });
      const keys = numberedEntries(20).map(({ key }) => key);
      const call = () => dict.removeMany(keys, { idempotencyKey: "t" });
      assert.deepEqual(await Promise.all([call(), call(), call()]), [20, 20, 20]);
    });
    if (!suite.capabilities.durableAnswers) return;
    for (const { title, reopen } of suite.reopenings) {
      suite.test(`is remembered ${title}`, async (world) => {
        const dict = await world.createDict({ data: numberedEntries(20) });
        const keys = numberedEntries(20).map(({ key }) => key);
        assert.equal(await dict.removeMany(keys, { idempotencyKey: "t" }), 20);
        await reopen(world);
        await dict.put("k7", "again");
        assert.equal(await dict.removeMany(keys, { idempotencyKey: "t" }), 20);
        assert.equal(await dict.get("k7"), "again");
      });
    }
  });
}
