import assert from "node:assert/strict";
import type { EntryCase } from "./entry-case.ts";

/** Cases for `pop`. */
export const popCases: readonly EntryCase[] = [
  {
    title: "removes the entry and answers its value",
    run: async (dict) => {
      await dict.putAll([
        ["a", "1"],
        ["b", "2"],
      ]);
      assert.equal(await dict.pop("a"), "1");
      assert.deepEqual(await dict.pairs(), [["b", "2"]]);
    },
  },
  {
    title: "answers undefined for an absent key and changes nothing",
    run: async (dict) => {
      assert.equal(await dict.pop("a"), undefined);
      await dict.put("b", "2");
      assert.equal(await dict.pop("a"), undefined);
      assert.equal(await dict.len(), 1);
    },
  },
  {
    title: "answers a value once",
    run: async (dict) => {
      await dict.put("a", "1");
      await dict.put("a", "2");
      assert.equal(await dict.pop("a"), "2");
      assert.equal(await dict.pop("a"), undefined);
    },
  },
  {
    title: "answers an empty value",
    run: async (dict) => {
      await dict.put("a", "");
      assert.equal(await dict.pop("a"), "");
    },
  },
];
