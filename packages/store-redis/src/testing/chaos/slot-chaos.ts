// Slots that move to another master while everybody goes on.
import { moveSlot, moveSlots, type SeededRandom, seededRandom } from "@everdict/testkit";
import { beforeEach, expect, test } from "vitest";
import { chaos, safe } from "./chaos-parameters.ts";
import { ChaosWorld } from "./chaos-world.ts";
import { showAll } from "./show-all.ts";
import { loadEntries, underLoad } from "./under-load.ts";

/** Defines the tests of slots that move. */
export function slotChaos(seed: number): void {
  let random: SeededRandom;
  beforeEach(() => {
    random = seededRandom(seed);
  });

  test("slots move to another master under load: nobody is told, nothing is lost", {
    timeout: 240_000,
  }, async () => {
    await using world = await ChaosWorld.start(random, {}, safe);
    let moved: readonly number[] = [];
    const { load, lost, store } = await underLoad(world, random, async () => {
      moved = await moveSome(world, random);
    });
    expect(load.errors).toEqual([]);
    expect(lost).toEqual([]);
    expect(moved.length).toBeGreaterThan(0);
    expect(store.counters().retries.moved).toBeGreaterThan(0);
  });

  test("a stream while slots move shows every entry exactly once", { timeout: 240_000 }, async () => {
    await using world = await ChaosWorld.start(random, {}, safe);
    const count = 30_000;
    const store = await world.openWithDict(loadEntries(count));
    const slots = [...world.slots];
    await showAll(store, { dictId: world.dictId, count }, async (batches) => {
      // The shards are read in this order, three at a time: those that move are in the middle, or about to be begun.
      const slot = batches % 2 === 0 ? slots.shift() : undefined;
      if (slot !== undefined) await moveAway(world, random, slot);
    });
    expect(store.counters().retries.moved).toBeGreaterThan(0);
    expect(store.counters().scanRestarts).toBeGreaterThan(0);
  });
}

/** Moves what of the dictionary one master has, or slots as an operator does; answers which of its slots moved. */
async function moveSome(world: ChaosWorld, random: SeededRandom): Promise<readonly number[]> {
  const from = await world.cluster.ownerOf(world.slot);
  const before = await world.slotsOf(from);
  if (chaos.slotsMoved === 0) {
    for (const slot of before) await moveAway(world, random, slot);
  } else {
    const others = (await world.owners()).filter((owner) => owner !== from);
    await moveSlots(from, random.pick(others), chaos.slotsMoved);
  }
  const after = await world.slotsOf(from);
  return before.filter((slot) => !after.includes(slot));
}

async function moveAway(world: ChaosWorld, random: SeededRandom, slot: number): Promise<void> {
  const from = await world.cluster.ownerOf(slot);
  const others = (await world.owners()).filter((owner) => owner !== from);
  await moveSlot(from, random.pick(others), slot);
}
