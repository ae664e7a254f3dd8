import { expect, test } from "vitest";
import { areDistinct } from "./distinct-keys.ts";

const encoder = new TextEncoder();
const keysOf = (texts: readonly string[]) => texts.map((text) => ({ key: encoder.encode(text) }));
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

test.each([0, 1, 2, 64, 65, 10_000])("of %d keys no two are equal, until one comes twice", (count) => {
  const keys = numbered(count);
  expect(areDistinct(keysOf(keys))).toBe(true);
  for (const twice of new Set([keys[0], keys.at(-1)])) {
    if (twice !== undefined) expect(areDistinct(keysOf([...keys, twice]))).toBe(false);
  }
  expect(areDistinct(keysOf([...keys, "", "\0"]))).toBe(true);
});

test("keys that were chosen to collide are told apart too", () => {
  // Of the keys of two bytes, those that the table has in the same place.
  const place = ([one, other]: Uint8Array) => {
    let mixed = 2;
    for (const byte of [one!, other!]) {
      mixed = Math.imul(mixed ^ byte, 0x01000193);
      mixed ^= mixed >>> 15;
    }
    return mixed & 255;
  };
  const all = Array.from({ length: 65_536 }, (_, index) => Uint8Array.of(index >> 8, index & 255));
  const keys = all
    .filter((key) => place(key) === 7)
    .slice(0, 100)
    .map((key) => ({ key }));
  expect(keys).toHaveLength(100);
  expect(areDistinct(keys)).toBe(true);
  expect(areDistinct([...keys, { key: keys[50]!.key.slice() }])).toBe(false);
});
