// Upkeep of a cluster under load from both languages: servers are restarted one by one behind a load balancer while
// slots move to another master. Nobody is told, nothing is lost, and everything is done once.
import { moveSlot, moveSlots, pythonIsSetUp, redisIsSetUp } from "@everdict/testkit";
import { expect, test } from "vitest";
import { parameters } from "../parameters.ts";
import { type ClusterUnderLoad, clusterUnderLoad } from "./cluster-under-load.ts";

test.skipIf(!redisIsSetUp() || !pythonIsSetUp(["newest"]))(
  "servers restart one by one while slots move, under load from Python and TypeScript",
  { timeout: 400_000 },
  async () => {
    const { python, typescript } = await clusterUnderLoad({}, upkeep);
    expect(python).toMatchObject({ calls: expect.any(Number), wrong: [] });
    expect(typescript.wrong).toEqual([]);
    expect(Math.min(python.calls, typescript.calls)).toBeGreaterThan(0);
  },
);

async function upkeep(world: ClusterUnderLoad): Promise<void> {
  const { servers, load } = world;
  const owners = () => Promise.all(slots.map((slot) => world.cluster.ownerOf(slot)));
  const slots = await world.slotsOfDict();
  expect(slots).toHaveLength(16);
  const before = await owners();
  const reshard = new Reshard(world, slots);
  // At least each of them once, and at least one of them in the middle of the moves.
  for (let restarts = 0; restarts < servers.length || !reshard.hasEnded; restarts++) {
    const moved = reshard.moves;
    const called = load.calls;
    const at = restarts % servers.length;
    expect(await servers[at]!.stop()).toBe(0);
    servers[at] = await servers[at]!.restart();
    if (restarts < servers.length) expect(reshard.hasEnded && reshard.moves === moved).toBe(false);
    expect(load.calls).toBeGreaterThan(called);
    if (restarts + 1 >= servers.length) reshard.mayEnd();
  }
  await reshard.ended;
  const after = await owners();
  expect(slots.filter((_, index) => before[index] !== after[index]).length).toBeGreaterThan(0);
}

/** Slots on their way: 3,000 as an operator moves them, or the dictionary's own one after the other. */
class Reshard {
  /** Moves that are through. */
  moves = 0;
  hasEnded = false;
  readonly ended: Promise<void>;
  #mayEnd = false;

  constructor(world: ClusterUnderLoad, slots: readonly number[]) {
    const running = parameters.slotsMoved > 0 ? this.#asOperator(world, slots) : this.#oneByOne(world, slots);
    this.ended = running.finally(() => {
      this.hasEnded = true;
    });
    // Looked at when it is awaited.
    this.ended.catch(() => {});
  }

  /** Enough has happened meanwhile. */
  mayEnd(): void {
    this.#mayEnd = true;
  }

  async #asOperator({ cluster }: ClusterUnderLoad, slots: readonly number[]): Promise<void> {
    const from = await cluster.ownerOf(slots[0]!);
    const owners = await Promise.all(slots.map((slot) => cluster.ownerOf(slot)));
    await moveSlots(from, owners.find((owner) => owner !== from)!, parameters.slotsMoved);
    this.moves++;
  }

  async #oneByOne({ cluster }: ClusterUnderLoad, slots: readonly number[]): Promise<void> {
    const home = await cluster.ownerOf(slots[0]!);
    for (let at = 0; !this.#mayEnd || at < slots.length; at++) {
      const slot = slots[at % slots.length]!;
      const from = await cluster.ownerOf(slot);
      const others = await Promise.all([0, 8_192, 16_383].map((one) => cluster.ownerOf(one)));
      // All of it to one master, and then away from there.
      const to = from === home ? others.find((one) => one !== home)! : home;
      await moveSlot(from, to, slot);
      this.moves++;
    }
  }
}
