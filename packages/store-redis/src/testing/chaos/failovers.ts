import { setTimeout as delay } from "node:timers/promises";
import type { SeededRandom } from "@everdict/testkit";
import { chaos } from "./chaos-parameters.ts";
import type { ChaosWorld } from "./chaos-world.ts";

/** Kills a master, at the next one pauses it, and so on, at moments that the seed decides; waits until all is well again. */
export async function failOverAndOver(
  world: ChaosWorld,
  random: SeededRandom,
  { goesOn, firstSlot }: { readonly goesOn: () => Promise<void>; readonly firstSlot?: number },
): Promise<void> {
  for (let failover = 0; failover < chaos.failovers; failover++) {
    if (failover === 0 && firstSlot !== undefined) world.slot = firstSlot;
    else world.chooseAnother();
    await goesOn();
    await delay(chaos.loadMs * random.next());
    const { master } = await world.victim();
    const isKilled = failover % 2 === 0;
    if (isKilled) await master.server.kill();
    else master.server.pause();
    await goesOn();
    await world.failedOver(master);
    if (isKilled) await master.server.start();
    else master.server.resume();
    await world.cluster.waitUntilWhole();
  }
}
