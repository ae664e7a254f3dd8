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
    suite.test("of 8 MiB are not read before there is room, and their room is given back", roomIsGivenBack);
    suite.test("of 8 MiB for which there is no room fail the call that reads them", roomIsRefused);
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
  assertSameBytes(await world.store.pop(dict.id, bytes("a"), { idempotencyKey: "t" }), second);
  assertSameBytes(await world.store.pop(dict.id, bytes("a"), { idempotencyKey: "t" }), second);
  assert.equal(await dict.len(), 1);
}

/** A room that counts, and grants when it is told to, if it was asked at all: what is in memory needs none. */
function countedRoom() {
  let isAsked: () => void = () => {};
  const room = {
    reservedBytes: 0,
    /** Resolves when it is asked for the first time. */
    asked: new Promise<void>((resolve) => {
      isAsked = resolve;
    }),
    waiting: [] as (() => void)[],
    reserve: (bytes: number) => {
      isAsked();
      room.reservedBytes += bytes;
      return new Promise<void>((resolve) => room.waiting.push(resolve));
    },
    release: (bytes: number) => {
      room.reservedBytes -= bytes;
    },
  };
  return room;
}

async function roomIsGivenBack(world: World): Promise<void> {
  const value = patternedBytes(8 * mib, 9);
  const dict = await world.createDict({ data: [{ key: bytes("a"), value }] });
  const { store } = world;
  const calls = [
    async (room: ReturnType<typeof countedRoom>) => store.get(dict.id, bytes("a"), room),
    async (room: ReturnType<typeof countedRoom>) => {
      const parts = { keys: false, values: true };
      for await (const batch of store.contents(dict.id, parts, room)) return batch[0]!.value;
      return undefined;
    },
    async (room: ReturnType<typeof countedRoom>) => store.pop(dict.id, bytes("a"), undefined, room),
  ];
  for (const call of calls) {
    const room = countedRoom();
    let isDone = false;
    const answer = call(room).finally(() => {
      isDone = true;
    });
    await Promise.race([answer, room.asked]);
    if (room.waiting.length > 0) {
      assert.equal(isDone, false);
      assert.ok(room.reservedBytes >= value.length);
    }
    for (const grant of room.waiting) grant();
    assertSameBytes(await answer, value);
    assert.equal(room.reservedBytes, 0);
  }
}

async function roomIsRefused(world: World): Promise<void> {
  const value = patternedBytes(8 * mib, 10);
  const dict = await world.createDict({ data: [{ key: bytes("a"), value }] });
  let asked = 0;
  const room = {
    reserve: () => {
      asked++;
      return Promise.reject(new Error("no room"));
    },
    release: () => assert.fail("what was refused is not given back"),
  };
  const answer = await Promise.resolve(world.store.get(dict.id, bytes("a"), room)).catch(
    (error: Error) => error,
  );
  if (asked > 0) assert.equal((answer as Error).message, "no room");
  else assertSameBytes(answer as Uint8Array, value);
  await assertValue(world, dict.id, "a", value);
}
