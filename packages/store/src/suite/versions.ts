import assert from "node:assert/strict";
import { entry } from "./bytes.ts";
import { add, number, put, remove, results, touch } from "./commit-words.ts";
import type { DictHandle } from "./dict-handle.ts";
import type { EntryCase } from "./entry-case.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** Cases for versions and `entry`. */
export const versionCases: readonly EntryCase[] = [
  {
    title: "says value, version and end of a live entry, and nothing of an absent one",
    run: async (dict) => {
      assert.equal(await dict.entry("a"), undefined);
      await dict.put("a", "1", null);
      const found = (await dict.entry("a"))!;
      assert.deepEqual(Uint8Array.from(found.value), Uint8Array.of(0x31));
      assert.match(found.version, /^[0-9a-f]{16}$/);
      assert.equal(found.expiresAtMs, undefined);
      await dict.pop("a");
      assert.equal(await dict.entry("a"), undefined);
    },
  },
  {
    title: "every write gives another version, whatever wrote",
    run: async (dict, world) => {
      const seen: string[] = [];
      for (const write of writes(dict, world)) {
        await write();
        seen.push(await dict.version("a"));
      }
      assert.equal(new Set(seen).size, seen.length, seen.join(" "));
    },
  },
  {
    title: "nothing but a write gives another version",
    run: async (dict, world) => {
      await dict.put("a", number(1));
      await dict.put("b", "1");
      const version = await dict.version("a");
      await dict.get("a");
      await dict.contains("a");
      await dict.getMany(["a"]);
      await dict.pairs();
      await dict.putIfAbsent("a", "2");
      await dict.put("b", "2");
      await dict.remove("b");
      assert.equal(results(await dict.commit([touch("a", 50_000)]))[0]!.version, version);
      await dict.commit([add("a", 1, { max: number(1) })]);
      await world.sweepAll();
      assert.equal(await dict.version("a"), version);
    },
  },
  {
    title: "a value is that of its version, however many write at once",
    run: async (dict) => {
      const written = await Promise.all(
        Array.from({ length: 30 }, async (_, index) => {
          const [changed] = results(await dict.commit([put("a", `${index}`)]));
          return [changed!.version!, `${index}`] as const;
        }),
      );
      const values = new Map(written);
      assert.equal(values.size, 30);
      assert.equal(values.get(await dict.version("a")), await dict.get("a"));
    },
  },
];

/** All ways to write the entry `a`, some of them after it was removed. */
function writes(dict: DictHandle, world: World): (() => Promise<unknown>)[] {
  const after = (before: () => unknown, write: () => Promise<unknown>) => async () => {
    await before();
    assert.equal(await dict.contains("a"), false);
    await write();
  };
  return [
    () => dict.put("a", "1"),
    () => dict.put("a", "1"),
    () =>
      dict.putAll([
        ["a", "1"],
        ["a", "1"],
      ]),
    after(
      () => dict.pop("a"),
      () => dict.putIfAbsent("a", "1"),
    ),
    after(
      () => dict.remove("a"),
      () => dict.commit([put("a", "1")]),
    ),
    () => dict.commit([put("a", "1")]),
    after(
      () => dict.clear(),
      () => dict.commit([add("a", 1)]),
    ),
    () => dict.commit([add("a", 0)]),
    after(
      () => dict.commit([remove("a")]),
      () => dict.put("a", "1", 1_000),
    ),
    after(
      () => world.advance(1_000),
      () => dict.put("a", "1"),
    ),
    after(
      () => dict.removeMany(["a"]),
      () => dict.put("a", "1"),
    ),
  ];
}

/** Versions over the life of a store. */
export function versionSuite(suite: Suite): void {
  for (const { title, reopen } of suite.reopenings) {
    suite.test(`a version stays ${title}, and never comes again`, async (world) => {
      const dict = await world.createDict({ data: [entry("a", "1"), entry("b", "1")] });
      const seen = [await dict.version("a")];
      await reopen(world);
      assert.equal(await dict.version("a"), seen[0]);
      await dict.remove("a");
      for (let round = 0; round < 3; round++) {
        await reopen(world);
        await dict.put("a", "1");
        seen.push(await dict.version("a"));
        await dict.clear();
      }
      assert.equal(new Set(seen).size, 4);
    });
  }
}
