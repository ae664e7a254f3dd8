import { InvalidError } from "@everdict/protocol";
import { describe, expect, test } from "vitest";
import { type DictEntries, isAsyncSource, pairsOf, pairsOfSource } from "./dict-entries.ts";

const pairs: [string, number][] = [
  ["a", 1],
  ["b", 2],
];

describe("pairsOf", () => {
  test.each<[string, DictEntries<string, number>]>([
    ["a Map", new Map(pairs)],
    ["an array of pairs", pairs],
    ["a generator", pairs.values()],
    ["a plain object", { a: 1, b: 2 }],
    ["an object without prototype", Object.assign(Object.create(null), { a: 1, b: 2 })],
  ])("%s", (_title, entries) => {
    expect([...pairsOf(entries)]).toEqual(pairs);
  });

  test("a property named __proto__ is an entry like any other", () => {
    expect([...pairsOf<string, number>(JSON.parse('{"__proto__": 1}'))]).toEqual([["__proto__", 1]]);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["a number", 7],
    ["a string", "ab"],
    ["an array of other things", [1]],
    ["a pair of three", [["a", 1, 2]]],
    ["a list of texts", ["ab"]],
  ])("refuses %s", (_title, entries) => {
    expect(() => [...pairsOf(entries as DictEntries<unknown, unknown>)]).toThrow(InvalidError);
  });
});

describe("sources that come one by one", () => {
  async function* slowly() {
    yield* pairs;
  }

  test("are recognised and read", async () => {
    expect([isAsyncSource(slowly()), isAsyncSource(pairs), isAsyncSource(null as never)]).toEqual([
      true,
      false,
      false,
    ]);
    const seen = [];
    for await (const pair of pairsOfSource(slowly())) seen.push(pair);
    expect(seen).toEqual(pairs);
  });

  test("must bring pairs", async () => {
    const reading = (async () => {
      for await (const _pair of pairsOfSource(
        (async function* () {
          yield "ab" as never;
        })(),
      ));
    })();
    await expect(reading).rejects.toBeInstanceOf(InvalidError);
  });
});
