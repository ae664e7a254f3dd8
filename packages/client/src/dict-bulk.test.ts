// Reads and removals of many entries: as few requests as there may be, the order of what was asked, prefixes and pages.
import { type Engine, openMemoryEngine } from "@everdict/embedded";
import type { DictService, PageRequest } from "@everdict/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cursorBytes, cursorText } from "./cursor-text.ts";
import { Client, type Cursor, Dict, type DictKey, encodeKey } from "./index.ts";

let engine: Engine;
let service: DictService;
let client: Client;
/** How many keys each request of a method had. */
let requests: (readonly [string, number])[];

beforeEach(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  service = engine.serviceFor({ id: "test", name: "tester" });
  requests = [];
  const counted = new Proxy(service, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => {
        requests.push([String(name), Array.isArray(given[1]) ? given[1].length : 1]);
        return method.apply(target, given);
      };
    },
  });
  client = Client.fromService(counted);
});
afterEach(() => engine.close());

async function filled<K extends DictKey = DictKey>(keys: readonly K[]): Promise<Dict<K, number>> {
  const dict = Dict.fromName<K, number>("d", { client, createIfMissing: true });
  await dict.update(keys.map((key, index) => [key, index] as const));
  requests.length = 0;
  return dict;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

test("getMany gives the values in the order of the keys, with gaps, of more keys than one request may have", async () => {
  const keys = Array.from({ length: 12_000 }, (_, n) => `key-${n}`);
  const dict = await filled(keys);
  const asked = [...keys.toReversed(), "nothing", "key-5"];
  expect(await dict.getMany(asked)).toEqual([...keys.map((_, n) => n).toReversed(), undefined, 5]);
  expect(requests).toEqual([
    ["getMany", 10_000],
    ["getMany", 2_002],
  ]);
  expect(await dict.getMany([])).toEqual([]);
});

test("getMany asks on where an answer is of fewer keys", async () => {
  const dict = await filled(["a", "b", "c"]);
  const few: DictService = new Proxy(service, {
    get: (target, name) =>
      name === "getMany"
        ? async (id: string, keys: readonly Uint8Array[]) => (await target.getMany(id, keys)).slice(0, 1)
        : (Reflect.get(target, name) as () => unknown).bind(target),
  });
  const sparing = Dict.fromName("d", { client: Client.fromService(few) });
  expect(await sparing.getMany(["c", "x", "a"])).toEqual([2, undefined, 0]);
  expect(await dict.len()).toBe(3);
});

test("a prefix leaves out all other keys, of keys, values, items and pages", async () => {
  const dict = await filled<DictKey>([
    "us",
    "user",
    "user:1",
    "other",
    ["user", 1],
    ["user", 2, "x"],
    ["us", 1],
    7,
  ]);
  expect((await collect(dict.keys({ prefix: "user" }))).sort()).toEqual(["user", "user:1"]);
  expect((await collect(dict.values({ prefix: "us" }))).sort()).toEqual([0, 1, 2]);
  const pairs = await collect(dict.items({ prefix: ["user"] }));
  expect(pairs.sort(([, left], [, right]) => left - right)).toEqual([
    [["user", 1], 4],
    [["user", 2, "x"], 5],
  ]);
  const page = await dict.page({ prefix: "user", values: false });
  expect(page.next).toBeUndefined();
  expect(page.entries.toSorted()).toEqual([
    ["user", undefined],
    ["user:1", undefined],
  ]);
  await expect(collect(dict.keys({ prefix: [{ a: 1 }] as never }))).rejects.toMatchObject({
    code: "invalid_key",
    message: expect.stringMatching(/prefix/),
  });
});

test("pages have every entry exactly once, and none is empty before the end", async () => {
  const keys = Array.from({ length: 1000 }, (_, n) => (n % 10 === 0 ? `wanted-${n}` : `other-${n}`));
  const dict = await filled(keys);
  const seen: string[] = [];
  let after: Cursor | undefined;
  do {
    const { entries, next } = await dict.page({ prefix: "wanted", limit: 7, after });
    if (next !== undefined) expect(entries.length).toBeGreaterThan(0);
    expect(entries.length).toBeLessThanOrEqual(7);
    seen.push(...entries.map(([key]) => key));
    after = next;
  } while (after !== undefined);
  expect(seen.sort()).toEqual(keys.filter((key) => key.startsWith("wanted")).sort());
});

test("page asks on past pages without an entry", async () => {
  await filled(["ab", "b"]);
  const asked: (Uint8Array | undefined)[] = [];
  const sparse: DictService = new Proxy(service, {
    get: (target, name) =>
      name === "page"
        ? async (_id: string, { after }: PageRequest) => {
            asked.push(after);
            const key = encodeKey(asked.length < 3 ? ["ab", 1] : "ab");
            const value = Uint8Array.of(0x80, 4, 0x4b, 9, 0x2e);
            return {
              entries: asked.length === 1 ? [] : [{ key, value }],
              next: Uint8Array.of(asked.length, 250),
            };
          }
        : (Reflect.get(target, name) as () => unknown).bind(target),
  });
  const dict = Dict.fromName("d", { client: Client.fromService(sparse) });
  const { entries, next } = await dict.page({ prefix: "ab" });
  expect(entries).toEqual([["ab", 9]]);
  expect(asked).toEqual([undefined, Uint8Array.of(1, 250), Uint8Array.of(2, 250)]);
  expect(cursorBytes(next!)).toEqual(Uint8Array.of(3, 250));
});

test("a cursor is text for every bytes", () => {
  for (let length = 0; length < 40; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 89 + length * 31) & 255);
    const text = cursorText(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64url"));
    expect(cursorBytes(text)).toEqual(bytes);
  }
});

test("removeMany removes by keys or by prefix, counts what was there, and only counts if told so", async () => {
  const keys: DictKey[] = ["user:1", "user:2", "other", ["user", 1], ["user", 2]];
  const dict = await filled(keys);
  expect(await dict.removeMany({ prefix: "user" }, { dryRun: true })).toBe(2);
  expect(await dict.removeMany(["other", "nothing"], { dryRun: true })).toBe(1);
  expect(await dict.len()).toBe(5);
  expect(await dict.removeMany(["other", "nothing", "other"], { dryRun: true })).toBe(1);
  expect(await dict.removeMany(["other", "nothing", "other"])).toBe(1);
  expect(await dict.removeMany({ prefix: "user" })).toBe(2);
  expect(await dict.removeMany({ prefix: ["user"] })).toBe(2);
  expect(await dict.len()).toBe(0);
  expect(await dict.removeMany([])).toBe(0);
});

test("stats counts entries, and configure changes what info tells", async () => {
  const dict = await filled(["a", "b"]);
  expect((await dict.stats()).entries).toBe(2);
  const expiry = { policy: "afterUse", ttlMs: 60_000 } as const;
  const known = Dict.fromName("d", { client });
  await known.info();
  expect(await dict.configure({ expiry })).toMatchObject({ name: "d", expiry });
  expect(await known.info()).toMatchObject({ expiry });
});
