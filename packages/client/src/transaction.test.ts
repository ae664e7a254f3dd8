// Transactions: all or nothing, what is told of either, and what a program may do wrong.
import { type Engine, openMemoryEngine } from "@everdict/embedded";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Client, Dict, Transaction } from "./index.ts";

let engine: Engine;
let client: Client;
let dict: Dict<string, unknown>;

beforeEach(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  client = Client.fromService(engine.serviceFor({ id: "test", name: "tester" }));
  dict = Dict.fromName("d", { client, createIfMissing: true });
});
afterEach(() => engine.close());

test("a transaction makes all changes and tells what became of each", async () => {
  await dict.update({ a: 1, old: "x", n: 41 });
  const seen = (await dict.entry("a"))!;
  const result = await dict
    .transaction()
    .check("a", seen.version)
    .check("new", "absent")
    .check("old", "present")
    .put("a", 2)
    .put("new", [1], { ttlMs: 60_000 })
    .remove("old")
    .remove("nothing")
    .increment("n")
    .increment("m", 5, { initial: 10 })
    .touch("nobody", { ttlMs: null })
    .commit();
  if (!result.committed) throw new Error("refused");
  const version = expect.stringMatching(/^[0-9a-f]{16}$/);
  expect(result.changes).toEqual([
    { key: "a", version },
    { key: "new", version },
    { key: "old", version },
    { key: "nothing", version: undefined },
    { key: "n", version, sum: 42 },
    { key: "m", version, sum: 15 },
    { key: "nobody", version: undefined },
  ]);
  expect(result.changes[0]!.version).toBe((await dict.entry("a"))!.version);
  expect(await dict.getMany(["a", "new", "old", "n", "m"])).toEqual([2, [1], undefined, 42, 15]);
});

test("a condition that does not hold leaves everything as it was, and is named with what was found", async () => {
  await dict.update({ a: 1, b: 1 });
  const { version } = (await dict.entry("b"))!;
  const begin = () => dict.transaction().check("a", "present").put("a", 2);
  expect(await begin().check("b", "absent").commit()).toEqual({
    committed: false,
    reason: "condition",
    key: "b",
    found: version,
  });
  expect(await begin().check("c", version).commit()).toMatchObject({ key: "c", found: undefined });
  expect(await begin().increment("b", 1, { max: 1 }).commit()).toMatchObject({
    committed: false,
    reason: "out_of_bounds",
    key: "b",
  });
  await dict.put("text", "5");
  expect(await begin().increment("text").commit()).toMatchObject({ reason: "not_a_number", key: "text" });
  expect(await dict.get("a")).toBe(1);
});

test("a value is taken as it was put, also one with a handle that has to be found first", async () => {
  const other = Dict.fromName("other", { client, createIfMissing: true });
  const value = { other, list: [1] };
  const transaction = dict.transaction().put("a", value);
  expect(other.toString()).toBe("Dict 'other'");
  expect((await transaction.commit()).committed).toBe(true);
  const read = (await dict.get("a")) as typeof value;
  expect(await read.other.len()).toBe(0);
});

test("a transaction is sent once, and mistakes change nothing", async () => {
  const once = dict.transaction().put("a", 1);
  await once.commit();
  await expect(once.commit()).rejects.toMatchObject({
    code: "invalid_argument",
    message: expect.stringMatching(/committed before/),
  });
  const twice = dict.transaction().put("a", 2).remove("a");
  await expect(twice.commit()).rejects.toMatchObject({ code: "invalid_argument" });
  expect(() => dict.transaction().check("a", undefined as never)).toThrow(
    /`expected` must be "absent", "present"/,
  );
  expect(() => dict.transaction().put("a", () => 1)).toThrow(/Cannot write a value/);
  expect(() => dict.transaction().increment("a", "1" as never)).toThrow(
    /transaction.increment: `by` must be/,
  );
  expect(() => new Transaction({} as never)).toThrow(/dict.transaction\(\)/);
  expect(await dict.get("a")).toBe(1);
});
