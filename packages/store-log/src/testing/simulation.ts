/**
 * Loss of power, simulated by seed: a store on a disk that keeps only what was synced, tears and reorders the rest,
 * fills up and fails. Clients work until the disk dies; the store is opened on what is left; what they were told
 * must be so. Each seed lives through several such lives, with compaction and sweeps running all the time, and ends
 * with a flipped bit, with bytes taken away that must not go unnoticed, or with a salvage.
 */

import type { Durability, Store } from "@everdict/store";
import { type SeededRandom, seededRandom } from "@everdict/testkit";
import type { LogStore } from "../store/log-store.ts";
import { openLogStore } from "../store/open-log-store.ts";
import type { LogStoreOptions } from "../store/options.ts";
import { environmentId } from "./client-steps.ts";
import { flipBits } from "./flipped-bits.ts";
import { HarmedDisk } from "./harmed-disk.ts";
import { type Order, SimulatedClient, type Stretch, turn } from "./simulated-client.ts";
import { type DiskFaults, SimulatedDisk } from "./simulated-disk.ts";
import { VirtualTime } from "./virtual-time.ts";

/** What a run may be told. */
export interface SimulationOptions {
  /** Owns the clock and, where it is installed, the timers of the process. */
  readonly time?: VirtualTime | undefined;
  /** How durable all dictionaries are. Default: by seed. */
  readonly durability?: Durability | undefined;
}

const livesPerSeed = 4;
// What a store keeps for itself fits, or does not.
const roomMaxBytes = 128 * 1024;
const changesPerLife = [10, 50, 150];

/** Lives through several losses of power. @throws if anything is found that must not be */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<void> {
  const time = options.time ?? new VirtualTime();
  time.restart();
  const simulation = new Simulation(seededRandom(seed), time, options);
  try {
    await simulation.run();
  } catch (error) {
    simulation.abandon();
    throw error;
  }
}

class Simulation {
  readonly #random: SeededRandom;
  readonly #time: VirtualTime;
  readonly #clients: readonly SimulatedClient[];
  readonly #order: Order;
  readonly #storeOptions: Partial<LogStoreOptions>;
  #disk: SimulatedDisk;
  #diedAtMs = 0;
  #wasClosed = false;
  #warning: Error | undefined;

  constructor(random: SeededRandom, time: VirtualTime, { durability }: SimulationOptions) {
    this.#random = random;
    this.#time = time;
    const order = { next: 1, wasFull: false };
    this.#order = order;
    const oneMode = random.pick(["sync", undefined] as const);
    this.#clients = Array.from({ length: 1 + random.integer(5) }, (_, index) => {
      const ownMode = durability ?? oneMode ?? random.pick(modes);
      return new SimulatedClient({ random, name: `c${index}`, time, order, durability: ownMode });
    });
    this.#storeOptions = {
      segmentMaxBytes: 4096,
      valueCacheMaxBytes: random.pick([0, 4096, 1 << 20]),
      flushPath: random.pick(["auto", "inline", "pool"]),
    };
    this.#disk = new SimulatedDisk(random);
  }

  async run(): Promise<void> {
    for (let life = 0; life < livesPerSeed; life++) {
      await this.#live();
      const isKilled = this.#random.chance(0.3);
      if (this.#random.chance(0.05)) await this.#harmed().afterKill(this.#disk.crash());
      this.#disk = isKilled ? this.#disk.outlive(this.#faults()) : this.#disk.crash(this.#faults());
    }
    const disk = this.#disk.crash();
    const store = await this.#open(disk);
    await this.#recover(store, disk);
    await store.close();
    await this.#end(disk);
    if (this.#warning !== undefined) throw this.#warning;
  }

  /** Ends what still works after something was found, so that it is in no other seed's way. */
  abandon(): void {
    this.#disk.die();
    this.#time.forgetTimers();
  }

  /** What may become of a disk whose store was closed in order. */
  async #end(disk: SimulatedDisk): Promise<void> {
    const fate = this.#random.next();
    if (fate < 0.4) {
      const open = () => this.#open(disk);
      await flipBits({ random: this.#random, disk, open, read: (at) => this.#readAll(at) });
    } else if (fate < 0.6) await this.#harmed().afterCleanStop(disk);
    else if (fate < 0.8) {
      const saved = await this.#harmed().saved(disk);
      await this.#readAll(saved);
      for (const client of this.#clients) await client.resume(saved);
      await saved.close();
    }
  }

  #harmed(): HarmedDisk {
    const { nowMs } = this.#time;
    return new HarmedDisk({ random: this.#random, open: (disk) => this.#open(disk), nowMs });
  }

  /** From one opening to the next loss of power, or kill of the process. */
  async #live(): Promise<void> {
    const random = this.#random;
    const disk = this.#disk;
    disk.dieAfter(random.integer(random.pick(changesPerLife)));
    this.#wasClosed = false;
    const life = { isOver: false };
    const pulse = this.#pulse(disk, life);
    try {
      await Promise.race([this.#work(disk), disk.death]);
    } finally {
      life.isOver = true;
      await pulse;
    }
    this.#diedAtMs = this.#time.nowMs;
    if (!this.#wasClosed) disk.die();
    this.#time.forgetTimers();
  }

  /** Time passes with the turns of the event loop, until the power goes. */
  async #pulse(disk: SimulatedDisk, life: { isOver: boolean }): Promise<void> {
    const turns = 100 + this.#random.integer(this.#random.pick(changesPerLife));
    for (let count = 0; !life.isOver; count++) {
      if (count === turns) disk.die();
      await turn();
      this.#time.pass(this.#random.integer(10));
    }
  }

  async #work(disk: SimulatedDisk): Promise<void> {
    let store: Store | undefined;
    try {
      store = await this.#open(disk);
      await store.createEnvironment(environmentId, "simulated");
      await this.#recover(store, disk);
    } catch (error) {
      // The disk may fail or be full already while what a crash left is put right, or what was under way tried again.
      if (!isRefusal(error)) throw error;
      if (store !== undefined) await isClosedInOrder(store);
      return;
    }
    const isOver = this.#random.chance(0.2) ? this.#afterSome(disk) : () => disk.isDead;
    const sweeps = this.#sweep(store, isOver);
    await Promise.all([...this.#clients.map((client) => client.work(store, isOver)), sweeps]);
    // A flush failed and the clients found the store closed, or they have worked enough.
    if (!this.#random.chance(0.5)) return;
    if (this.#random.chance(0.1)) disk.failNextSync();
    this.#wasClosed = (await isClosedInOrder(store)) && !disk.isDead;
  }

  #afterSome(disk: SimulatedDisk): () => boolean {
    let left = this.#random.integer(200);
    return () => disk.isDead || left-- <= 0;
  }

  async #sweep(store: Store, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      for (let left = this.#random.integer(20); left > 0; left--) await turn();
      try {
        await store.sweep(this.#random.pick(changesPerLife));
      } catch (error) {
        if ((error as { code?: string }).code === "store_closed") return;
        if (!isRefusal(error)) throw error;
      }
    }
  }

  async #recover(store: Store, disk: SimulatedDisk): Promise<void> {
    let cuts: Stretch[] = [{ from: 0, before: Number.POSITIVE_INFINITY }];
    for (const client of this.#clients) {
      const stretches = await client.recover(store, {
        diedAtMs: this.#diedAtMs,
        wasClosed: this.#wasClosed,
        isDead: () => disk.isDead,
      });
      cuts = cuts
        .flatMap((cut) => stretches.map((stretch) => overlap(cut, stretch)))
        .filter((each) => each !== undefined);
    }
    this.#order.wasFull = false;
    for (const client of this.#clients) await client.resume(store);
    if (cuts.length === 0)
      throw new Error("what is left is not the beginning of what was done: clients disagree");
  }

  async #readAll(store: Store): Promise<void> {
    const recovery = { diedAtMs: this.#diedAtMs, wasClosed: true, isDead: () => false };
    for (const client of this.#clients) await client.recover(store, recovery);
  }

  #open(disk: SimulatedDisk): Promise<LogStore> {
    const onWarning = (error: Error) => {
      if (!isRefusal(error) && !disk.hasFlippedBits) this.#warning ??= error;
    };
    const { clock } = this.#time;
    return openLogStore({ directory: "/data", files: disk, clock, onWarning, ...this.#storeOptions });
  }

  #faults(): DiskFaults {
    return {
      fullChance: this.#random.pick([0, 0, 0.02]),
      syncFailureChance: this.#random.pick([0, 0, 0.005]),
      roomBytes: this.#random.pick([
        Number.POSITIVE_INFINITY,
        Number.POSITIVE_INFINITY,
        this.#random.integer(roomMaxBytes),
      ]),
    };
  }
}

const modes = ["sync", "everysec", "memory"] as const;

function overlap(a: Stretch, b: Stretch): Stretch | undefined {
  const from = Math.max(a.from, b.from);
  const before = Math.min(a.before, b.before);
  return from < before ? { from, before } : undefined;
}

/** Closes a store. Returns whether it reports that everything is on disk. */
function isClosedInOrder(store: Store): Promise<boolean> {
  return store.close().then(
    () => true,
    (error) => {
      if (!isRefusal(error)) throw error;
      return false;
    },
  );
}

function isRefusal(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? "";
  return ["ENOSPC", "EIO", "store_closed", "store_full"].includes(code);
}
