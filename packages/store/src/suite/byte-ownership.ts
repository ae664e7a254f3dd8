import assert from "node:assert/strict";
import type { Change, Condition } from "@everdict/protocol";
import { assertSameBytes } from "./assert-same-bytes.ts";
import { bytes, patternedBytes, text } from "./bytes.ts";
import { number } from "./commit-words.ts";
import type { Suite } from "./suite.ts";
import type { World } from "./world.ts";

/** Buffers belong to the caller again once a call returned, before its promise resolves. */
export function byteOwnershipSuite(suite: Suite): void {
  suite.describe("a caller's buffers may be reused", () => {
    suite.test("after update", async (world) => {
      const dict = await world.createDict();
      await reusing((key, value) => world.store.update(dict.id, [{ key, value }]));
      assert.deepEqual(await dict.pairs(), [["key", "value"]]);
    });
    suite.test("after putIfAbsent", async (world) => {
      const dict = await world.createDict();
      await reusing((key, value) => world.store.putIfAbsent(dict.id, key, value));
      assert.deepEqual(await dict.pairs(), [["key", "value"]]);
    });
    suite.test("after pop", async (world) => {
      const dict = await world.createDict();
      await dict.put("key", "value");
      const answer = await reusing((key) => world.store.pop(dict.id, key));
      assertSameBytes(answer, bytes("value"));
      assert.equal(await dict.len(), 0);
    });
    suite.test("after commit", afterCommit);
    suite.test("after getMany and removeMany", afterBulk);
    suite.test("after createDict", async (world) => {
      const request = world.request();
      await reusing((key, value) => world.store.createDict({ ...request, data: [{ key, value }] }));
      assertSameBytes(await world.store.get(request.id, bytes("key")), bytes("value"));
      assert.equal(await world.store.contains(request.id, bytes("xxx")), false);
    });
    suite.test("after get and contains", async (world) => {
      const dict = await world.createDict();
      await dict.put("key", "value");
      assertSameBytes(await reusing(async (key) => world.store.get(dict.id, key)), bytes("value"));
      assert.equal(await reusing(async (key) => world.store.contains(dict.id, key)), true);
    });
    suite.test("when they are views into a larger buffer", views);
  });
  suite.describe("an answered value stays what it was", () => {
    suite.test("when the entry is written, popped or cleared afterwards", async (world) => {
      const dict = await world.createDict();
      await dict.put("key", "value");
      const answer = await world.store.get(dict.id, bytes("key"));
      await dict.put("key", "other");
      await dict.pop("key");
      await dict.put("key", "third");
      await dict.clear();
      assert.deepEqual(answer && Uint8Array.from(answer), bytes("value"));
    });
  });
}

async function afterCommit(world: World): Promise<void> {
  const dict = await world.createDict({ shards: 1 });
  const keys = ["a", "b", "c", "d"].map(bytes);
  const [value, by] = [bytes("value"), number(7)];
  const changes: Change[] = [
    { kind: "put", key: keys[0]!, value },
    { kind: "add", key: keys[1]!, by, initial: by, min: by },
    { kind: "touch", key: keys[2]!, ttlMs: 5 },
    { kind: "remove", key: keys[3]! },
  ];
  const conditions = keys.map((key): Condition => ({ key, expected: "absent" }));
  const call = world.store.commit(dict.id, { conditions, changes });
  for (const each of [...keys, value, by]) each.fill(120);
  assert.equal((await call).committed, true);
  assert.deepEqual(await dict.pairs(), [
    ["a", "value"],
    ["b", text(number(14))],
  ]);
}

async function afterBulk(world: World): Promise<void> {
  const dict = await world.createDict();
  // So long that a store may have to wait for them.
  const values = [1, 2, 3].map((seed) => patternedBytes(200_000, seed));
  const keys = () => ["a", "b", "c"].map(bytes);
  await world.store.update(
    dict.id,
    keys().map((key, index) => ({ key, value: values[index]! })),
  );
  let given = keys();
  const reading = world.store.getMany(dict.id, given);
  for (const key of given) key.fill(120);
  const found = await reading;
  assert.equal(found.length, values.length);
  for (const [index, value] of values.entries()) assertSameBytes(found[index], value);
  given = keys();
  const removing = world.store.removeMany(dict.id, given);
  for (const key of given) key.fill(120);
  assert.equal(await removing, 3);
}

/** Makes a call with buffers that are overwritten as soon as it returned. */
async function reusing<Answer>(
  call: (key: Uint8Array, value: Uint8Array) => Promise<Answer>,
): Promise<Answer> {
  const key = bytes("key");
  const value = bytes("value");
  const answer = call(key, value);
  key.fill(120);
  value.fill(120);
  return await answer;
}

async function views(world: World): Promise<void> {
  const dict = await world.createDict();
  const buffer = Buffer.from("..key.value.another.");
  const key = buffer.subarray(2, 5);
  const value = buffer.subarray(6, 11);
  await world.store.update(dict.id, [
    { key, value },
    { key: value, value: key },
  ]);
  buffer.fill(120);
  assert.deepEqual(await dict.pairs(), [
    ["key", "value"],
    ["value", "key"],
  ]);
  const found = await world.store.get(dict.id, Buffer.from("xxkeyxx").subarray(2, 5));
  assert.deepEqual(found && Uint8Array.from(found), bytes("value"));
}
