import { type Engine, openMemoryEngine } from "@everdict/embedded";
import { type DictService, defaultLimits, type Entry } from "@everdict/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  AlreadyExistsError,
  Client,
  DeserializationError,
  Dict,
  type DictKey,
  encode,
  encodeKey,
  InvalidError,
  KeyError,
  NotFoundError,
  noDefault,
  PyFloat,
  RequestSizeError,
  SerializationError,
} from "./index.ts";

let engine: Engine;
let service: DictService;
/** The service calls of a test, by name, in order. */
let calls: string[];
let client: Client;

beforeEach(async () => {
  engine = await openMemoryEngine({ sweepIntervalMs: 0 });
  calls = [];
  service = counting(engine.serviceFor({ id: "test", name: "tester" }));
  client = Client.fromService(service);
});
afterEach(() => engine.close());

/** The same service, writing down what is called. */
function counting(inner: DictService): DictService {
  return new Proxy(inner, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return method.apply(target, args);
      };
    },
  });
}

const open = <K extends DictKey = DictKey, V = unknown>(name = "jobs") =>
  Dict.fromName<K, V>(name, { createIfMissing: true, client });

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

describe("a handle by name", () => {
  test("sends nothing until its first use, then one getOrCreate, also for many first uses at once", async () => {
    const dict = open<string, number>();
    expect([calls, dict.name]).toEqual([[], "jobs"]);
    await Promise.all([dict.put("a", 1), dict.get("b"), dict.len(), dict.hydrate(), collect(dict.keys())]);
    expect(calls.filter((name) => name === "getOrCreateDict")).toHaveLength(1);
    await dict.get("a");
    expect(calls.filter((name) => name === "getOrCreateDict")).toHaveLength(1);
  });

  test("is refused at once for a bad name", () => {
    expect(() => Dict.fromName("a b", { client })).toThrow(InvalidError);
    expect(() => Dict.fromName("", { client })).toThrow(expect.objectContaining({ code: "invalid_name" }));
  });

  test("looks up only, unless told to create; a failed first use is tried again by the next", async () => {
    const dict = Dict.fromName<string, number>("late", { client });
    const failing = [dict.get("a"), dict.len()];
    for (const each of failing) await expect(each).rejects.toMatchObject({ code: "dict_not_found" });
    expect(calls).toEqual(["getOrCreateDict"]);
    await Dict.objects.create("late", { client });
    expect(await dict.len()).toBe(0);
  });

  test("one caller's giving up does not end the search for the others", async () => {
    let letFind: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      letFind = resolve;
    });
    const inner = service;
    const slow = new Proxy(inner, {
      get: (target, name) =>
        name === "getOrCreateDict"
          ? async (...args: Parameters<DictService["getOrCreateDict"]>) => {
              await gate;
              return target.getOrCreateDict(...args);
            }
          : Reflect.get(target, name),
    });
    const dict = Dict.fromName("shared", { createIfMissing: true, client: Client.fromService(slow) });
    const controller = new AbortController();
    const impatient = dict.len({ signal: controller.signal });
    const brief = dict.len({ timeoutMs: 5 });
    const patient = dict.len();
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ code: "cancelled" });
    await expect(brief).rejects.toMatchObject({ code: "deadline_exceeded" });
    letFind();
    expect(await patient).toBe(0);
    expect(calls.filter((name) => name === "getOrCreateDict")).toHaveLength(1);
  });

  test("a call that was given up before it began does not even look for the dictionary", async () => {
    const dict = open();
    await expect(dict.len({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    await expect(dict.put("a", 1, { timeoutMs: 0 })).rejects.toMatchObject({ code: "deadline_exceeded" });
    await expect(collect(dict.keys({ timeoutMs: -1 }))).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(calls).toEqual([]);
  });

  test("applies initial content and expiry only if it creates", async () => {
    const once = (function* () {
      yield ["a", 1] as const;
    })();
    const first = Dict.fromName<string, number>("seeded", { createIfMissing: true, data: once, client });
    await first.hydrate();
    const second = Dict.fromName("seeded", { createIfMissing: true, data: { a: 2, b: 2 }, client });
    expect(await collect(second)).toEqual([["a", 1]]);
    const third = Dict.fromName<string, number>("absent", { data: { a: 1 }, client });
    await expect(third.get("a")).rejects.toMatchObject({ code: "dict_not_found" });
  });

  test("has an id and information once found", async () => {
    const dict = open();
    expect(() => dict.objectId).toThrow("hydrate()");
    expect(await dict.hydrate()).toBe(dict);
    expect(dict.objectId).toMatch(/^di-[0-9A-Za-z]{22}$/);
    const info = await dict.info();
    expect(info).toEqual({
      name: "jobs",
      createdAt: expect.any(Date),
      createdBy: "tester",
      expiry: { policy: "afterWrite", ttlMs: 2_592_000_000 },
      durability: "memory",
    });
    expect(Math.abs(info.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    // Asked for again: others may change how it is set up.
    expect(calls).toEqual(["getOrCreateDict", "getDictById"]);
  });

  test("lives in the environment it is told, else the client's", async () => {
    await client.environments.create("dev");
    const dict = Dict.fromName("here", { environment: "dev", createIfMissing: true, client });
    await dict.hydrate();
    const devClient = Client.fromService(service, { environment: "dev" });
    const same = Dict.fromName("here", { client: devClient });
    expect((await same.hydrate()).objectId).toBe(dict.objectId);
    await expect(Dict.lookup("here", { client })).rejects.toThrow(NotFoundError);
    await expect(Dict.lookup("x", { client, environment: "nowhere" })).rejects.toMatchObject({
      code: "environment_not_found",
    });
  });
});

describe("a handle by id", () => {
  test("works, and learns its name at first use", async () => {
    const made = await open<string, number>().hydrate();
    await made.put("a", 1);
    const dict = Dict.fromId<string, number>(made.objectId, { client });
    expect(dict.name).toBe("");
    expect(await dict.get("a")).toBe(1);
    expect(dict.name).toBe("jobs");
  });

  test.each(["di-nonexistent", "nonsense"])("of nothing (%s) is not found", async (id) => {
    await expect(Dict.fromId(id, { client }).len()).rejects.toMatchObject({ code: "dict_not_found" });
  });
});

describe("get, put, pop, contains, len, clear", () => {
  test("get gives the value, the default, or undefined", async () => {
    const dict = open<string, number>();
    await dict.put("a", 1);
    expect(await dict.get("a")).toBe(1);
    expect(await dict.get("a", "none")).toBe(1);
    expect(await dict.get("b")).toBeUndefined();
    expect(await dict.get("b", "none")).toBe("none");
    expect(await dict.get("b", null, { timeoutMs: 1000 })).toBeNull();
  });

  test("put overwrites and says true; skipIfExists leaves what is there and says false", async () => {
    const dict = open<string, number>();
    expect(await dict.put("a", 1)).toBe(true);
    expect(await dict.put("a", 2)).toBe(true);
    expect(await dict.put("a", 3, { skipIfExists: true })).toBe(false);
    expect(await dict.put("b", 3, { skipIfExists: true })).toBe(true);
    expect([await dict.get("a"), await dict.get("b")]).toEqual([2, 3]);
    const tries = Array.from({ length: 64 }, (_, n) => dict.put("lock", n, { skipIfExists: true }));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
  });

  test("put writes the value as it is at the call", async () => {
    const dict = open<string, { n: number }>();
    const value = { n: 1 };
    const putting = dict.put("a", value);
    value.n = 2;
    await putting;
    expect(await dict.get("a")).toEqual({ n: 1 });
  });

  test("pop removes and gives; a default, even undefined, answers absence; without one it is a KeyError", async () => {
    const dict = open<string, number>();
    await dict.put("a", 1);
    expect(await dict.pop("a")).toBe(1);
    expect(await dict.contains("a")).toBe(false);
    expect(await dict.pop("a", undefined)).toBeUndefined();
    expect(await dict.pop("a", null)).toBeNull();
    await expect(dict.pop("a")).rejects.toThrow(KeyError);
    await expect(dict.pop("a", noDefault, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: "key_not_found",
      message: `"a" is not a key of Dict 'jobs'`,
    });
  });

  test("len counts, clear empties", async () => {
    const dict = open<number, number>();
    await dict.update([1, 2, 3].map((n) => [n, n]));
    expect(await dict.len()).toBe(3);
    await dict.clear();
    expect(await dict.len()).toBe(0);
  });

  test("keys of every kind are different keys", async () => {
    const dict = open();
    const keys = [
      null,
      true,
      false,
      0,
      1,
      "1",
      new PyFloat(1),
      1.5,
      Number.NaN,
      -0,
      2n ** 70n,
      Uint8Array.of(1),
      [],
      ["a", 1],
      ["a", ["b"]],
    ];
    await dict.update(keys.map((key, index) => [key, index] as const));
    expect(await dict.len()).toBe(keys.length);
    expect(await Promise.all(keys.map((key) => dict.get(key)))).toEqual(keys.map((_, index) => index));
    const found = (await collect(dict)).sort((a, b) => Number(a[1]) - Number(b[1]));
    expect(found.map(([key]) => encodeKey(key))).toEqual(keys.map((key) => encodeKey(key)));
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["an object", {}],
    ["a Set of several", new Set([1, 2])],
    ["a function", () => 1],
  ])("%s cannot be a key, anywhere", async (_title, given) => {
    const key = given as DictKey; // As plain JavaScript would have it.
    const dict = open();
    const uses = [
      dict.get(key),
      dict.put(key, 1),
      dict.pop(key),
      dict.contains(key),
      dict.update([[key, 1]]),
    ];
    for (const use of uses)
      await expect(use).rejects.toMatchObject({ code: "invalid_key", name: "InvalidError" });
    expect(calls).toEqual([]);
  });

  test("a Dict cannot be a key", async () => {
    await expect(open().put(open("other") as never, 1)).rejects.toMatchObject({ code: "invalid_key" });
  });

  test("what is too large is refused and changes nothing", async () => {
    const small = await openMemoryEngine({ limits: { valueMaxBytes: 100, keyMaxBytes: 50 } });
    const dict = Dict.fromName("d", {
      createIfMissing: true,
      client: Client.fromService(small.serviceFor({ id: "a", name: "a" })),
    });
    await expect(dict.put("a", "x".repeat(200))).rejects.toThrow(RequestSizeError);
    await expect(dict.put("x".repeat(200), 1)).rejects.toMatchObject({ code: "key_too_large" });
    expect(await dict.len()).toBe(0);
    await small.close();
  });
});

describe("values that cannot be written or read", () => {
  test("writing names the path, and nothing is sent", async () => {
    const dict = open();
    const use = dict.put("a", { tags: [1, () => 2] });
    await expect(use).rejects.toThrow(SerializationError);
    await expect(use).rejects.toMatchObject({
      code: "serialization_failed",
      message: expect.stringContaining("value.tags[1]"),
    });
    await expect(dict.put("a", undefined)).rejects.toMatchObject({ code: "serialization_failed" });
    expect(calls).toEqual([]);
  });

  test("reading names the dictionary and the key, and keeps the cause", async () => {
    const dict = await open().hydrate();
    const bad = new TextEncoder().encode("bad");
    await service.update(dict.objectId, [{ key: encodeKey(["k", 1]), value: bad }]);
    const use = dict.get(["k", 1]);
    await expect(use).rejects.toThrow(DeserializationError);
    await expect(use).rejects.toMatchObject({
      code: "deserialization_failed",
      message: expect.stringContaining(`the value of key ["k", 1] in Dict 'jobs'`),
      cause: expect.objectContaining({ name: "DeserializationError", offset: expect.any(Number) }),
    });
    await expect(collect(dict.values())).rejects.toThrow("a value in Dict 'jobs'");
    await expect(collect(dict.items())).rejects.toThrow(`key ["k", 1] in Dict 'jobs'`);
    await expect(dict.pop(["k", 1])).rejects.toThrow(DeserializationError);
    expect(await dict.len()).toBe(0);
    await service.update(dict.objectId, [{ key: bad, value: encode(1) }]);
    await expect(collect(dict.keys())).rejects.toThrow("a key in Dict 'jobs'");
    expect(await collect(dict.values())).toEqual([1]);
  });
});

describe("update", () => {
  const sizes = () => calls.filter((name) => name === "update").length;

  test.each<[string, () => Parameters<Dict<string, number>["update"]>[0]]>([
    [
      "a Map",
      () =>
        new Map([
          ["a", 1],
          ["b", 2],
        ]),
    ],
    [
      "pairs",
      () => [
        ["a", 1],
        ["b", 2],
      ],
    ],
    ["a plain object", () => ({ a: 1, b: 2 })],
    [
      "pairs one by one",
      async function* () {
        yield ["a", 1] as const;
        yield ["b", 2] as const;
      },
    ],
  ])("takes %s", async (_title, source) => {
    const dict = open<string, number>();
    await dict.update(source());
    expect((await collect(dict)).sort()).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(sizes()).toBe(1);
  });

  test("copies a Dict", async () => {
    const [one, other] = [open<string, number>("one"), open<string, number>("other")];
    await one.update({ a: 1 });
    await other.update(one);
    expect(await other.get("a")).toBe(1);
  });

  test("splits what is over 10,000 entries; of equal keys the last wins, also across requests", async () => {
    const dict = open<number, number>();
    const count = defaultLimits.requestMaxEntries;
    await dict.update(Array.from({ length: count + 2 }, (_, n) => [n % (count + 1), n]));
    expect(sizes()).toBe(2);
    expect(await dict.len()).toBe(count + 1);
    expect(await dict.get(0)).toBe(count + 1);
  });

  test("of nothing is sent all the same, so that a missing dictionary shows", async () => {
    await open().update({});
    expect(sizes()).toBe(1);
    await expect(Dict.fromName("none", { client }).update([])).rejects.toThrow(NotFoundError);
  });

  test("refuses what is no entries", async () => {
    await expect(open().update(7 as never)).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(open().update(["ab"] as never)).rejects.toMatchObject({ code: "invalid_argument" });
  });
});

describe("iteration", () => {
  test("keys, values, items, and the Dict itself like a Map", async () => {
    const dict = open<string, number>();
    await dict.update({ a: 1, b: 2 });
    expect((await collect(dict.keys())).sort()).toEqual(["a", "b"]);
    expect((await collect(dict.values())).sort()).toEqual([1, 2]);
    expect((await collect(dict.items())).sort()).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect((await collect(dict)).sort()).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
    expect(await collect(open("empty"))).toEqual([]);
  });

  test("reads no further than it is asked to", async () => {
    let handedOut = 0;
    const endless = new Proxy(service, {
      get: (target, name) =>
        name === "contents"
          ? async function* (): AsyncIterable<readonly Entry[]> {
              for (;;) {
                handedOut += 1;
                yield [{ key: encodeKey(handedOut), value: encode(handedOut) }];
              }
            }
          : Reflect.get(target, name),
    });
    const dict = Dict.fromName("d", { createIfMissing: true, client: Client.fromService(endless) });
    for await (const [key] of dict) if (key === 3) break;
    expect(handedOut).toBe(3);
  });

  test("ends when the signal does", async () => {
    const dict = open<number, number>();
    await dict.update(Array.from({ length: 5000 }, (_, n) => [n, n]));
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _key of dict.keys({ signal: controller.signal })) controller.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("after the dictionary was deleted", () => {
  test("its handles are dead, and the name is free", async () => {
    const dict = await open<string, number>().hydrate();
    await dict.put("a", 1);
    await Dict.delete("jobs", { client });
    await expect(dict.get("a")).rejects.toMatchObject({ code: "dict_not_found" });
    await expect(dict.put("a", 1)).rejects.toThrow(NotFoundError);
    const again = await open<string, number>().hydrate();
    expect(again.objectId).not.toBe(dict.objectId);
    expect(await again.len()).toBe(0);
  });

  test("deleting what is not there is an error unless allowed", async () => {
    await expect(Dict.delete("none", { client })).rejects.toMatchObject({ code: "dict_not_found" });
    await Dict.objects.delete("none", { client, allowMissing: true });
    await expect(Dict.objects.delete("a b", { client, allowMissing: true })).rejects.toMatchObject({
      code: "invalid_name",
    });
    const elsewhere = { client, allowMissing: true, environment: "nowhere" };
    await expect(Dict.objects.delete("none", elsewhere)).rejects.toMatchObject({
      code: "environment_not_found",
    });
  });
});

describe("management", () => {
  test("create fails if the name is taken, unless allowed", async () => {
    await Dict.objects.create("a", { client });
    await expect(Dict.objects.create("a", { client })).rejects.toThrow(AlreadyExistsError);
    await Dict.objects.create("a", { client, allowExisting: true });
    await expect(Dict.objects.create("a b", { client })).rejects.toMatchObject({ code: "invalid_name" });
  });

  test("list gives handles that are ready, newest first, in pages of 100", async () => {
    for (let n = 0; n < 250; n += 1) await Dict.objects.create(`d${n}`, { client });
    calls.length = 0;
    const all = await Dict.objects.list({ client });
    expect(all.map((dict) => dict.name)).toEqual(Array.from({ length: 250 }, (_, n) => `d${249 - n}`));
    expect(calls).toEqual(["listDicts", "listDicts", "listDicts"]);
    expect(await all[0]!.len()).toBe(0);
    expect(await all[0]!.info()).toMatchObject({ name: "d249", createdBy: "tester" });
    expect(calls.filter((name) => !["listDicts", "len"].includes(name))).toEqual(["getDictById"]);
  });

  test("list can be bounded", async () => {
    for (const name of ["a", "b", "c"]) await Dict.objects.create(name, { client });
    const names = async (options: Parameters<typeof Dict.objects.list>[0]) =>
      (await Dict.objects.list({ client, ...options })).map((dict) => dict.name);
    expect(await names({ maxObjects: 2 })).toEqual(["c", "b"]);
    expect(await names({ maxObjects: 0 })).toEqual([]);
    expect(await names({ createdBefore: new Date(0) })).toEqual([]);
    expect(await names({ createdBefore: new Date(Date.now() + 60_000) })).toEqual(["c", "b", "a"]);
    await expect(names({ maxObjects: -1 })).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(names({ environment: "nowhere" })).rejects.toMatchObject({ code: "environment_not_found" });
  });
});
