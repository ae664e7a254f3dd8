// Calls that must not run twice, through failovers and with replies that are lost at any time: what was executed is
// executed once, no matter which node asks again. The control has no answers remembered.

import { createError } from "@everdict/protocol";
import { type SeededRandom, seededRandom, waitUntil } from "@everdict/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Router } from "../../cluster/router.ts";
import type { SocketTransportOptions } from "../../cluster/socket-transport.ts";
import { slotTag } from "../../keys/slot-tags.ts";
import { Script } from "../../scripts/script.ts";
import type { RedisStore } from "../../store/redis-store.ts";
import { chaos, safe } from "./chaos-parameters.ts";
import { ChaosWorld } from "./chaos-world.ts";
import { failOverAndOver } from "./failovers.ts";
import { LossyNetwork } from "./lossy-network.ts";
import { loadKey } from "./write-load.ts";

const workers = 32;

/** Defines the tests of what must be done once. */
export function onceChaos(seed: number): void {
  describe("with replies lost at random", () => {
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

    test("pops and conditional puts through failovers: each value once, each key to one", {
      timeout: 600_000,
    }, async () => {
      const nodes = await Promise.all([0, 1].map(() => world.open({}, network.connections)));
      await world.createDict(nodes[0]!);
      const work = new OnceWork(nodes, world.dictId);
      await failOverAndOver(world, random, { goesOn: () => work.goesOn() });
      await waitUntil(`${chaos.popped} keys are done`, () => work.done >= chaos.popped, {
        timeoutMs: 200_000,
      });
      await work.stop();
      expect(work.wrong).toEqual([]);
      expect(network.repliesLost).toBeGreaterThan(chaos.popped / 1_000);
      const lost = nodes.reduce((sum, node) => sum + (node.counters().retries.lost ?? 0), 0);
      expect(lost).toBeGreaterThan(0);
    });

    test("control: without remembered answers popped values vanish", { timeout: 120_000 }, async () => {
      lossChance = 1 / 5;
      const connections: SocketTransportOptions = { connectTimeoutMs: 1_000, greeting: [] };
      const router = new Router({
        ...{ transport: network.connections(connections), seeds: world.cluster.hosts.split(",") },
        ...{ lanes: 2, waitReplicas: 1, commandTimeoutMs: 500, deadlineMs: 20_000, pendingMaxBytes: 1e8 },
        onForeign: (what) => createError("data_loss", what),
      });
      await router.open();
      const call = { slot: world.slot, writes: true, durable: true };
      const hash = `control:{${slotTag(world.slot)}}`;
      let vanished = 0;
      for (let round = 0; round < 100 && vanished === 0; round++) {
        const fields = Array.from({ length: workers }, (_, index) => `${round} ${index}`);
        const popped = fields.map(async (field) => {
          await router.call({ ...call, command: ["HSET", hash, field, "value"] });
          return await router.call({ ...call, script: forgetfulPop, command: [1, hash, field] });
        });
        vanished += (await Promise.all(popped)).filter((value) => value === null).length;
      }
      router.close();
      expect(vanished).toBeGreaterThan(0);
    });
  });
}

const forgetfulPop = new Script(`
local value = redis.call('HGET', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
return value
`);

/** Workers that each put a key, pop it and let both nodes want another one, over and over. */
class OnceWork {
  /** Keys that are through. */
  done = 0;
  /** What was not as it must be. */
  readonly wrong: string[] = [];
  readonly #nodes: readonly RedisStore[];
  readonly #dictId: string;
  readonly #running: Promise<unknown>;
  #next = 0;
  #stopping = false;

  constructor(nodes: readonly RedisStore[], dictId: string) {
    this.#nodes = nodes;
    this.#dictId = dictId;
    this.#running = Promise.all(Array.from({ length: workers }, (_, worker) => this.#work(worker)));
  }

  /** Resolves once some more keys are through: the workers are at it. */
  async goesOn(): Promise<void> {
    const { done } = this;
    await waitUntil("the workers go on", () => this.done >= done + workers, { timeoutMs: 60_000 });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #work(worker: number): Promise<void> {
    while (!this.#stopping) {
      const number = this.#next++;
      try {
        await this.#once(this.#nodes[worker % this.#nodes.length]!, number, worker % 3 === 0);
      } catch (error) {
        this.wrong.push(`${number}: ${error}`);
      }
      this.done++;
    }
  }

  async #once(node: RedisStore, number: number, hasKey: boolean): Promise<void> {
    const key = loadKey(number);
    await node.update(this.#dictId, [{ key, value: key }]);
    const popped = await node.pop(this.#dictId, key, hasKey ? { idempotencyKey: `pop ${number}` } : {});
    if (popped === undefined || Buffer.compare(popped, key) !== 0)
      this.wrong.push(`${number}: popped ${popped}`);
    if (await node.contains(this.#dictId, key)) this.wrong.push(`${number}: is there after its pop`);
    const lock = Buffer.from(`lock ${number}`);
    const outcomes = await Promise.all(
      this.#nodes.map((one) =>
        one.putIfAbsent(
          this.#dictId,
          lock,
          lock,
          hasKey ? { idempotencyKey: `${one === node} ${number}` } : {},
        ),
      ),
    );
    const winners = outcomes.filter(Boolean).length;
    if (winners !== 1) this.wrong.push(`${number}: ${winners} winners`);
  }
}
