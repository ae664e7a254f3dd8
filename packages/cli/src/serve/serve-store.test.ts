/** `everdict serve --store redis://…`: several servers on one cluster, which keep nothing themselves. */

import {
  type EverdictProcess,
  RedisCluster,
  redisIsSetUp,
  startEverdict,
  type TemporaryDirectory,
  temporaryDirectory,
} from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { buildEverdict, runEverdict } from "../../test-support/run-everdict.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe.skipIf(!redisIsSetUp())("servers on one cluster", () => {
  let cluster: RedisCluster;
  let directory: TemporaryDirectory;
  let servers: EverdictProcess[];

  beforeAll(async () => {
    await buildEverdict();
    directory = temporaryDirectory();
    cluster = await RedisCluster.start();
    const options = { dataDirectory: directory.path, args: ["--store", `redis://${cluster.hosts}`] };
    const first = await startEverdict(options);
    // The second has the same tokens, whose secret is shown once.
    servers = [first, await startEverdict({ ...options, token: first.token })];
  });
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const connect = (...of: EverdictProcess[]): Client =>
    Client.connect({ url: of.map(({ serverUrl }) => serverUrl).join(","), ...of[0]!.token });

  test("say where the data is, without the way in", () => {
    expect(servers[0]!.printed()).toContain(`Data is in redis://${cluster.hosts}, shared with other servers`);
  });

  test("show each other's dicts at once", async () => {
    await using one = connect(servers[0]!);
    await using two = connect(servers[1]!);
    const jobs = Dict.fromName("jobs", { createIfMissing: true, client: one });
    await jobs.put("a", 1);
    const same = Dict.fromName("jobs", { client: two });
    expect(await same.get("a")).toBe(1);
    expect(await same.put("a", 2, { skipIfExists: true })).toBe(false);
    await Dict.delete("jobs", { client: two });
    await expect(jobs.get("a")).rejects.toMatchObject({ code: "dict_not_found" });
  });

  test("one that is killed in the middle of pops loses none and doubles none", async () => {
    await using client = connect(...servers);
    const jobs = Dict.fromName("many", { createIfMissing: true, client });
    const count = 3_000;
    await jobs.update(Array.from({ length: count }, (_, index): [number, number] => [index, index]));
    const popped: unknown[] = [];
    const worker = async (first: number): Promise<void> => {
      for (let key = first; key < count; key += 32) {
        if (key === 960) void servers[0]!.kill9();
        popped.push(await jobs.pop(key));
      }
    };
    await Promise.all(Array.from({ length: 32 }, (_, first) => worker(first)));
    expect(new Set(popped).size).toBe(count);
    expect(await jobs.len()).toBe(0);
    servers[0] = await servers[0]!.restart();
  });

  test("--memory and --store exclude each other", async () => {
    const refused = await runEverdict(["serve", "--memory", "--store", "redis://localhost"]);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("exclude each other")]);
  });

  test("a store that is not there, or not safe, is said in one line", async () => {
    const args = ["serve", "--port", "0", "--data-dir", directory.path, "--store"];
    const absent = await runEverdict([...args, "redis://127.0.0.1:1"]);
    expect(absent.stderr).toMatch(/none of 1 servers of the cluster answers/);
    const unsafe = await runEverdict([...args, `redis://${cluster.hosts}?profile=strict`]);
    expect(unsafe.stderr).toMatch(/has 1 replica\(s\), profile 'strict' waits for 2/);
    expect([absent.status, unsafe.status]).toEqual([3, 2]);
  });
});
