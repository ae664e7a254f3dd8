import { setTimeout as delay } from "node:timers/promises";
import type { Entry } from "@everdict/protocol";
import type { SeededRandom } from "@everdict/testkit";
import type { RedisStore } from "../../store/redis-store.ts";
import { chaos } from "./chaos-parameters.ts";
import type { ChaosWorld } from "./chaos-world.ts";
import { loadKey, WriteLoad, type WriteLoadOptions } from "./write-load.ts";

/** What became of a load. */
export interface LoadOutcome {
  readonly load: WriteLoad;
  /** Acknowledged writes that are not there. */
  readonly lost: readonly number[];
  readonly store: RedisStore;
}

/** Lets a fault happen in the middle of a load, at a moment that the seed decides, and looks what became of it. */
export async function underLoad(
  world: ChaosWorld,
  random: SeededRandom,
  fault: () => Promise<void>,
  options: Omit<WriteLoadOptions, "store" | "dictId"> = {},
): Promise<LoadOutcome> {
  const store = await world.openWithDict();
  const load = new WriteLoad({ store, dictId: world.dictId, ...options });
  await delay(chaos.loadMs * (0.5 + random.next()));
  await fault();
  await delay(chaos.loadMs);
  await load.stop();
  const lost = await load.lost(await world.open({ allowUnsafe: true }));
  return { load, lost, store };
}

/** Entries whose value is their key. */
export function loadEntries(count: number): Entry[] {
  return Array.from({ length: count }, (_, number) => ({ key: loadKey(number), value: loadKey(number) }));
}
