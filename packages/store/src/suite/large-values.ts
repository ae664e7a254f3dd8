import assert from "node:assert/strict";
import { assertSameBytes } from "./assert-same-bytes.ts";
import { bytes, numberedEntries, patternedBytes, text } from "./bytes.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

const mib = 1024 * 1024;

/** Values of all sizes come back byte for byte. */
export function largeValuesSuite(suite: Suite): void {
  suite.describe("values", () => {
    suite.test("of every size around powers of two come back as they were", sizes);
    suite.test("of 10,000 entries come back from one update", tenThousand);
    suite.test("of 8 MiB go through every call", eightMebibytes);
    for (const { title, reopen } of suite.reopenings) {
      suite.test(`of 8 MiB are there ${title}`, async (world) => {
        const value = patternedBytes(8 * mib, 5);
        const dict = await world.createDict({ data: [{ key: bytes("a"), value }] });
        await dict.put("small", "1");
        await reopen(world);
        await assertValue(world, dict.id, "a", value);
        assert.equal(await dict.get("small"), "1");
      });
    }
  });
}

async function assertValue(world: World, dictId: string, key: string, expected: Uint8Array): Promise<void> {
  assertSameBytes(await world.store.get(dictId, bytes(key)), expected);
}

async function sizes(world: World): Promise<void> {
  const dict = await world.createDict();
  const lengths = [0, 1, 2];
  for (let power = 4; power <= 1 << 20; power *= 4) lengths.push(power - 1, power, power + 1);
  for (const length of lengths) await dict.put(`${length}`, patternedBytes(length, length + 1));
  for (const length of lengths)
    await assertValue(world, dict.id, `${length}`, patternedBytes(length, length + 1));
  assert.equal(await dict.len(), lengths.length);
}

async function tenThousand(world: World): Promise<void> {
  const entries = numberedEntries(10_000);
  const dict = await world.createDict();
  await world.store.update(dict.id, entries);
  assert.equal(await dict.len(), 10_000);
  for (const { key, value } of entries) assert.equal(await dict.get(key), text(value));
}

async function eightMebibytes(world: World): Promise<void> {
  const [first, second, third] = [1, 2, 3].map((seed) => patternedBytes(8 * mib, seed)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const dict = await world.createDict({ data: [{ key: bytes("a"), value: first }] });
  await assertValue(world, dict.id, "a", first);
  await dict.put("a", second);
  await dict.put("small", "1");
  await assertValue(world, dict.id, "a", second);
  assert.equal(await dict.putIfAbsent("b", third), true);
  assert.equal(await dict.putIfAbsent("b", first), false);
  const shown = new Map<string, Uint8Array>();
  for await (const batch of world.store.contents(dict.id, { keys: true, values: true })) {
    for (const { key, value } of batch) shown.set(String.fromCharCode(...key), value);
  }
  assert.deepEqual([...shown.keys()].sort(), ["a", "b", "small"]);
  assertSameBytes(shown.get("b"), third);
  for await (const batch of world.store.contents(dict.id, { keys: true, values: false })) {
    for (const { value } of batch) assert.equal(value.length, 0);
  }
  assertSameBytes(await world.store.pop(dict.id, bytes("b")), third);
  assertSameBytes(await world.store.pop(dict.id, bytes("a"), { token: "t" }), second);
  assertSameBytes(await world.store.pop(dict.id, bytes("a"), { token: "t" }), second);
  assert.equal(await dict.len(), 1);
}
