import assert from "node:assert/strict";
import { numberedEntries } from "./bytes.ts";
import type { EntryCase } from "./entry-case.ts";

/** Cases for `clear`. */
export const clearCases: readonly EntryCase[] = [
  {
    title: "removes every entry",
    run: async (dict, world) => {
      await world.store.update(dict.id, numberedEntries(300));
      await dict.put("a", "1");
      await dict.clear();
      assert.equal(await dict.len(), 0);
      assert.equal(await dict.get("a"), undefined);
      assert.equal(await dict.contains("k1"), false);
      assert.equal(await dict.pop("k2"), undefined);
      assert.deepEqual(await dict.pairs(), []);
    },
  },
  {
    title: "may be repeated, and does nothing without entries",
    run: async (dict) => {
      await dict.clear();
      await dict.put("a", "1");
      await dict.clear();
      await dict.clear();
      assert.equal(await dict.len(), 0);
    },
  },
  {
    title: "leaves the dictionary usable",
    run: async (dict) => {
      await dict.put("a", "1");
      await dict.clear();
      await dict.put("a", "2");
      await dict.put("b", "2");
      assert.equal(await dict.len(), 2);
      assert.deepEqual(await dict.pairs(), [
        ["a", "2"],
        ["b", "2"],
      ]);
    },
  },
  {
    title: "takes effect in the order of the calls",
    run: async (dict) => {
      await Promise.all([dict.put("a", "before"), dict.clear(), dict.put("b", "after")]);
      assert.deepEqual(await dict.pairs(), [["b", "after"]]);
    },
  },
];
