import assert from "node:assert/strict";
import { numberedEntries } from "./bytes.ts";
import type { EntryCase } from "./entry-case.ts";

/** Cases for `len`. */
export const lenCases: readonly EntryCase[] = [
  {
    title: "is 0 without entries",
    run: async (dict) => assert.equal(await dict.len(), 0),
  },
  {
    title: "counts keys, not writes",
    run: async (dict) => {
      await dict.put("a", "1");
      await dict.put("b", "1");
      await dict.put("a", "2");
      assert.equal(await dict.len(), 2);
      await dict.putIfAbsent("a", "3");
      await dict.putIfAbsent("c", "3");
      assert.equal(await dict.len(), 3);
      await dict.pop("b");
      await dict.pop("b");
      assert.equal(await dict.len(), 2);
    },
  },
  {
    title: "counts the keys of an update once each",
    run: async (dict, world) => {
      const entries = numberedEntries(50);
      await world.store.update(dict.id, [...entries, ...entries]);
      assert.equal(await dict.len(), 50);
      await world.store.update(dict.id, numberedEntries(60));
      assert.equal(await dict.len(), 60);
    },
  },
];
