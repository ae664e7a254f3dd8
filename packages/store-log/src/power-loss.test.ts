/**
 * Loss of power, simulated by seed: a store on a disk that keeps only what was synced, tears and reorders the rest,
 * fills up and fails. Clients work until the disk dies; the store is opened on what is left; what they were told
 * must be so. Each seed lives through several such lives, with compaction running all the time.
 *
 * POWER_LOSS_SEEDS=5000 and POWER_LOSS_FIRST_SEED=1 make it a longer search, elsewhere.
 */
import { type SeededRandom, seededRandom } from "@everdict/testkit";
import { expect, test } from "vitest";
import { openLogStore } from "./open-log-store.ts";
import { prepare, SimulatedClient } from "./testing/simulated-client.ts";
import { type DiskFaults, SimulatedDisk } from "./testing/simulated-disk.ts";

const seeds = Number(process.env.POWER_LOSS_SEEDS ?? 150);
const firstSeed = Number(process.env.POWER_LOSS_FIRST_SEED ?? 1);
const livesPerSeed = 6;
const noFaults: DiskFaults = { fullChance: 0, syncFailureChance: 0 };

/** Lives through several losses of power. @throws if anything is found that must not be */
async function runSeed(seed: number, lies: Partial<DiskFaults> = {}): Promise<void> {
  const random = seededRandom(seed);
  const clients = Array.from(
    { length: 1 + random.integer(5) },
    (_, index) => new SimulatedClient(random, `c${index}`),
  );
  const valueCacheMaxBytes = random.pick([0, 4096, 1 << 20]);
  let disk = new SimulatedDisk(random, { ...noFaults, ...lies });
  for (let life = 0; life < livesPerSeed; life++) {
    disk.dieAfter(random.integer(random.pick([20, 200, 600])));
    await Promise.race([live(disk, clients, valueCacheMaxBytes, random), disk.death]);
    disk = disk.crash({ ...faults(random), ...lies });
  }
  const store = await open(disk.crash(noFaults), valueCacheMaxBytes);
  for (const client of clients) await client.recover(store);
  await store.close();
}

async function live(
  disk: SimulatedDisk,
  clients: readonly SimulatedClient[],
  valueCacheMaxBytes: number,
  random: SeededRandom,
): Promise<void> {
  const store = await open(disk, valueCacheMaxBytes);
  try {
    await prepare(store);
    for (const client of clients) await client.recover(store);
  } catch (error) {
    // The disk may fail or be full already while what was under way is tried again.
    if (["store_closed", "store_full"].includes((error as { code?: string }).code ?? ""))
      return await store.close();
    throw error;
  }
  await Promise.all(clients.map((client) => client.work(store)));
  // All clients found the store closed: a flush failed. The power goes a moment later.
  if (random.chance(0.5)) await store.close();
}

function open(disk: SimulatedDisk, valueCacheMaxBytes: number) {
  const onWarning = (error: Error) => {
    if (!["ENOSPC", "EIO", "store_closed", "store_full"].includes((error as { code?: string }).code ?? ""))
      throw error;
  };
  return openLogStore({
    directory: "/data",
    files: disk,
    segmentMaxBytes: 4096,
    valueCacheMaxBytes,
    onWarning,
  });
}

function faults(random: SeededRandom): DiskFaults {
  return {
    fullChance: random.pick([0, 0, 0.02]),
    syncFailureChance: random.pick([0, 0, 0.005]),
  };
}

test(`${seeds} seeds of lost power lose nothing acknowledged and bring nothing back`, async () => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    await runSeed(seed).catch((error) => {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    });
  }
}, 600_000);

test.each<[string, Partial<DiskFaults>]>([
  ["does not flush", { ignoresSync: true }],
  ["does not sync directories", { ignoresDirectorySync: true }],
])("the simulation notices a disk that %s", async (_, lies) => {
  const found: unknown[] = [];
  for (let seed = 1; seed <= 20 && found.length === 0; seed++) {
    await runSeed(seed, lies).catch((error) => found.push(error));
  }
  expect(found).not.toEqual([]);
});
