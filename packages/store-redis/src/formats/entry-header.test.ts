// The layout of an entry: what this version writes, and what earlier versions wrote.
import { expect, test } from "vitest";
import {
  encodeEntry,
  encodePointer,
  expiryOf,
  isEntry,
  ownLifeOf,
  pointerIn,
  valueIn,
  versionOf,
} from "./entry-header.ts";

const value = Buffer.from("value");
const pointer = { id: Buffer.alloc(16, 7), chunks: 3, bytes: 1_234_567 };

test.each([
  [undefined, 16],
  [null, 22],
  [1, 22],
  [2 ** 47, 22],
])("an entry with the time to live %s of its own has it behind its version", (ownMs, headerBytes) => {
  const life = { expiresAtMs: 1_700_000_000_123, ownMs };
  const entry = encodeEntry(value, life);
  expect(entry.length).toBe(headerBytes + value.length);
  expect(valueIn(entry)).toEqual(value);
  const large = encodePointer(pointer, life);
  expect(pointerIn(large)).toEqual(pointer);
  for (const each of [entry, large]) {
    expect(isEntry(each)).toBe(true);
    expect(expiryOf(each)).toBe(life.expiresAtMs);
    expect(ownLifeOf(each)).toBe(ownMs);
    expect(isEntry(each.subarray(0, headerBytes - 1))).toBe(false);
  }
});

test("each entry that is written has a version that none had", () => {
  const count = 5_000;
  const entries = Array.from({ length: count }, () =>
    encodeEntry(value, { expiresAtMs: 0, ownMs: undefined }),
  );
  expect(new Set(entries.map(versionOf)).size).toBe(count);
  expect(versionOf(entries[0]!)).toMatch(/^[0-9a-f]{16}$/);
});

test("an entry of an earlier version has a version that its expiry does not change", () => {
  const old = (text: string, expiry = 0) =>
    Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, expiry, 0]), Buffer.from(text)]);
  expect(isEntry(old(""))).toBe(true);
  expect(valueIn(old("value"))).toEqual(value);
  expect(versionOf(old("value"))).toBe("f32b67c7e26342af");
  expect(versionOf(old("value", 9))).toBe(versionOf(old("value")));
  expect(versionOf(old("another"))).not.toBe(versionOf(old("value")));
});

test.each([2, 7, 15, 18, 32, 33, 64, 255])("what begins with %i is no entry", (kind) => {
  expect(isEntry(Buffer.concat([Buffer.from([kind]), Buffer.alloc(60)]))).toBe(false);
});
