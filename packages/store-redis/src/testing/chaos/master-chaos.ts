// Masters that die, hang, or come back without what they had. Each promise has a negative control where that is possible:
// the same fault with the protection off must lose writes, or the test would prove nothing.
import { setTimeout as delay } from "node:timers/promises";
import { type SeededRandom, seededRandom } from "@everdict/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { safe, unsafe } from "./chaos-parameters.ts";
import { ChaosWorld } from "./chaos-world.ts";
import { showAll } from "./show-all.ts";
import { loadEntries, underLoad } from "./under-load.ts";

/** More than Linux lets the two buffers of a connection grow to by default: 32 MiB to receive and 4 MiB to send. */
const stalledBytes = 48_000_000;

/** Defines the tests of masters that fail. */
export function masterChaos(seed: number): void {
  let random: SeededRandom;
  beforeEach(() => {
    random = seededRandom(seed);
  });

  describe("a master is killed", () => {
    test("nobody is told, and nothing acknowledged is lost", { timeout: 120_000 }, async () => {
      await using world = await ChaosWorld.start(random, { replicas: 2 }, safe);
      const { load, lost } = await underLoad(world, random, async () => {
        const { master } = await world.victim();
        await master.server.kill();
        await world.failedOver(master);
      });
      expect(load.errors).toEqual([]);
      expect(lost).toEqual([]);
      expect(load.acknowledged.length).toBeGreaterThan(100);
    });
  });

  describe("a master is killed while its only replica is stalled", () => {
    const stalled = async (profile: typeof safe | typeof unsafe) => {
      await using world = await ChaosWorld.start(random, { replicas: 1 }, profile);
      return await underLoad(
        world,
        random,
        async () => {
          const { master, replicas } = await world.victim();
          for (const { server } of replicas) server.pause();
          // Until the replica lacks more than the buffers between the two hold; never, if writes wait for it. What
          // it had acknowledged by now says little: it does so once a second.
          const pausedAt = await world.replicationOffset(master);
          const giveUpAtMs = performance.now() + (profile === safe ? 2_000 : 60_000);
          while (
            performance.now() < giveUpAtMs &&
            (await world.replicationOffset(master)) < pausedAt + stalledBytes
          )
            await delay(20);
          await master.server.kill();
          for (const { server } of replicas) server.resume();
          await world.failedOver(master);
          // Its supervisor starts it again; until then the shard has no replica, and takes no durable write.
          await master.server.start();
        },
        { valueBytes: 16_384 },
      );
    };

    test("nothing acknowledged is lost", { timeout: 120_000 }, async () => {
      const { load, lost } = await stalled(safe);
      expect(load.errors).toEqual([]);
      expect(lost).toEqual([]);
    });

    test("control: without waiting for replicas, acknowledged writes are lost", {
      timeout: 120_000,
    }, async () => {
      const { lost } = await stalled(unsafe);
      expect(lost.length).toBeGreaterThan(0);
    });
  });

  describe("a master is paused, replaced, and wakes up", () => {
    const paused = async (profile: typeof safe | typeof unsafe, commandTimeoutMs: number) => {
      await using world = await ChaosWorld.start(random, { replicas: 1 }, { ...profile, commandTimeoutMs });
      return await underLoad(world, random, async () => {
        const { master } = await world.victim();
        master.server.pause();
        await world.failedOver(master);
        master.server.resume();
        await world.cluster.waitUntilWhole();
      });
    };

    test("nothing acknowledged is lost", { timeout: 120_000 }, async () => {
      const { load, lost } = await paused(safe, 500);
      expect(load.errors).toEqual([]);
      expect(lost).toEqual([]);
    });

    test("control: with neither replicas nor a time limit, it acknowledges writes and then forgets them", {
      timeout: 120_000,
    }, async () => {
      const { lost } = await paused(unsafe, 60_000);
      expect(lost.length).toBeGreaterThan(0);
    });
  });

  describe("a master is killed and restarted before anybody takes over", () => {
    const flapped = async (appendOnly: boolean) => {
      await using world = await ChaosWorld.start(
        random,
        { appendOnly, nodeTimeoutMs: 5_000 },
        { ...safe, allowUnsafe: true },
      );
      const store = await world.openWithDict(loadEntries(2_000));
      const { master } = await world.victim();
      if (appendOnly) await world.logIsWritten(master);
      await master.server.kill();
      await delay(300);
      await master.server.start();
      await world.cluster.waitUntilWhole();
      const found = await Promise.allSettled(
        loadEntries(2_000).map(({ key }) => store.contains(world.dictId, key)),
      );
      const codes = found.map((one) => (one.status === "fulfilled" ? one.value : one.reason.code));
      return { counts: new Set(codes), dataLoss: store.counters().dataLoss };
    };

    test("with its log, it has everything", { timeout: 120_000 }, async () => {
      expect(await flapped(true)).toEqual({ counts: new Set([true]), dataLoss: 0 });
    });

    test("control: without, its part is lost, which is said to be data loss and never absence", {
      timeout: 120_000,
    }, async () => {
      const { counts, dataLoss } = await flapped(false);
      expect([...counts].sort()).toEqual(["data_loss", true]);
      expect(dataLoss).toBeGreaterThan(0);
    });
  });

  test("all servers are killed at once and started again: everything is there", {
    timeout: 120_000,
  }, async () => {
    await using world = await ChaosWorld.start(
      random,
      // With 'everysec' a kill loses what a server keeps to itself while its disk is behind.
      { args: ["--appendfsync", "always"] },
      { ...safe, deadlineMs: 60_000 },
    );
    const { load, lost } = await underLoad(world, random, async () => {
      await Promise.all(world.cluster.members.map(({ server }) => server.kill()));
      await Promise.all(world.cluster.members.map(({ server }) => server.start()));
      await world.cluster.waitUntilWhole();
    });
    expect(load.errors).toEqual([]);
    expect(lost).toEqual([]);
  });

  test("a stream through a failover shows every entry exactly once", { timeout: 120_000 }, async () => {
    await using world = await ChaosWorld.start(random, { replicas: 2 }, safe);
    const count = 30_000;
    const store = await world.openWithDict(loadEntries(count));
    // The shards that are read first.
    world.slot = random.pick(world.slots.slice(0, 3));
    const { master } = await world.victim();
    await showAll(store, { dictId: world.dictId, count }, async (batches) => {
      if (batches === 1 + (seed % 3)) await master.server.kill();
    });
    expect(store.counters().scanRestarts).toBeGreaterThan(0);
  });
}
