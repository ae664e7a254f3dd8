import assert from "node:assert/strict";
import { bulkAnswerBytes } from "../store.ts";
import { assertSameBytes } from "./assert-same-bytes.ts";
import { bytes, numberedEntries, patternedBytes } from "./bytes.ts";
import type { EntryCase } from "./entry-case.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const oneMiB = 1024 * 1024;

/** Cases for `getMany`. */
export const getManyCases: readonly EntryCase[] = [
  {
    title: "answers values in the order of the keys, absence as undefined, equal keys each",
    run: async (dict) => {
      await dict.putAll([
        ["a", "1"],
        ["b", ""],
        ["c", "3"],
      ]);
      assert.deepEqual(await dict.getMany(["c", "x", "b", "a", "c"]), ["3", undefined, "", "1", "3"]);
      assert.deepEqual(await dict.getMany(["x"]), [undefined]);
      assert.deepEqual(await dict.getMany([]), []);
    },
  },
  {
    title: "reads 5,000 small values at once",
    run: async (dict, world) => {
      const entries = numberedEntries(5_000);
      await world.store.update(dict.id, entries);
      const values = await dict.getMany(entries.map(({ key }) => key));
      assert.deepEqual(
        values,
        entries.map((_, index) => `v${index}`),
      );
    },
  },
];

/** What `getMany` does with large values. */
export function getManySuite(suite: Suite): void {
  suite.describe("getMany of large values", () => {
    suite.test("answers the first of them, about 4 MiB, and the rest when asked again", firstOfThem);
    suite.test("answers one that is larger than all it would answer", async (world) => {
      const value = patternedBytes(bulkAnswerBytes + oneMiB, 5);
      const dict = await world.createDict({ data: [{ key: bytes("a"), value }] });
      const values = await world.store.getMany(dict.id, ["x", "a", "a"].map(bytes));
      assert.equal(values[0], undefined);
      const found = values.length > 1 ? values[1] : (await world.store.getMany(dict.id, [bytes("a")]))[0];
      assertSameBytes(found, value);
    });
  });
}

async function firstOfThem(world: World): Promise<void> {
  const values = Array.from({ length: 10 }, (_, index) => patternedBytes(oneMiB, index + 1));
  const dict = await world.createDict();
  for (const [index, value] of values.entries()) await dict.put(`k${index}`, value);
  const keys = values.map((_, index) => bytes(`k${index}`));
  let seen = 0;
  while (seen < keys.length) {
    const some = await world.store.getMany(dict.id, keys.slice(seen));
    assert.ok(some.length >= 1 && some.length <= 5, `${some.length} values of 1 MiB came at once`);
    for (const value of some) assertSameBytes(value, values[seen++]!);
  }
}
