// What is given for entries and is none: refused by its kind, by update() and as initial content.
import { runInNewContext } from "node:vm";
import { openMemoryEngine } from "@everdict/embedded";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client, Dict, InvalidError } from "../index.ts";

let dict: Dict;
let close: () => Promise<void>;

beforeEach(async () => {
  const engine = await openMemoryEngine();
  close = () => engine.close();
  const client = Client.fromService(engine.serviceFor({ id: "one", name: "one" }));
  dict = await Dict.fromName("d", { client, createIfMissing: true }).hydrate();
});
afterEach(() => close());

class Point {
  readonly x = 1;
}

/** By what messages call them. */
const notEntries: [string, unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["5", 5],
  ["true", true],
  ["5n", 5n],
  ['"ab"', "ab"],
  ['""', ""],
  ["a symbol", Symbol("s")],
  ["a function (is it to be called?)", () => ({ a: 1 })],
  ["a function (is it to be called?)", async function* () {}],
  ["a Promise (is an await missing?)", Promise.resolve({ a: 1 })],
  ["a Promise (is an await missing?)", runInNewContext("Promise.resolve({})")],
  ["a Date", new Date()],
  ["a Date", runInNewContext("new Date()")],
  ["a RegExp", /a/],
  ["an Error", new Error("no")],
  ["a boxed Number", Object(5)],
  ["a boxed String", Object("ab")],
  ["a boxed Boolean", Object(true)],
  ["a BigInt", Object(5n)],
  ["a Uint8Array", new Uint8Array(0)],
  ["a Uint8Array", new Uint8Array(2)],
  ["a Buffer", Buffer.alloc(0)],
  ["a Float64Array", new Float64Array(0)],
  ["a DataView", new DataView(new ArrayBuffer(0))],
  ["an ArrayBuffer", new ArrayBuffer(0)],
  ["a WeakMap", new WeakMap()],
  ["a URL", new URL("http://dict.example")],
  ["a Point", new Point()],
  ["an AbortController", new AbortController()],
];

/** What looks like pairs, and what is said of the first one that is none. */
const notPairs: [string, Iterable<unknown>][] = [
  [
    'entry 0 must be a [key, value] pair, not "a": is a pair of brackets missing, as in [[key, value]]?',
    ["a", 1],
  ],
  [
    "entry 0 must be a [key, value] pair, not 5: is a pair of brackets missing, as in [[key, value]]?",
    new Set([5]),
  ],
  [
    "entry 1 must be a [key, value] pair, not an array of 3",
    [
      ["a", 1],
      ["b", 1, 2],
    ],
  ],
  ["entry 1 must be a [key, value] pair, not an array of 1", [["a", 1], ["b"]]],
  [
    "entry 1 must be a [key, value] pair, not a Promise (is an await missing?)",
    [["a", 1], Promise.resolve(["b", 1])],
  ],
  ["entry 0 must be a [key, value] pair, not { key, value }", [{ key: "a", value: 1 }]],
  ["entry 1 must be a [key, value] pair, not null", new Set([["a", 1], null])],
];

const refusal = async (call: () => unknown): Promise<string> => {
  const error = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (caught: unknown) => caught,
    );
  expect(error).toBeInstanceOf(InvalidError);
  expect(error).toMatchObject({ code: "invalid_argument" });
  return (error as InvalidError).message;
};

describe("entries", () => {
  test.each(notEntries)("%s holds none", async (name, given) => {
    const expected = `must be a Map, an iterable of [key, value] pairs, or a plain object, not ${name}`;
    expect(await refusal(() => dict.update(given as never))).toBe(`entries ${expected}`);
    if (given !== undefined) {
      const options = { data: given as never, createIfMissing: true };
      expect(await refusal(() => Dict.fromName("new", options))).toBe(`Dict.fromName: \`data\` ${expected}`);
      expect(await refusal(() => Dict.ephemeral({ data: given as never }))).toBe(
        `Dict.ephemeral: \`data\` ${expected}`,
      );
    }
    expect(await dict.len()).toBe(0);
  });

  test.each(notPairs)("%s", async (said, given) => {
    expect(await refusal(() => dict.update(given as never))).toBe(said);
    // Read as it comes, a Promise of a pair is a pair.
    async function* later() {
      yield* given;
    }
    if (!said.includes("Promise")) expect(await refusal(() => dict.update(later() as never))).toBe(said);
    expect(await refusal(() => Dict.fromName("new", { data: given as never, createIfMissing: true }))).toBe(
      said,
    );
    expect(await dict.len()).toBe(0);
  });

  test("initial content that comes one by one is refused, as it would be nothing", async () => {
    expect(await refusal(() => Dict.fromName("new", { data: dict as never, createIfMissing: true }))).toBe(
      "Dict.fromName: `data` must be a Map, an iterable of [key, value] pairs, or a plain object, not a Dict: " +
        "what comes one by one goes to update()",
    );
  });

  test("whatever holds entries is taken, empty or of another realm", async () => {
    const sources = [{}, Object.create(null), new Map(), [], new Set(), (function* () {})(), dict];
    for (const source of sources) await dict.update(source);
    expect(await dict.len()).toBe(0);
    for (const text of ["({ a: 1 })", "new Map([['a', 1]])", "[['a', 1]]"]) {
      await dict.update(runInNewContext(text));
      expect(await dict.pop("a")).toBe(1);
    }
    await dict.update(new URLSearchParams("a=1") as Iterable<readonly [string, string]>);
    expect(await dict.get("a")).toBe("1");
  });
});
