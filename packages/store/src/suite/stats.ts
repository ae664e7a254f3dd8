import assert from "node:assert/strict";
import { patternedBytes } from "./bytes.ts";
import { put, remove, touch } from "./commit-words.ts";
import type { EntryCase } from "./entry-case.ts";
import type { Suite } from "./suite.ts";

/** Cases for `stats`. */
export const statsCases: readonly EntryCase[] = [
  {
    title: "counts entries as len does, those that have expired included",
    run: async (dict, world) => {
      const count = async () => {
        const { entries } = await world.store.stats(dict.id);
        assert.equal(entries, await dict.len());
        return entries;
      };
      assert.equal(await count(), 0);
      await dict.commit([put("a", "1")]);
      await dict.put("b", "1", 1_000);
      await dict.put("b", "2", 1_000);
      await dict.commit([touch("a", 5_000)]);
      assert.equal(await count(), 2);
      world.advance(1_000);
      assert.equal(await count(), 2);
      await world.sweepAll();
      assert.equal(await count(), 1);
      await dict.commit([remove("a")]);
      assert.equal(await count(), 0);
    },
  },
  {
    title: "knows about how many bytes there are, or says that it does not",
    run: async (dict, world) => {
      const stored = async () => (await world.store.stats(dict.id)).bytes;
      const before = await stored();
      if (before === undefined) return;
      const value = patternedBytes(100_000, 3);
      await dict.put("a", value);
      await dict.put("b", value);
      assertAbout((await stored())! - before, 200_002);
      await dict.commit([put("a", "1")]);
      assertAbout((await stored())! - before, 100_003);
      await dict.remove("b");
      assertAbout((await stored())! - before, 2);
      await dict.clear();
      assertAbout(await stored(), 0);
    },
  },
];

/** What a store adds to keys and values is its own business, but it is little. */
function assertAbout(actual: number | undefined, expected: number): void {
  const isAbout = actual !== undefined && Math.abs(actual - expected) <= 2_000 + expected / 20;
  assert.ok(isAbout, `${actual} bytes, about ${expected} expected`);
}

/** Statistics over the life of a store. */
export function statsSuite(suite: Suite): void {
  for (const { title, reopen } of suite.reopenings) {
    suite.test(`statistics are the same ${title}`, async (world) => {
      const dict = await world.createDict();
      for (let index = 0; index < 20; index++)
        await dict.put(`k${index % 13}`, patternedBytes(1_000, index + 1));
      await dict.removeMany(["k1", "k2"]);
      const before = await world.store.stats(dict.id);
      assert.equal(before.entries, 11);
      await reopen(world);
      assert.deepEqual(await world.store.stats(dict.id), before);
    });
  }
}
