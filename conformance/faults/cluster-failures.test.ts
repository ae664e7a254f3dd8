// Failures of a cluster as real clients meet them: a server is killed in the middle of calls, and a master of the
// tested dictionary is killed, with Python's client and TypeScript's behind a load balancer. Nobody is told, nothing is
// lost, and everything is done once.
import { pythonIsSetUp, redisIsSetUp, seededRandom, waitUntil } from "@everdict/testkit";
import { expect, test } from "vitest";
import { parameters } from "../parameters.ts";
import { type ClusterUnderLoad, clusterUnderLoad } from "./cluster-under-load.ts";

const seed = Number(process.env.EVERDICT_CHAOS_SEED ?? Date.now() % 1_000_000);
const nodeTimeoutMs = 1_000;

test.skipIf(!redisIsSetUp() || !pythonIsSetUp(["newest"]))(
  `servers and masters are killed under load from Python and TypeScript, seed ${seed}`,
  { timeout: 400_000 },
  async () => {
    const random = seededRandom(seed);
    const { python, typescript } = await clusterUnderLoad({ replicas: 2, nodeTimeoutMs }, async (world) => {
      for (let round = 0; round < parameters.failureRounds; round++) {
        await killServer(world, random.integer(world.servers.length));
        await killMaster(world, random.pick(await world.slotsOfDict()));
      }
    });
    expect(python).toMatchObject({ calls: expect.any(Number), wrong: [] });
    expect(typescript.wrong).toEqual([]);
    // They were in the middle of it: some call waited for the failover.
    expect(Math.max(typescript.slowestMs, python.slowestMs)).toBeGreaterThan(nodeTimeoutMs);
  },
);

/** `kill -9` while its clients' calls are under way; they find the other one. */
async function killServer({ servers, load, balancer }: ClusterUnderLoad, at: number): Promise<void> {
  const goesOn = async (): Promise<void> => {
    const { calls } = load;
    await waitUntil("the load goes on", () => load.calls > calls + 20, { timeoutMs: 100_000 });
  };
  await goesOn();
  const connections = balancer.connectionsMade;
  await servers[at]!.kill9();
  await goesOn();
  servers[at] = await servers[at]!.restart();
  // The other one, too: a client that was on neither has not met this.
  const other = (at + 1) % servers.length;
  await servers[other]!.kill9();
  await goesOn();
  servers[other] = await servers[other]!.restart();
  expect(balancer.connectionsMade).toBeGreaterThan(connections + 1);
}

async function killMaster({ cluster, load }: ClusterUnderLoad, slot: number): Promise<void> {
  const master = await cluster.ownerOf(slot);
  await master.server.kill();
  await waitUntil("a replica took over", async () => (await cluster.ownerOf(slot)) !== master, {
    timeoutMs: 100_000,
    everyMs: 50,
  });
  const { calls } = load;
  await waitUntil("the load goes on", () => load.calls > calls + 20, { timeoutMs: 100_000 });
  await master.server.start();
  await cluster.waitUntilWhole();
}
