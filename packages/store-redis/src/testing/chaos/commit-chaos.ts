// Commits through failovers and with replies that are lost at any time: what was acknowledged is there, once. The control
// has no answers remembered, and counts some additions twice.
import { createError } from "@everdict/protocol";
import { type SeededRandom, seededRandom, waitUntil } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Router } from "../../cluster/router.ts";
import { Keyspace } from "../../keys/keyspace.ts";
import { slotTag } from "../../keys/slot-tags.ts";
import { Script } from "../../scripts/script.ts";
import { chaos, safe } from "./chaos-parameters.ts";
import { ChaosWorld } from "./chaos-world.ts";
import { CommitWork } from "./commit-work.ts";
import { failOverAndOver } from "./failovers.ts";
import { LossyNetwork } from "./lossy-network.ts";

const bankId = "di-bank";

/** Defines the tests of commits. */
export function commitChaos(seed: number): void {
  describe("commits with replies lost at random", () => {
    let random: SeededRandom;
    let world: ChaosWorld;
    let network: LossyNetwork;
    /** Of batches without an answer. */
    let lossChance = 1 / 100;

    beforeAll(async () => {
      random = seededRandom(seed);
      world = await ChaosWorld.start(random, { replicas: 2 }, safe);
      network = await LossyNetwork.start(world.cluster, () => random.chance(lossChance));
    }, 60_000);
    afterAll(async () => {
      await world[Symbol.asyncDispose]();
      await network.stop();
    });

    test("count exactly, lose no compare-and-set, and keep the sum of a bank through failovers", {
      timeout: 600_000,
    }, async () => {
      const nodes = await Promise.all([0, 1].map(() => world.open({}, network.connections)));
      await world.createDict(nodes[0]!);
      await world.createDict(nodes[0]!, [], { id: bankId, name: "bank", shards: 1 });
      const work = await CommitWork.start({ nodes, dictId: world.dictId, bankId, random });
      const firstSlot = new Keyspace("everdict:").shard(bankId, 0, 1).slot;
      await failOverAndOver(world, random, { goesOn: () => work.goesOn(), firstSlot });
      await waitUntil(`${chaos.commits} commits are done`, () => work.done >= chaos.commits, {
        timeoutMs: 200_000,
      });
      await work.stop();
      await work.check();
      expect(work.wrong).toEqual([]);
      expect(work.moved).toBeGreaterThan(chaos.commits / 50);
      expect(work.added.size).toBeGreaterThan(6);
      const counters = nodes.map((node) => node.counters());
      expect(counters.some(({ retries }) => (retries.lost ?? 0) > 0)).toBe(true);
    });

    test("control: without remembered answers additions count twice", { timeout: 120_000 }, async () => {
      lossChance = 1 / 5;
      const router = new Router({
        ...{ transport: network.connections({ connectTimeoutMs: 1_000, greeting: [] }) },
        ...{ seeds: world.cluster.hosts.split(","), lanes: 2, waitReplicas: 1 },
        ...{ commandTimeoutMs: 500, deadlineMs: 20_000, pendingMaxBytes: 1e8 },
        onForeign: (what) => createError("data_loss", what),
      });
      await router.open();
      const hash = `control:{${slotTag(world.slot)}}`;
      const call = { slot: world.slot, writes: true, durable: true };
      let acknowledged = 0;
      let counted = 0;
      for (let round = 0; round < 100 && counted === acknowledged; round++) {
        const additions = Array.from({ length: 32 }, () =>
          router.call({ ...call, script: forgetfulAddition, command: [1, hash] }),
        );
        acknowledged += (await Promise.all(additions)).length;
        counted = Number(await router.call({ ...call, command: ["HGET", hash, "number"] }));
      }
      router.close();
      expect(counted).toBeGreaterThan(acknowledged);
    });
  });
}

const forgetfulAddition = new Script(`
return redis.call('HINCRBY', KEYS[1], 'number', 1)
`);
