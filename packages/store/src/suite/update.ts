import assert from "node:assert/strict";
import { numberedEntries, text } from "./bytes.ts";
import type { EntryCase } from "./entry-case.ts";

/** Cases for `update`. */
export const updateCases: readonly EntryCase[] = [
  {
    title: "writes every entry and leaves others alone",
    run: async (dict) => {
      await dict.putAll([
        ["a", "1"],
        ["b", "1"],
      ]);
      await dict.putAll([
        ["b", "2"],
        ["c", "2"],
      ]);
      assert.deepEqual(await dict.pairs(), [
        ["a", "1"],
        ["b", "2"],
        ["c", "2"],
      ]);
    },
  },
  {
    title: "lets the last of equal keys win",
    run: async (dict) => {
      await dict.putAll([
        ["a", "1"],
        ["b", "x"],
        ["a", "2"],
        ["a", "3"],
      ]);
      assert.deepEqual(await dict.pairs(), [
        ["a", "3"],
        ["b", "x"],
      ]);
    },
  },
  {
    title: "changes nothing without entries",
    run: async (dict) => {
      await dict.put("a", "1");
      await dict.putAll([]);
      assert.deepEqual(await dict.pairs(), [["a", "1"]]);
    },
  },
  {
    title: "writes 2,000 entries at once",
    run: async (dict, world) => {
      const entries = numberedEntries(2_000);
      await world.store.update(dict.id, entries);
      assert.equal(await dict.len(), 2_000);
      for (const { key, value } of entries.filter((_, index) => index % 97 === 0)) {
        assert.equal(await dict.get(key), text(value));
      }
    },
  },
];
