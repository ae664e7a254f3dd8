import assert from "node:assert/strict";
import type { EntryCase } from "./entry-case.ts";

/** Cases for `putIfAbsent`. */
export const putIfAbsentCases: readonly EntryCase[] = [
  {
    title: "writes an absent entry and answers true",
    run: async (dict) => {
      assert.equal(await dict.putIfAbsent("a", "1"), true);
      assert.equal(await dict.get("a"), "1");
      assert.equal(await dict.len(), 1);
    },
  },
  {
    title: "leaves a present entry alone and answers false",
    run: async (dict) => {
      await dict.put("a", "1");
      assert.equal(await dict.putIfAbsent("a", "2"), false);
      assert.equal(await dict.get("a"), "1");
    },
  },
  {
    title: "finds an entry with an empty value present",
    run: async (dict) => {
      assert.equal(await dict.putIfAbsent("a", ""), true);
      assert.equal(await dict.putIfAbsent("a", "2"), false);
      assert.equal(await dict.get("a"), "");
    },
  },
  {
    title: "writes again after pop and after clear",
    run: async (dict) => {
      await dict.putIfAbsent("a", "1");
      await dict.pop("a");
      assert.equal(await dict.putIfAbsent("a", "2"), true);
      await dict.clear();
      assert.equal(await dict.putIfAbsent("a", "3"), true);
      assert.equal(await dict.get("a"), "3");
    },
  },
];
