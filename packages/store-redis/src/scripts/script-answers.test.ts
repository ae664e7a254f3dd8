// Scripts and their callers agree on what is answered instead of a result.
import { readdirSync, readFileSync } from "node:fs";
import { RedisServer, redisCommand, redisIsSetUp } from "@everdict/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { allScripts } from "./all-scripts.ts";
import { clearScript, popScript, putIfAbsentScript, writeScript } from "./entry-scripts.ts";
import type { Script } from "./script.ts";
import { creationAnswer, environmentAnswer, registryAnswer, shardAnswer } from "./script-answers.ts";

/** What the scripts answer where this pattern matches, each once. */
function answersLike(pattern: RegExp): Set<string> {
  return new Set(allScripts.flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1]!)));
}

describe("answers of scripts", () => {
  test("below zero are those of the tables, and each of them is used", () => {
    const tables = [shardAnswer, registryAnswer, environmentAnswer];
    const named = tables.flatMap((table) => Object.values(table)).filter((answer) => answer < 0);
    expect(answersLike(/return (-\d+)/g)).toEqual(new Set(named.map(String)));
  });

  test("in words are those of the table, and each of them is used", () => {
    expect(answersLike(/return \{'([^']*)'/g)).toEqual(new Set<string>(Object.values(creationAnswer)));
  });

  test("below zero or in words stand in no script as literals", () => {
    const folder = new URL(".", import.meta.url);
    const sources = readdirSync(folder).filter(
      (name) => name.endsWith("-scripts.ts") || name.includes("prelude"),
    );
    expect(sources.length).toBeGreaterThan(4);
    for (const name of sources) {
      expect(readFileSync(new URL(name, folder), "utf8")).not.toMatch(/return (-\d|\{'\w)/);
    }
  });
});

describe.skipIf(!redisIsSetUp())("a script on a shard answers", () => {
  let server: RedisServer;
  /** A meta field of format 1, and the same with one large value. */
  const meta = `\u0001${"\0".repeat(23)}`;
  const metaWithLarge = `${meta.slice(0, -1)}\u0001`;
  const entry = `${"\0".repeat(8)}value`;
  const run = async (script: Script, keys: readonly string[], ...args: readonly (string | number)[]) => {
    return Number(await redisCommand(server.port, "EVAL", script.text, keys.length, ...keys, ...args));
  };
  const record = (bytes: string) => redisCommand(server.port, "SET", "answer", `${bytes}1`);
  const put = (number: number, mayRecord: "0" | "1", keys = ["shard", "answer"]) =>
    run(putIfAbsentScript, keys, 1, number, 60_000, mayRecord, "ka", entry);

  beforeAll(async () => {
    server = await RedisServer.startAlone();
  });
  afterAll(() => server.destroy());
  beforeEach(async () => {
    await redisCommand(server.port, "FLUSHALL");
    await redisCommand(server.port, "HSET", "shard", "m", meta);
  });

  test("noDict where there is no shard", async () => {
    for (const script of [writeScript, putIfAbsentScript, popScript, clearScript])
      expect(await run(script, ["none", "answer"], 1)).toBe(shardAnswer.noDict);
  });

  test("needsIndex where there are large values", async () => {
    await redisCommand(server.port, "HSET", "shard", "m", metaWithLarge);
    expect(await run(writeScript, ["shard"], 1, "ka", entry)).toBe(shardAnswer.needsIndex);
    expect(await put(1, "1")).toBe(shardAnswer.needsIndex);
  });

  test("chunkMissing for a large value that is not there", async () => {
    expect(await put(1, "1", ["shard", "answer", "index", "chunk"])).toBe(shardAnswer.chunkMissing);
  });

  test("noRoom if a new answer may not be recorded", async () => {
    expect(await put(1, "0")).toBe(shardAnswer.noRoom);
  });

  test("straggler to a number below the recorded one of the series", async () => {
    await record("\0\0\0\0\0\u0005");
    expect(await put(4, "1")).toBe(shardAnswer.straggler);
    expect(await put(5, "1")).toBe(1);
  });

  test("otherArguments to another number under a caller's key", async () => {
    await record("\0\u0001\0\0\0\u0005");
    expect(await put(2 ** 32 + 4, "1")).toBe(shardAnswer.otherArguments);
    expect(await put(2 ** 32 + 5, "1")).toBe(1);
  });
});
