// The README of the Python package, run: what it says must hold on a real server.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type EverdictProcess,
  type PythonEnvironment,
  pythonIsSetUp,
  RedisCluster,
  redisIsSetUp,
  repositoryRoot,
  startEverdict,
  startPython,
} from "@everdict/testkit";
import { Dict } from "everdict";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectTo } from "../connect-to.ts";
import { type InstalledPackage, installPackage } from "./install-package.ts";

const readme = readFileSync(join(repositoryRoot, "python", "everdict", "README.md"), "utf8");
const blocks = [...readme.matchAll(/^```python\n(.*?)^```$/gms)].map((match) => match[1]!);
const clients = ["package", "v1.0", "v0.74"] as const;

describe.skipIf(!pythonIsSetUp(clients))("the README of the Python package", () => {
  let installed: InstalledPackage;
  beforeAll(async () => {
    installed = await installPackage();
  }, 120_000);
  afterAll(() => installed?.[Symbol.dispose]());

  async function runReadme(
    server: EverdictProcess,
    client: PythonEnvironment,
    dictName: string,
  ): Promise<void> {
    await using python = startPython(client, { ...server.env, ...installed.env });
    expect(blocks.length).toBeGreaterThan(10);
    for (const block of blocks) await python.run(block.replaceAll('"jobs"', `"${dictName}"`));
    const { json } = await python.run("sorted(d.keys(prefix='to'))");
    expect(json).toEqual(["together"]);
  }

  test.each(clients)(
    "holds with the modal of the environment %s",
    async (client) => {
      await using server = await startEverdict();
      await runReadme(server, client, "jobs");
    },
    60_000,
  );

  test.skipIf(!redisIsSetUp())(
    "holds on a cluster, with a dictionary of one shard",
    async () => {
      await using cluster = await RedisCluster.start({ replicas: 0 });
      await using server = await startEverdict({
        args: ["--store", `redis://${cluster.hosts}?profile=cache`],
      });
      await using client = connectTo(server);
      await Dict.objects.create("of-one-shard", { client, shards: 1 });
      await runReadme(server, "package", "of-one-shard");
    },
    120_000,
  );
});
