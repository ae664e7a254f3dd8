import assert from "node:assert/strict";
import type { EntryCase } from "./entry-case.ts";

/** Cases for `get`. */
export const getCases: readonly EntryCase[] = [
  {
    title: "answers undefined for an absent key",
    run: async (dict) => {
      assert.equal(await dict.get("a"), undefined);
      await dict.put("a", "1");
      assert.equal(await dict.get("b"), undefined);
    },
  },
  {
    title: "answers the value last written",
    run: async (dict) => {
      await dict.put("a", "1");
      assert.equal(await dict.get("a"), "1");
      await dict.put("a", "a longer value");
      assert.equal(await dict.get("a"), "a longer value");
      await dict.put("a", "2");
      assert.equal(await dict.get("a"), "2");
    },
  },
  {
    title: "tells an empty value from absence",
    run: async (dict) => {
      await dict.put("a", "");
      assert.equal(await dict.get("a"), "");
    },
  },
  {
    title: "answers undefined for a key that was popped",
    run: async (dict) => {
      await dict.put("a", "1");
      await dict.pop("a");
      assert.equal(await dict.get("a"), undefined);
    },
  },
];
