import assert from "node:assert/strict";
import type { PageRequest } from "@everdict/protocol";
import { bulkAnswerBytes } from "../store.ts";
import { bytes, numberedEntries, patternedBytes, text } from "./bytes.ts";
import type { EntryCase } from "./entry-case.ts";
import { rejectsWith } from "./rejects-with.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const oneMiB = 1024 * 1024;
const pagesMax = 100_000;

/** What a walk by pages may do in between. */
interface Walk extends Partial<PageRequest> {
  readonly between?: (page: number) => unknown;
}

/** Keys and values of all pages, as texts, in their order. */
async function walk(
  world: World,
  dictId: string,
  { between, ...request }: Walk = {},
): Promise<[string, string][]> {
  const seen: [string, string][] = [];
  let after = request.after;
  for (let page = 0; page < pagesMax; page++) {
    const limit = request.limit ?? 100;
    const { entries, next } = await world.store.page(dictId, { values: true, ...request, limit, after });
    assert.ok(entries.length <= limit, `${entries.length} entries, ${limit} allowed`);
    for (const { key, value } of entries) seen.push([text(key), text(value)]);
    if (next === undefined) return seen;
    // A caller keeps the cursor as it likes.
    after = Uint8Array.from(next);
    await between?.(page);
  }
  assert.fail(`after ${pagesMax} pages there are still more`);
}

/** Cases for `page` of a dictionary that does not change meanwhile. */
export const pageCases: readonly EntryCase[] = [
  {
    title: "shows each entry once on pages of any size, always in the same order",
    run: async (dict, world) => {
      await world.store.update(dict.id, numberedEntries(250));
      const whole = await walk(world, dict.id, { limit: 1_000 });
      assert.deepEqual(
        [...whole].sort(),
        numberedEntries(250)
          .map(({ key, value }) => [text(key), text(value)])
          .sort(),
      );
      for (const limit of [1, 3, 100, 249, 250, 251, 10_000]) {
        assert.deepEqual(await walk(world, dict.id, { limit }), whole);
      }
    },
  },
  {
    title: "has no entries and no next page without entries",
    run: async (dict, world) => {
      assert.deepEqual(await walk(world, dict.id), []);
    },
  },
  {
    title: "leaves values empty that are not wanted",
    run: async (dict, world) => {
      await dict.putAll([
        ["a", "1"],
        ["b", "2"],
      ]);
      const seen = await walk(world, dict.id, { values: false });
      assert.deepEqual(seen.sort(), [
        ["a", ""],
        ["b", ""],
      ]);
    },
  },
  {
    title: "goes on from the same place as often as it is asked",
    run: async (dict, world) => {
      await world.store.update(dict.id, numberedEntries(50));
      const first = await world.store.page(dict.id, { limit: 20, values: false });
      const rest = await walk(world, dict.id, { after: first.next! });
      assert.equal(first.entries.length + rest.length, 50);
      assert.deepEqual(await walk(world, dict.id, { after: first.next! }), rest);
    },
  },
];

/** Pages of what changes, of large values, and over the life of a store. */
export function pageSuite(suite: Suite): void {
  suite.describe("pages", () => {
    suite.test("show what is there throughout exactly once, whatever happens to the rest", changing);
    suite.test("of large values hold about 4 MiB", largeValues);
    suite.test("show a value that is larger than a page", async (world) => {
      const value = patternedBytes(bulkAnswerBytes + oneMiB, 9);
      const dict = await world.createDict({ data: numberedEntries(10) });
      await dict.put("large", value);
      const seen = await walk(world, dict.id);
      assert.equal(seen.length, 11);
      assert.equal(new Map(seen).get("large")!.length, value.length);
    });
    suite.test("show no entry that has expired, and end", async (world) => {
      const dict = await world.createDict({ data: numberedEntries(300) });
      await Promise.all(numberedEntries(300, "e").map(({ key }) => dict.put(key, "1", 1_000)));
      world.advance(1_000);
      assert.equal((await walk(world, dict.id, { limit: 7 })).length, 300);
    });
    suite.test("do not count as use", async (world) => {
      const dict = await world.createDict({
        expiry: { policy: "afterUse", ttlMs: 16_000 },
        data: numberedEntries(5),
      });
      world.advance(15_999);
      assert.equal((await walk(world, dict.id)).length, 5);
      world.advance(1_001);
      assert.equal((await walk(world, dict.id)).length, 0);
    });
    suite.test("of a cleared dictionary show what was written since", async (world) => {
      const dict = await world.createDict({ data: numberedEntries(100) });
      const { next } = await world.store.page(dict.id, { limit: 10, values: false });
      await dict.clear();
      assert.deepEqual(await walk(world, dict.id, { after: next! }), []);
      await dict.put("a", "1");
      assert.deepEqual(await walk(world, dict.id), [["a", "1"]]);
    });
    suite.test("refuse what is no cursor", notCursors);
    for (const { title, reopen } of suite.reopenings) {
      suite.test(`go on from their cursors ${title}`, (world) => acrossReopening(world, reopen));
    }
  });
}

async function changing(world: World): Promise<void> {
  const dict = await world.createDict({ data: numberedEntries(1_000) });
  const doomed = numberedEntries(1_000, "doomed");
  await world.store.update(dict.id, doomed);
  const between = async (page: number) => {
    // Growth, removal, writes over what is there, and new values that make the old ones garbage.
    await world.store.update(dict.id, numberedEntries(page < 20 ? 300 : 0, `new${page}-`));
    await dict.removeMany(doomed.slice(40 * page, 40 * page + 40).map(({ key }) => key));
    await world.store.update(dict.id, numberedEntries(200, "k", `w${page}-`));
  };
  const seen = await walk(world, dict.id, { limit: 83, between });
  const keys = seen.map(([key]) => key);
  assert.equal(new Set(keys).size, keys.length, "an entry is on two pages");
  const kept = keys.filter((key) => key.startsWith("k"));
  assert.deepEqual(
    kept.sort(),
    numberedEntries(1_000)
      .map(({ key }) => text(key))
      .sort(),
  );
}

async function largeValues(world: World): Promise<void> {
  const dict = await world.createDict();
  for (let index = 0; index < 10; index++) await dict.put(`k${index}`, patternedBytes(oneMiB, index + 1));
  let pages = 0;
  const seen = await walk(world, dict.id, { between: () => pages++ });
  assert.equal(new Set(seen.map(([key]) => key)).size, 10);
  assert.ok(pages >= 2, "10 MiB came on two pages");
  const keysOnly = await world.store.page(dict.id, { limit: 100, values: false });
  assert.ok(keysOnly.entries.every(({ value }) => value.length === 0));
}

async function notCursors(world: World): Promise<void> {
  const dict = await world.createDict({ data: numberedEntries(10) });
  for (const after of ["", "x", "\xff".repeat(8), "\xff".repeat(40), "x".repeat(60_000)]) {
    await rejectsWith("invalid_argument", async () =>
      world.store.page(dict.id, { limit: 5, values: true, after: bytes(after) }),
    );
  }
}

async function acrossReopening(world: World, reopen: (world: World) => Promise<void>): Promise<void> {
  const dict = await world.createDict({ data: numberedEntries(1_000) });
  await dict.removeMany(numberedEntries(100).map(({ key }) => key));
  const seen = await walk(world, dict.id, {
    limit: 130,
    between: async (page) => {
      await world.store.update(dict.id, numberedEntries(200, `new${page % 3}-`, `${page}`));
      if (page % 2 === 0) await reopen(world);
    },
  });
  const kept = seen.map(([key]) => key).filter((key) => key.startsWith("k"));
  assert.deepEqual(
    kept.sort(),
    numberedEntries(1_000)
      .slice(100)
      .map(({ key }) => text(key))
      .sort(),
  );
}
