import assert from "node:assert/strict";
import type { Entry, ExpiryPolicy } from "@everdict/protocol";
import type { CreateDict, Store } from "../store.ts";
import { DictHandle } from "./dict-handle.ts";
import type { OpenStore, StoreUnderTest } from "./store-under-test.ts";

const startMs = 1_750_000_000_000;

/** What a test may ask of a new dictionary. */
export interface NewDict {
  readonly name?: string;
  readonly environmentId?: string;
  readonly expiry?: ExpiryPolicy;
  readonly expiresAtMs?: number;
  readonly data?: readonly Entry[];
  /** 1: its keys can be changed together on every store. */
  readonly shards?: number;
}

/** A store under test with an environment in it, and the time that it lives in. */
export class World {
  readonly #underTest: StoreUnderTest;
  readonly #time: { nowMs: number };
  #store: Store;
  #idsMade = 0;
  /** An environment named `main` that every world starts with. */
  environmentId = "";

  constructor(underTest: StoreUnderTest, time: { nowMs: number }) {
    this.#underTest = underTest;
    this.#time = time;
    this.#store = underTest.store;
  }

  /** The store as it is open now. */
  get store(): Store {
    return this.#store;
  }

  get nowMs(): number {
    return this.#time.nowMs;
  }

  /** Moves the clock; a negative step sets it back. */
  advance(ms: number): void {
    this.#time.nowMs += ms;
  }

  /** An id that was never used before in this world. */
  newId(kind: "di" | "en"): string {
    this.#idsMade++;
    return `${kind}-${String(this.#idsMade).padStart(22, "0")}`;
  }

  /** Closes the store and opens it in the same place. */
  async reopen(): Promise<void> {
    assert.ok(this.#underTest.reopen, "a persistent store under test must offer reopen()");
    this.#store = await this.#underTest.reopen();
  }

  /** Abandons the store as a killed process would and opens it in the same place. */
  async crash(): Promise<void> {
    assert.ok(this.#underTest.crash, "canCrash promises that the store under test offers crash()");
    this.#store = await this.#underTest.crash();
  }

  async destroy(): Promise<void> {
    await this.#underTest.destroy();
  }

  async createEnvironment(name: string): Promise<string> {
    const { environment, created } = await this.store.createEnvironment(this.newId("en"), name);
    assert.equal(created, true);
    return environment.id;
  }

  /** A creation request with everything that the test does not say. */
  request(wanted: NewDict = {}): CreateDict {
    const id = this.newId("di");
    return {
      id,
      environmentId: wanted.environmentId ?? this.environmentId,
      name: wanted.name ?? `dict-${id.slice(-4)}`,
      createdBy: "somebody",
      expiry: wanted.expiry ?? { policy: "never" },
      expiresAtMs: wanted.expiresAtMs,
      ...(wanted.shards === undefined ? {} : { shards: wanted.shards }),
      data: wanted.data ?? [],
    };
  }

  /** Creates a dictionary that must not be there yet. */
  async createDict(wanted: NewDict = {}): Promise<DictHandle> {
    const { dict, created } = await this.store.createDict(this.request(wanted));
    assert.equal(created, true);
    return new DictHandle(this, dict.id, dict.name, dict.expiry);
  }

  /** Creates an anonymous dictionary that ends after so long. */
  async createEphemeral(lifeMs: number, wanted: NewDict = {}): Promise<DictHandle> {
    return await this.createDict({ ...wanted, name: "", expiresAtMs: this.nowMs + lifeMs });
  }

  /** Sweeps until nothing is due and says how much was removed. */
  async sweepAll(): Promise<number> {
    return await sweepAll(this.store, 1_000);
  }
}

const sweepsMax = 10_000;

/** Sweeps so much at a time until nothing is due and says how much was removed. */
export async function sweepAll(store: Store, maxEntries: number): Promise<number> {
  let removed = 0;
  for (let sweeps = 0; sweeps < sweepsMax; sweeps++) {
    const result = await store.sweep(maxEntries);
    assert.ok(result.removed <= maxEntries, `${result.removed} removed, ${maxEntries} allowed`);
    removed += result.removed;
    if (!result.more) return removed;
  }
  assert.fail(`after ${sweepsMax} sweeps there is still more to do`);
}

/** Opens an empty store with a clock of its own and creates the environment `main` in it. */
export async function openWorld(open: OpenStore, recordedAnswersMaxBytes?: number): Promise<World> {
  const time = { nowMs: startMs };
  const underTest = await open({ clock: () => time.nowMs, recordedAnswersMaxBytes });
  const world = new World(underTest, time);
  world.environmentId = await world.createEnvironment("main");
  return world;
}
