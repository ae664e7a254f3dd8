// What must and must not compile. The compiler checks this file (`npm run all`); running it only checks that it
// stays in step with what is exported.
import { expect, expectTypeOf, test } from "vitest";
import {
  Client,
  Dict,
  type DictEntry,
  type DictKey,
  type DictPage,
  type DictSource,
  type Durability,
  type EntriesObject,
  noDefault,
  type PyDecimal,
  type PyFloat,
  type PyKey,
  type PyUuid,
  removed,
  type Transaction,
  type TransactionResult,
} from "./index.ts";

interface Job {
  readonly id: number;
}

const client = Client.fromService({} as never);
const jobs = Dict.fromName<string, Job>("jobs", { client });
const anything = Dict.fromName("anything", { client });
const byNumber = Dict.fromName<number, Job>("by-number", { client });
const byChoice = Dict.fromName<"a" | "b", number>("by-choice", { client });
const byPair = Dict.fromName<readonly [string, number], Job>("by-pair", { client });

test("types of answers", () => {
  const _answers = () => {
    expectTypeOf(jobs.get("a")).resolves.toEqualTypeOf<Job | undefined>();
    expectTypeOf(jobs.get("a", null)).resolves.toEqualTypeOf<Job | null>();
    expectTypeOf(jobs.get("a", {})).resolves.toExtend<object>();
    expectTypeOf(jobs.get("a", { id: 0 })).resolves.toExtend<Job>();
    expectTypeOf(jobs.get("a", { timeoutMs: 1, tries: 2 })).resolves.toExtend<Job | { tries: number }>();
    expectTypeOf(jobs.get("a", { signal: "SIGTERM" })).resolves.toExtend<Job | { signal: string }>();
    expectTypeOf(jobs.get("a", { timeoutMs: 1 }, {})).resolves.toExtend<Job | { timeoutMs: number }>();
    expectTypeOf(anything.get("a", 0)).resolves.toEqualTypeOf<unknown>();
    expectTypeOf(jobs.get("a", 0, { timeoutMs: 1 })).resolves.toEqualTypeOf<Job | number>();
    expectTypeOf(jobs.pop("a")).resolves.toEqualTypeOf<Job>();
    expectTypeOf(jobs.pop("a", undefined)).resolves.toEqualTypeOf<Job | undefined>();
    expectTypeOf(jobs.pop("a", noDefault, { timeoutMs: 1 })).resolves.toEqualTypeOf<Job>();
    expectTypeOf(jobs.pop("a", null, { ifVersion: "0" })).resolves.toEqualTypeOf<Job | null>();
    expectTypeOf(jobs.entry("a")).resolves.toEqualTypeOf<DictEntry<string, Job> | undefined>();
    expectTypeOf(jobs.modify("a", (job) => job ?? removed)).resolves.toEqualTypeOf<Job | undefined>();
    expectTypeOf(jobs.increment("a", 1n)).resolves.toEqualTypeOf<number | bigint>();
    expectTypeOf(jobs.getMany(new Set(["a"]))).resolves.toEqualTypeOf<(Job | undefined)[]>();
    expectTypeOf(jobs.removeMany({ prefix: "a" })).resolves.toEqualTypeOf<number>();
    expectTypeOf(jobs.page()).resolves.toEqualTypeOf<DictPage<string, Job>>();
    expectTypeOf(jobs.page({ values: false })).resolves.toEqualTypeOf<DictPage<string, undefined>>();
    expectTypeOf(jobs.transaction().remove("a")).toEqualTypeOf<Transaction<string, Job>>();
    expectTypeOf(byPair.transaction().commit()).resolves.toEqualTypeOf<
      TransactionResult<readonly [string, number]>
    >();
    // @ts-expect-error a value of another type
    void jobs.modify("a", () => "text");
    // @ts-expect-error a key of another type
    void jobs.getMany([1]);
    // @ts-expect-error a value of another type
    jobs.transaction().put("a", "text");
    expectTypeOf(jobs.put("a", { id: 1 })).resolves.toEqualTypeOf<boolean>();
    expectTypeOf(jobs.hydrate()).resolves.toEqualTypeOf<Dict<string, Job>>();
    expectTypeOf(Dict.ephemeral<string, Job>()).resolves.toEqualTypeOf<Dict<string, Job>>();
    expectTypeOf(Dict.lookup<string, Job>("jobs")).resolves.toEqualTypeOf<Dict<string, Job>>();
    expectTypeOf(Dict.fromId<string, Job>("di-1")).toEqualTypeOf<Dict<string, Job>>();
    expectTypeOf(Dict.objects.list()).resolves.toEqualTypeOf<Dict[]>();
    expectTypeOf(anything.get(["any", 1])).resolves.toEqualTypeOf<unknown>();
  };
  expect(_answers).toBeTypeOf("function");
});

/** Functions of other types than those of one dictionary. */
export const generic = {
  orFallback: <V>(dict: Dict<string, V>, fallback: V): Promise<V> => dict.get("a", fallback),
  orOther: <D>(other: D): Promise<Job | D> => jobs.get("a", other, undefined),
};

test("types of iteration", () => {
  const _iterations = async () => {
    for await (const entry of jobs) expectTypeOf(entry).toEqualTypeOf<[string, Job]>();
    for await (const key of jobs.keys()) expectTypeOf(key).toEqualTypeOf<string>();
    for await (const value of jobs.values({ timeoutMs: 1 })) expectTypeOf(value).toEqualTypeOf<Job>();
    for await (const [key] of jobs.items()) expectTypeOf(key).toEqualTypeOf<string>();
    await using scratch = await Dict.ephemeral<string, number>({ data: { a: 1 } });
    expectTypeOf(scratch.get("a")).resolves.toEqualTypeOf<number | undefined>();
  };
  expect(_iterations).toBeTypeOf("function");
});

test("sources of entries", () => {
  const _sources = async () => {
    await jobs.update({ a: { id: 1 } });
    await jobs.update(new Map([["a", { id: 1 }]]));
    await jobs.update([["a", { id: 1 }]]);
    await jobs.update(jobs);
    await anything.update({ a: 1, b: "two" });
    await anything.update([
      ["a", 1],
      [2, "two"],
    ]);
    await byNumber.update([[1, { id: 1 }]]);
    await byChoice.update({ a: 1 });
    await byPair.put(["a", 1], { id: 1 });
    Dict.fromName<string, number>("d", { data: { a: 1 } });
    Dict.fromName("d", { data: { a: 1 }, createIfMissing: true });
    expectTypeOf<EntriesObject<number, Job>>().toEqualTypeOf<never>();
    expectTypeOf<{ a: 1 }>().toExtend<DictSource<unknown, unknown>>();
  };
  expect(_sources).toBeTypeOf("function");
});

test("what can be a key", () => {
  expectTypeOf<null | boolean | number | bigint | string | "a" | 1>().toExtend<DictKey>();
  expectTypeOf<Uint8Array | Buffer | Date | PyFloat | PyUuid | PyDecimal | PyKey>().toExtend<DictKey>();
  expectTypeOf<readonly [string, number] | string[] | [] | [[1], Date] | Set<string>>().toExtend<DictKey>();
  expectTypeOf<Color>().toExtend<DictKey>();
  class Cache<K extends DictKey, V> {
    constructor(readonly entries: Dict<K, V>) {}
  }
  expectTypeOf(new Cache(jobs).entries).toEqualTypeOf<Dict<string, Job>>();
  const durability: Durability = "everysec";
  Dict.fromName("d", { durability, client });
  const _noKeys = () => {
    expectTypeOf(anything.keys().next()).resolves.toEqualTypeOf<IteratorResult<DictKey, void>>();
    // @ts-expect-error an object is no key
    expectTypeOf<Dict<{ a: 1 }, Job>>();
    // @ts-expect-error nor is undefined
    expectTypeOf<Dict<string | undefined, Job>>();
    // @ts-expect-error nor a Map
    Dict.fromName<Map<string, number>, Job>("d");
    // @ts-expect-error nor a function
    Dict.fromName<() => 1, Job>("d");
    // @ts-expect-error nor a Dict, or what an array holds of these
    expectTypeOf<Dict<[string, Dict], Job>>();
    // @ts-expect-error in dictionaries of whatever keys either
    anything.get({ a: 1 });
    // @ts-expect-error no such durability
    Dict.fromName("d", { durability: "async" });
  };
  expect(_noKeys).toBeTypeOf("function");
});

enum Color {
  red,
  blue = "blue",
}

test("what must not compile", () => {
  const _mistakes = async () => {
    // @ts-expect-error a key of another type
    await jobs.get(1);
    // @ts-expect-error a value of another type
    await jobs.put("a", { id: "one" });
    // @ts-expect-error no such option
    await jobs.put("a", { id: 1 }, { skipIfExist: true });
    // @ts-expect-error a number is no object of options
    await jobs.pop("a", noDefault, 5);
    // @ts-expect-error options come third
    await jobs.get("a", { timeoutMs: 5 });
    // @ts-expect-error options come third
    await jobs.get("a", { signal: new AbortController().signal });
    // @ts-expect-error options come third
    await jobs.pop("a", { timeoutMs: 5, signal: undefined });
    // @ts-expect-error numbers are not the keys of a plain object
    await byNumber.update({ 1: { id: 1 } });
    // @ts-expect-error not one of the keys
    await byChoice.update({ c: 1 });
    // @ts-expect-error pairs, not triples
    await jobs.update([["a", { id: 1 }, 3]]);
    // @ts-expect-error not entries
    await jobs.update(7);
    // @ts-expect-error initial content of another type
    Dict.fromName<string, number>("d", { data: { a: "one" } });
    // @ts-expect-error handles are made by the static methods
    new Dict();
    // @ts-expect-error an id is read, never set
    jobs.objectId = "di-1";
    // @ts-expect-error a policy needs its time
    Dict.fromName("d", { expiry: { policy: "afterWrite" } });
    // @ts-expect-error a moment is a Date
    await Dict.objects.list({ createdBefore: 5 });
    // @ts-expect-error a Dict of other values
    const _other: Dict<string, string> = jobs;
  };
  expect(_mistakes).toBeTypeOf("function");
});
