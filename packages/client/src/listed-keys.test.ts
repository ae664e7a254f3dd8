// Keys that were listed address the entries that they were listed from, whatever Python wrote; and a key whose texts
// repeat is found in whichever form Python wrote it.
import { type Engine, openMemoryEngine } from "@everdict/embedded";
import type { DictService } from "@everdict/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Client,
  Dict,
  type DictKey,
  encode,
  encodeKey,
  noDefault,
  PyDate,
  PyKey,
  PyObject,
  PyUuid,
} from "./index.ts";

let engine: Engine;
let client: Client;
/** The service calls of a test, by name, in order. */
let calls: string[];

beforeEach(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  calls = [];
  client = Client.fromService(counting(engine.serviceFor({ id: "test", name: "tester" })));
});
afterEach(() => engine.close());

function counting(inner: DictService): DictService {
  return new Proxy(inner, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return method.apply(target, args);
      };
    },
  });
}

const copy = (key: unknown) => encodeKey(key, { repeats: "copy" });
const enumMember = (name: string) => encode(new PyObject({ module: "paint", name: "Color", args: [name] }));

/** Keys as a Python program may have written them. */
const written: readonly Uint8Array[] = [
  enumMember("red"),
  enumMember("blue"),
  encodeKey("text"),
  encodeKey(["ab", "ab"]),
  copy(["ab", "ab"]),
  copy(["ab", ["ab", 1]]),
  encodeKey(["user", new PyDate(2024, 2, 29)]),
  encodeKey(new PyUuid("12345678-1234-5678-1234-567812345678")),
  Uint8Array.of(0x80, 2, 0x4b, 5, 0x2e),
  encodeKey(5),
  encode(Object.freeze(["user", new PyObject({ module: "paint", name: "Color", args: ["red"] })])),
  encode(new Set([1, 2, 3])),
];

async function pythons(): Promise<Dict> {
  const dict = Dict.fromName("pythons", { createIfMissing: true, client });
  await dict.update(written.map((bytes, index) => [new PyKey(bytes), index] as const));
  return dict;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

const numbers = written.map((_, index) => index);
const sorted = (values: unknown[]) => values.map(Number).sort((a, b) => a - b);

describe("a key that was listed", () => {
  test("reads, tests, writes and removes its own entry", async () => {
    const dict = await pythons();
    const listed = await collect(dict);
    expect(sorted(listed.map(([, value]) => value))).toEqual(numbers);
    for (const [key, value] of listed) {
      expect(await dict.get(key)).toBe(value);
      expect(await dict.contains(key)).toBe(true);
      expect(await dict.put(key, "again", { skipIfExists: true })).toBe(false);
      expect(await dict.pop(key)).toBe(value);
      expect(await dict.contains(key)).toBe(false);
    }
    expect(await dict.len()).toBe(0);
  });

  test.each<[string, (from: Dict) => Promise<Dict>]>([
    ["update(dict)", async (from) => updated((to) => to.update(from))],
    ["update of a Map", async (from) => updated(async (to) => to.update(new Map(await collect(from))))],
    [
      "put",
      async (from) =>
        updated(async (to) => {
          for await (const [key, value] of from) await to.put(key, value);
        }),
    ],
    [
      "initial content",
      async (from) =>
        Dict.fromName("copy", { createIfMissing: true, client, data: await collect(from) }).hydrate(),
    ],
  ])("is the same key in a copy by %s", async (_, copyOf) => {
    const from = await pythons();
    const to = await copyOf(from);
    for (const [index, bytes] of written.entries()) expect(await to.get(new PyKey(bytes))).toBe(index);
    expect(await to.len()).toBe(written.length);
  });

  test("can be chosen by its text, and named in an error", async () => {
    const dict = await pythons();
    const keys = await collect(dict.keys());
    const red = keys.find((key) => String(key) === "paint.Color('red')") as PyKey;
    expect(await dict.pop(red)).toBe(0);
    await expect(dict.pop(red)).rejects.toThrow("paint.Color('red') is not a key of");
    expect(keys.find((key) => String(key) === "12345678-1234-5678-1234-567812345678")).toBeInstanceOf(PyUuid);
  });

  test("is looked for in no other form", async () => {
    const dict = await pythons();
    const pairs = (await collect(dict)).filter(([key]) => String(key) === "ab,ab");
    expect(sorted(pairs.map(([, value]) => value))).toEqual([3, 4]);
    const [[first, value], [second, other]] = pairs as [[DictKey, unknown], [DictKey, unknown]];
    expect(await dict.pop(first)).toBe(value);
    calls = [];
    expect([await dict.get(first), await dict.contains(first)]).toEqual([undefined, false]);
    await expect(dict.pop(first, noDefault)).rejects.toMatchObject({ code: "key_not_found" });
    expect(calls).toEqual(["get", "contains", "pop"]);
    expect(await dict.get(second)).toBe(other);
  });
});

async function updated(fill: (to: Dict) => Promise<void>): Promise<Dict> {
  const to = Dict.fromName("copy", { createIfMissing: true, client });
  await fill(to);
  return to;
}

test("a key that refers to its parts again and again is listed, read and named like any other", async () => {
  let parts: unknown = Object.freeze(["ab", 1]);
  for (let level = 0; level < 60; level++) parts = Object.freeze([parts, parts]);
  const dict = Dict.fromName("entangled", { createIfMissing: true, client });
  await dict.put(new PyKey(encode(parts)), 1);
  const [key] = (await collect(dict.keys())) as [DictKey];
  expect(await dict.pop(key)).toBe(1);
  await expect(dict.pop(key)).rejects.toThrow(/^\[\[\[.{77}… is not a key of/);
});

describe("a key whose texts repeat", () => {
  test("is found as Python wrote it: get and contains ask for all forms at once, pop in turn", async () => {
    const dict = Dict.fromName("events", { createIfMissing: true, client });
    const apart = new PyKey(copy(["n1", "n1"]));
    await dict.put(apart, "python");
    calls = [];
    expect(await dict.get(["n1", "n1"])).toBe("python");
    expect(await dict.contains(["n1", "n1"])).toBe(true);
    expect(await dict.pop(["n1", "n1"])).toBe("python");
    expect(calls).toEqual(["get", "get", "contains", "contains", "pop", "pop"]);
    expect(await dict.pop(["n1", "n1"], "none")).toBe("none");
  });

  test("is written, and found first, in the form that `repeats` says", async () => {
    const dict = Dict.fromName("events", { createIfMissing: true, client });
    await dict.put(["n1", "n1"], "shared");
    await dict.put(new PyKey(copy(["n1", "n1"])), "apart");
    expect(await dict.len()).toBe(2);
    expect(await dict.get(["n1", "n1"])).toBe("shared");
    expect([await dict.pop(["n1", "n1"]), await dict.pop(["n1", "n1"])]).toEqual(["shared", "apart"]);
  });

  test("costs no more than one request if it is found, or if nothing repeats, and 16 in all", async () => {
    const dict = Dict.fromName("events", { createIfMissing: true, client });
    await dict.put(["n1", "n1"], 1);
    calls = [];
    await dict.get(["n1", "n1"]);
    await dict.get(["n1", "n2"]);
    await dict.get("n1");
    await dict.contains(["a", "a"]);
    expect(calls).toEqual(["get", "get", "get", "contains"]);
    await dict.get(Array.from({ length: 50 }, () => "n1"));
    expect(calls).toHaveLength(4 + 16);
  });
});
