import assert from "node:assert/strict";
import type { EntryCase } from "./entry-case.ts";

/** Cases for `contains`. */
export const containsCases: readonly EntryCase[] = [
  {
    title: "is true for present keys only",
    run: async (dict) => {
      assert.equal(await dict.contains("a"), false);
      await dict.put("a", "1");
      assert.equal(await dict.contains("a"), true);
      assert.equal(await dict.contains("b"), false);
    },
  },
  {
    title: "is true for an entry with an empty value",
    run: async (dict) => {
      await dict.put("a", "");
      assert.equal(await dict.contains("a"), true);
    },
  },
  {
    title: "is false for a key that was popped",
    run: async (dict) => {
      await dict.put("a", "1");
      await dict.pop("a");
      assert.equal(await dict.contains("a"), false);
    },
  },
];
