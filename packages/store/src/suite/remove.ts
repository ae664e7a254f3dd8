import assert from "node:assert/strict";
import type { EntryCase } from "./entry-case.ts";

/** Cases for `remove`. */
export const removeCases: readonly EntryCase[] = [
  {
    title: "removes the entry, once, and says whether one existed",
    run: async (dict) => {
      await dict.putAll([
        ["a", "1"],
        ["b", ""],
      ]);
      assert.equal(await dict.remove("a"), true);
      assert.equal(await dict.remove("a"), false);
      assert.equal(await dict.remove("absent"), false);
      assert.deepEqual(await dict.pairs(), [["b", ""]]);
      assert.equal(await dict.remove("b"), true);
      assert.equal(await dict.len(), 0);
    },
  },
  {
    title: "under a key answers a repeat as the first call, and does nothing then",
    run: async (dict) => {
      const [first, second] = [{ idempotencyKey: "first" }, { idempotencyKey: "second" }];
      assert.equal(await dict.remove("a", second), false);
      await dict.put("a", "1");
      assert.equal(await dict.remove("a", first), true);
      await dict.put("a", "2");
      assert.equal(await dict.remove("a", first), true);
      assert.equal(await dict.remove("a", second), false);
      assert.equal(await dict.get("a"), "2");
    },
  },
  {
    title: "of 64 calls at once one removes, as one pop has the value",
    run: async (dict) => {
      await dict.put("a", "1");
      const removals = Array.from({ length: 32 }, () => dict.remove("a"));
      const pops = Array.from({ length: 32 }, () => dict.pop("a"));
      const removed = (await Promise.all(removals)).filter(Boolean);
      const popped = (await Promise.all(pops)).filter((value) => value !== undefined);
      assert.equal(removed.length + popped.length, 1);
    },
  },
];
