import assert from "node:assert/strict";
import { numberedEntries, text } from "./bytes.ts";
import type { EntryCase } from "./entry-case.ts";

const whole = { keys: true, values: true };

/** Cases for `contents` of a dictionary that does not change meanwhile; see `changing-contents.ts` for others. */
export const contentsCases: readonly EntryCase[] = [
  {
    title: "ends without a batch if there are no entries",
    run: async (dict, world) => {
      for await (const batch of world.store.contents(dict.id, whole)) assert.fail(`${batch.length} entries`);
    },
  },
  {
    title: "carries each entry once, in batches of 1 to 4,096",
    run: async (dict, world) => {
      const entries = numberedEntries(2_500);
      await world.store.update(dict.id, entries);
      await world.store.update(dict.id, entries.slice(0, 100));
      const seen = new Map<string, string>();
      for await (const batch of world.store.contents(dict.id, whole)) {
        assert.ok(batch.length >= 1 && batch.length <= 4_096, `a batch of ${batch.length}`);
        for (const { key, value } of batch) {
          assert.ok(!seen.has(text(key)), `${text(key)} twice`);
          seen.set(text(key), text(value));
        }
      }
      assert.equal(seen.size, 2_500);
      for (const { key, value } of entries) assert.equal(seen.get(text(key)), text(value));
    },
  },
  {
    title: "leaves the part empty that was not asked for",
    run: async (dict) => {
      await dict.putAll([
        ["a", "1"],
        ["b", "2"],
      ]);
      assert.deepEqual(await dict.pairs({ keys: true, values: false }), [
        ["a", ""],
        ["b", ""],
      ]);
      assert.deepEqual(await dict.pairs({ keys: false, values: true }), [
        ["", "1"],
        ["", "2"],
      ]);
      assert.deepEqual(await dict.pairs({ keys: false, values: false }), [
        ["", ""],
        ["", ""],
      ]);
    },
  },
  {
    title: "does not show what was removed before",
    run: async (dict) => {
      await dict.putAll([
        ["a", "1"],
        ["b", "2"],
        ["c", "3"],
      ]);
      await dict.pop("b");
      assert.deepEqual(await dict.pairs(), [
        ["a", "1"],
        ["c", "3"],
      ]);
    },
  },
  {
    title: "lets the consumer stop, and start again",
    run: async (dict, world) => {
      await world.store.update(dict.id, numberedEntries(2_500));
      for (let round = 0; round < 3; round++) {
        for await (const batch of world.store.contents(dict.id, whole)) {
          assert.ok(batch.length > 0);
          break;
        }
      }
      assert.equal((await dict.pairs()).length, 2_500);
    },
  },
];
