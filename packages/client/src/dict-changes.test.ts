// Versions, conditions, times to live, counters and modify, as a program uses them, on the engines of this process and of a server.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openMemoryEngine } from "@everdict/embedded";
import { openLogEngine } from "@everdict/embedded/log";
import { startServer } from "@everdict/server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Client, Dict, encodeKey, PyKey, removed } from "./index.ts";

type Clock = () => number;
interface Place {
  readonly client: Client;
  readonly close: () => Promise<unknown>;
}

const ofEngine = (engine: Engine) => Client.fromService(engine.serviceFor({ id: "test", name: "tester" }));
const authenticator = {
  authenticate: () => ({ id: "test", name: "tester" }),
  isCurrent: () => true,
  describe: () => ({ tokenId: "ak-one", name: "tester", createdAtSeconds: 0 }),
};

async function ofServer(transport: "session" | "grpc", clock: Clock): Promise<Place> {
  const engine = await openMemoryEngine({ clock, sweepIntervalMs: 0 });
  const server = await startServer({ engine, authenticator, port: 0, shutdownGraceMs: 100 });
  const client = Client.connect({ url: server.url, tokenId: "ak-one", tokenSecret: "as-one", transport });
  const close = async () => {
    await client.close();
    await server.close();
    await engine.close();
  };
  return { client, close };
}

const places = {
  "the memory engine": async (clock: Clock): Promise<Place> => {
    const engine = await openMemoryEngine({ clock, sweepIntervalMs: 0 });
    return { client: ofEngine(engine), close: () => engine.close() };
  },
  "the log engine": async (clock: Clock): Promise<Place> => {
    const directory = await mkdtemp(join(tmpdir(), "everdict-changes-"));
    const engine = await openLogEngine({ directory, clock, sweepIntervalMs: 0 });
    const close = async () => {
      await engine.close();
      await rm(directory, { recursive: true });
    };
    return { client: ofEngine(engine), close };
  },
  "a session to a server": (clock: Clock) => ofServer("session", clock),
  "gRPC to a server": (clock: Clock) => ofServer("grpc", clock),
};

describe.each(Object.keys(places) as (keyof typeof places)[])("on %s", (name) => {
  let place: Place;
  let client: Client;
  let nowMs: number;
  let dict: Dict<string, unknown>;

  beforeEach(async () => {
    nowMs = Date.UTC(2026, 0, 1);
    place = await places[name](() => nowMs);
    client = place.client;
    dict = Dict.fromName("d", { client, createIfMissing: true });
  });
  afterEach(() => place.close());

  const versionOf = async (key: string) => (await dict.entry(key))!.version;

  test("entry() tells value, version and end; absent is undefined", async () => {
    expect(await dict.entry("a")).toBeUndefined();
    await dict.put("a", [1], { ttlMs: 5000 });
    const entry = await dict.entry("a");
    expect(entry).toEqual({
      key: "a",
      value: [1],
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      expiresAt: new Date(nowMs + 5000),
    });
    await dict.put("a", 1, { ttlMs: null });
    expect((await dict.entry("a"))!.expiresAt).toBeUndefined();
    expect(await versionOf("a")).not.toBe(entry!.version);
  });

  test("put writes only under its condition", async () => {
    expect(await dict.put("a", 1, { onlyIfExists: true })).toBe(false);
    expect(await dict.contains("a")).toBe(false);
    await dict.put("a", 1);
    expect(await dict.put("a", 2, { onlyIfExists: true })).toBe(true);
    const version = await versionOf("a");
    expect(await dict.put("a", 3, { ifVersion: version })).toBe(true);
    expect(await dict.put("a", 4, { ifVersion: version })).toBe(false);
    expect(await dict.put("b", 4, { ifVersion: version })).toBe(false);
    expect(await dict.put("a", 5, { skipIfExists: true, ttlMs: 10 })).toBe(false);
    expect(await dict.get("a")).toBe(3);
  });

  test("a time to live ends an entry, update gives one to many, and touch moves the end", async () => {
    await dict.put("a", 1, { skipIfExists: true, ttlMs: 1000 });
    await dict.update({ b: 1, c: 1 }, { ttlMs: 1000 });
    const version = await versionOf("b");
    expect(await dict.touch("b", { ttlMs: 5000 })).toBe(true);
    expect(await dict.touch("nothing")).toBe(false);
    expect(await versionOf("b")).toBe(version);
    nowMs += 1000;
    expect(await dict.getMany(["a", "b", "c"])).toEqual([undefined, 1, undefined]);
    expect(await dict.touch("b")).toBe(true);
    expect((await dict.entry("b"))!.expiresAt).toEqual(new Date(nowMs + 30 * 24 * 60 * 60 * 1000));
  });

  test("pop and remove take only the version that was seen", async () => {
    await dict.put("a", 1);
    const version = await versionOf("a");
    await dict.put("a", 2);
    expect(await dict.remove("a", { ifVersion: version })).toBe(false);
    expect(await dict.pop("a", "none", { ifVersion: version })).toBe("none");
    expect(await dict.pop("a", undefined, { ifVersion: await versionOf("a") })).toBe(2);
    await dict.put("a", 3);
    expect(await dict.remove("a", { ifVersion: await versionOf("a") })).toBe(true);
    expect(await dict.len()).toBe(0);
  });

  test("increment adds to what Python would write, within its bounds", async () => {
    expect(await dict.increment("n")).toBe(1);
    expect(await dict.increment("n", 41)).toBe(42);
    expect(await dict.get("n")).toBe(42);
    expect(await dict.increment("n", 0.5)).toBe(42.5);
    expect(await dict.increment("big", 2n ** 70n)).toBe(2n ** 70n);
    expect(await dict.increment("stock", -1, { initial: 3, min: 0 })).toBe(2);
    await expect(dict.increment("stock", -3, { min: 0 })).rejects.toMatchObject({ code: "out_of_bounds" });
    await expect(dict.increment("n", 1, { max: 43 })).rejects.toMatchObject({
      code: "out_of_bounds",
      message: expect.stringMatching(/would be out of bounds: max 43$/),
    });
    await dict.put("huge", 2n ** 2038n);
    await expect(dict.increment("huge", 2n ** 2038n)).rejects.toMatchObject({
      code: "out_of_bounds",
      message: expect.stringMatching(/a sum is an int of at most 255 bytes/),
    });
    await dict.put("text", "7");
    await expect(dict.increment("text")).rejects.toMatchObject({ code: "not_a_number" });
    expect(await dict.getMany(["stock", "n", "text"])).toEqual([2, 42.5, "7"]);
  });

  test("the end of a counter does not move, however busy it is", async () => {
    await dict.increment("window", 1, { ttlMsOnCreate: 1000 });
    nowMs += 999;
    expect(await dict.increment("window", 1, { ttlMsOnCreate: 1000 })).toBe(2);
    nowMs += 1;
    expect(await dict.increment("window", 1, { ttlMsOnCreate: 1000 })).toBe(1);
  });

  test("modify makes the next value from the present one, creates and removes", async () => {
    expect(await dict.modify("list", (list) => [...((list as unknown[]) ?? []), 1])).toEqual([1]);
    expect(await dict.modify("list", async (list) => [...(list as unknown[]), 2])).toEqual([1, 2]);
    expect(await dict.get("list")).toEqual([1, 2]);
    expect(await dict.modify("list", () => removed)).toBeUndefined();
    expect(await dict.modify("list", () => removed)).toBeUndefined();
    expect(await dict.contains("list")).toBe(false);
    const fails = dict.modify("list", () => {
      throw new Error("no");
    });
    await expect(fails).rejects.toThrow("no");
    await expect(dict.modify("list", () => () => 1)).rejects.toMatchObject({ code: "serialization_failed" });
  });

  test("modify runs again when another write came between, attemptsMax times", async () => {
    const seen: unknown[] = [];
    const meddled = dict.modify(
      "a",
      async (value) => {
        seen.push(value);
        if (seen.length < 3) await dict.put("a", seen.length);
        return "mine";
      },
      { attemptsMax: 3 },
    );
    expect(await meddled).toBe("mine");
    expect(seen).toEqual([undefined, 1, 2]);
    const hopeless = dict.modify("a", async () => dict.put("a", 0), { attemptsMax: 2 });
    await expect(hopeless).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/attemptsMax 2/),
    });
    await expect(dict.modify("a", async () => dict.put("a", 0), { timeoutMs: 50 })).rejects.toMatchObject({
      code: "deadline_exceeded",
    });
  });

  test("64 callers of modify on one key all finish, and none is lost", async () => {
    let runs = 0;
    const add = () =>
      dict.modify("sum", (sum) => {
        runs++;
        return ((sum as number | undefined) ?? 0) + 1;
      });
    await Promise.all(Array.from({ length: 64 }, add));
    expect(await dict.get("sum")).toBe(64);
    console.info(`64 callers of modify on ${name} ran their function ${runs} times`);
  });

  test("an entry that Python wrote in another form of its key is found and changed there", async () => {
    const other = new PyKey(encodeKey(["ab", "ab"], { repeats: "copy" }));
    const pairs = Dict.fromName<readonly string[] | PyKey, unknown>("pairs", {
      client,
      createIfMissing: true,
    });
    await pairs.put(other, 1);
    const entry = (await pairs.entry(["ab", "ab"]))!;
    expect(encodeKey(entry.key)).toEqual(other.bytes);
    expect(await pairs.put(["ab", "ab"], 2, { ifVersion: entry.version })).toBe(true);
    expect(await pairs.put(["ab", "ab"], 3, { onlyIfExists: true })).toBe(true);
    expect(await pairs.touch(["ab", "ab"], { ttlMs: 1000 })).toBe(true);
    expect(await pairs.modify(["ab", "ab"], (value) => [value])).toEqual([3]);
    expect(await pairs.getMany([["ab", "ab"], ["ab"]])).toEqual([[3], undefined]);
    expect(await pairs.len()).toBe(1);
    const twice = [
      ["ab", "ab"],
      ["ab", "ab"],
    ] as const;
    expect(await pairs.removeMany(twice, { dryRun: true })).toBe(1);
    expect(await pairs.removeMany(twice)).toBe(1);
    expect(await pairs.len()).toBe(0);
  });

  test("mistakes are refused, and change nothing", async () => {
    await dict.put("a", 1);
    const mistake = (message: RegExp) =>
      expect.objectContaining({ code: "invalid_argument", message: expect.stringMatching(message) });
    const none = await dict.entry("nothing");
    await expect(dict.put("a", 2, { ifVersion: none?.version })).rejects.toEqual(
      mistake(/`ifVersion` is given, but undefined/),
    );
    await expect(dict.remove("a", { ifVersion: none?.version })).rejects.toEqual(mistake(/undefined/));
    await expect(dict.put("a", 2, { skipIfExists: true, onlyIfExists: true })).rejects.toEqual(
      mistake(/exclude each other/),
    );
    for (const by of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const refused = mistake(new RegExp(`\\x60by\\x60 must be a finite number, or a bigint, not ${by}$`));
      await expect(dict.increment("a", by)).rejects.toEqual(refused);
      expect(() => dict.transaction().increment("a", by)).toThrow(refused);
    }
    await expect(dict.increment("a", 1n << 2040n)).rejects.toEqual(
      mistake(/`by` of an addition is not an int of at most 255 bytes/),
    );
    await expect(dict.modify("a", 5 as never)).rejects.toEqual(mistake(/`change` must be a function, not 5/));
    await expect(dict.getMany("a" as never)).rejects.toEqual(mistake(/`keys` must be an array of keys/));
    await expect(dict.getMany({ a: 1 } as never)).rejects.toEqual(mistake(/`keys` must be an array of keys/));
    await expect(dict.removeMany({ prefx: "a" } as never)).rejects.toEqual(mistake(/\{ prefix \}/));
    for (const prefix of ["", [], undefined])
      await expect(dict.removeMany({ prefix } as never)).rejects.toEqual(
        mistake(/`prefix` must .*clear\(\)/),
      );
    await expect(dict.page({ after: "!" })).rejects.toEqual(mistake(/no cursor/));
    expect(await dict.get("a")).toBe(1);
  });
});
