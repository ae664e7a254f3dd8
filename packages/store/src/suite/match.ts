import assert from "node:assert/strict";
import type { KeyPattern } from "@everdict/protocol";
import { bytes, text } from "./bytes.ts";
import type { DictHandle } from "./dict-handle.ts";
import type { EntryCase } from "./entry-case.ts";
import type { World } from "./world.ts";

const keys = ["", "\0", "a", "ab", "abc", "b", "bab", "\xff\xfe", "a\0b", `${"long".repeat(200)}a`];

function part(offset: number, data: string): KeyPattern[number] {
  return { offset, bytes: bytes(data) };
}

/** Patterns, and the keys that they match. */
const patterns: readonly (readonly [string, readonly KeyPattern[], readonly string[]])[] = [
  ["a prefix", [[part(0, "ab")]], ["ab", "abc"]],
  ["bytes in the middle", [[part(1, "b")]], ["ab", "abc"]],
  ["bytes at the end of a key and beyond that of others", [[part(2, "c")]], ["abc"]],
  ["several parts, all of which must be there", [[part(0, "a"), part(2, "b")]], ["a\0b"]],
  [
    "several patterns, one of which must match",
    [[part(0, "b")], [part(0, "\xff")]],
    ["b", "bab", "\xff\xfe"],
  ],
  ["patterns that match the same key", [[part(0, "b")], [part(1, "ab")]], ["b", "bab"]],
  ["bytes far behind", [[part(800, "a")]], [`${"long".repeat(200)}a`]],
  ["zeros", [[part(0, "\0")]], ["\0"]],
  ["a pattern without parts: every key", [[]], keys],
  [
    "no bytes at a place: every key that is that long",
    [[part(3, "")]],
    ["abc", "bab", "a\0b", `${"long".repeat(200)}a`],
  ],
  ["what no key has", [[part(0, "zzz")]], []],
  ["no pattern: no key", [], []],
];

/** Cases for keys that match, in `contents` and `page`. */
export const matchCases: readonly EntryCase[] = patterns.map(([what, match, expected]) => ({
  title: `matches ${what}`,
  run: async (dict, world) => {
    await dict.putAll(keys.map((key) => [key, `value of ${key}`] as const));
    const pairs = expected.map((key) => [key, `value of ${key}`] as const).sort(byKey);
    assert.deepEqual(await dict.pairs({ keys: true, values: true, match }), pairs);
    const withoutKeys = await dict.pairs({ keys: false, values: true, match });
    assert.deepEqual(withoutKeys.map(([, value]) => value).sort(), pairs.map(([, value]) => value).sort());
    for (const limit of [1, 3, 100]) {
      const seen = await pagesOf(dict, world, match, limit);
      assert.deepEqual(seen.sort(byKey), pairs);
    }
  },
}));

async function pagesOf(
  dict: DictHandle,
  world: World,
  match: readonly KeyPattern[],
  limit: number,
): Promise<[string, string][]> {
  const seen: [string, string][] = [];
  let after: Uint8Array | undefined;
  do {
    const page = await world.store.page(dict.id, { match, after, limit, values: true });
    assert.ok(page.entries.length <= limit);
    for (const { key, value } of page.entries) seen.push([text(key), text(value)]);
    after = page.next;
  } while (after !== undefined);
  return seen;
}

function byKey([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : Number(one > other);
}
