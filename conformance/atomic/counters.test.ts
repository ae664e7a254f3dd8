// The natural check of exactly once: N increments of 1 sum to N. Processes of TypeScript and of Python count on one
// number while replies are lost, the server is killed and restarted, and masters of a cluster are killed.
import { join } from "node:path";
import {
  type Python,
  pythonIsSetUp,
  redisIsSetUp,
  repositoryRoot,
  startPython,
  waitUntil,
} from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { describe, expect, test } from "vitest";
import { parameters } from "../parameters.ts";
import { type DisturbedServer, withCluster, withLog } from "./disturbed-server.ts";
import { startWorking } from "./processes.ts";

const dictName = "counters";
const processCount = 8;
const callersPerProcess = 16;
const pythonCount = 2;
const each = parameters.increments;
const rounds = parameters.disturbances;

const countInPython = `
import asyncio, everdict
counters = everdict.Dict.from_name(name)
async def count(times):
    for _ in range(times):
        await counters.increment.aio("count")
async def together():
    await asyncio.gather(*[count(times // 8) for _ in range(8)])
run(together())
`;

describe(`${processCount} processes of TypeScript and ${pythonCount} of Python, ${each} increments each`, () => {
  test.skipIf(!pythonIsSetUp(["newest"]))(
    `sum exactly on the log, through ${rounds} lost connections and kills`,
    () => withLog(countExactly),
    3_000_000,
  );

  test.skipIf(!redisIsSetUp() || !pythonIsSetUp(["newest"]))(
    `sum exactly on a cluster of three masters and three replicas, through ${rounds} failovers`,
    () => withCluster(countExactly),
    3_000_000,
  );
});

async function countExactly(server: DisturbedServer): Promise<void> {
  await using client = Client.connect({ url: server.url, ...server.token, timeoutMs: 120_000 });
  const counters = Dict.fromName<string, number>(dictName, { client, createIfMissing: true });
  await counters.hydrate();
  const pythons = Array.from({ length: pythonCount }, () => pythonBeside(server));
  const args = [dictName, each, callersPerProcess];
  const working = await Promise.all(
    Array.from({ length: processCount }, () => startWorking("counting.mjs", server, args)),
  );
  try {
    const counting = Promise.all([
      ...working.map(({ done }) => done),
      ...pythons.map((python) =>
        python.run(countInPython, { variables: { name: dictName, times: each }, timeoutMs: 2_900_000 }),
      ),
    ]);
    counting.catch(() => {});
    const total = (processCount + pythonCount) * each;
    for (let round = 1; round <= rounds; round++) {
      const reached = (total * round) / (rounds + 2);
      await waitUntil(
        `${reached} increments are made`,
        async () => ((await counters.get("count")) ?? 0) >= reached,
        {
          timeoutMs: 1_000_000,
          everyMs: 20,
        },
      );
      await server.disturb();
    }
    await counting;
    expect(await counters.get("count")).toBe(total);
    // Python's own client reads it as an int, and may write it.
    const asInt = await pythons[0]!.run(
      `d = modal.Dict.from_name(name)\nbefore = d["count"]\nd["count"] = 5\n[type(before).__name__, before]`,
    );
    expect(asInt.json).toEqual(["int", total]);
    expect(await counters.increment("count")).toBe(6);
  } finally {
    for (const process of working) process.kill();
    await Promise.all(pythons.map((python) => python.stop()));
  }
}

function pythonBeside({ env }: DisturbedServer): Python {
  return startPython("newest", { ...env, PYTHONPATH: join(repositoryRoot, "python", "everdict", "src") });
}
