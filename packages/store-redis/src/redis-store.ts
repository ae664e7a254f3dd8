/**
 * The store on Redis or Valkey: the storage contract put together from its parts, and its life. Any number of
 * processes may have the same store open; none of them keeps anything that another could miss.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import { createError, type Entry, InFlight, type RecordedMethod, type ValueRoom } from "@everdict/protocol";
import type {
  CreateDict,
  CreatedDict,
  DictRecord,
  EnvironmentRecord,
  IdempotencyOption,
  ListDicts,
  Store,
  StoreCapabilities,
  StoreHealth,
  SweepResult,
} from "@everdict/store";
import { CallerTokens } from "./caller-tokens.ts";
import type { RouterStats } from "./cluster/router-stats.ts";
import { contentsOf } from "./contents.ts";
import { DictDirectory } from "./dict-directory.ts";
import { DictRegistry } from "./dict-registry.ts";
import { Entries } from "./entries.ts";
import { Environments } from "./environments.ts";
import { ownedEntry } from "./owned-entry.ts";
import type { ServerWatch } from "./server-watch.ts";
import type { StoreContext, StoreCounters } from "./store-context.ts";
import { Sweeper } from "./sweeper.ts";

/** What a store on Redis counts, besides what every store can do. */
export interface RedisStoreStats extends RouterStats, Readonly<StoreCounters> {}

/** A store on Redis or Valkey. */
export interface RedisStore extends Store {
  /** Cheap counters since it was opened. */
  stats(): RedisStoreStats;
}

/** What a server answers late is not waited for: a call may be long over for its caller. */
const closeMaxMs = 3_000;

/** What a store is put together from. */
export interface StoreParts {
  readonly context: StoreContext;
  readonly capabilities: StoreCapabilities;
  readonly recordedAnswersMaxBytes: number;
  readonly shardsOf: (dict: { readonly name: string }) => number;
  /** Begins to watch the servers. */
  readonly watch: (checkMarks: () => Promise<void>) => ServerWatch;
}

/** The store on an open router, which it closes with itself. */
export class ClusterStore implements RedisStore {
  readonly capabilities: StoreCapabilities;
  readonly #context: StoreContext;
  readonly #environments: Environments;
  readonly #directory: DictDirectory;
  readonly #registry: DictRegistry;
  readonly #entries: Entries;
  readonly #sweeper: Sweeper;
  readonly #watch: ServerWatch;
  readonly #inFlight = new InFlight();
  #closing: Promise<void> | undefined;

  constructor({ context, capabilities, recordedAnswersMaxBytes, shardsOf, watch }: StoreParts) {
    const { router, clock } = context;
    this.capabilities = capabilities;
    this.#context = context;
    const environments = new Environments(context);
    const directory = new DictDirectory(context, environments);
    const tokens = new CallerTokens(clock, recordedAnswersMaxBytes, ({ slot, key }) => {
      // Best effort: a record that stays ends by itself.
      router.call({ slot, command: ["UNLINK", key], writes: true, durable: false }).catch(() => {});
    });
    const entries = new Entries({
      context,
      directory,
      tokens,
      noteLarge: (dict) => this.#sweeper.noteLarge(dict),
    });
    const registry = new DictRegistry({
      context,
      environments,
      directory,
      tokens,
      shardsOf,
      fill: async (dict, data) => {
        if (data.length > 0) await entries.writeAll(dict, data.map(ownedEntry));
      },
    });
    this.#environments = environments;
    this.#directory = directory;
    this.#entries = entries;
    this.#registry = registry;
    this.#sweeper = new Sweeper({ context, environments, registry, directory });
    this.#watch = watch(() => environments.checkMarks());
  }

  stats(): RedisStoreStats {
    return { ...this.#context.router.stats(), ...this.#context.counters };
  }

  // ---- Environments ----

  listEnvironments(): Promise<readonly EnvironmentRecord[]> {
    return this.#run(() => this.#environments.list());
  }

  findEnvironment(name: string): Promise<EnvironmentRecord | undefined> {
    return this.#run(() => this.#environments.find(name));
  }

  createEnvironment(id: string, name: string): Promise<{ environment: EnvironmentRecord; created: boolean }> {
    return this.#run(() => this.#environments.create(id, name));
  }

  updateEnvironment(
    id: string,
    change: { readonly name?: string | undefined; readonly webSuffix?: string | undefined },
  ): Promise<EnvironmentRecord> {
    return this.#run(() => this.#environments.update(id, change));
  }

  deleteEnvironment(id: string): Promise<void> {
    return this.#run(() => this.#environments.delete(id, this.#registry, this.#directory));
  }

  // ---- Dictionaries ----

  createDict(request: CreateDict, options: IdempotencyOption = {}): Promise<CreatedDict> {
    // Copied now: the caller may reuse its buffers, and content is written some steps later.
    const data = request.data.map(({ key, value }) => ({
      key: Uint8Array.from(key),
      value: Uint8Array.from(value),
    }));
    return this.#run(() => this.#registry.create({ ...request, data }, options));
  }

  findDict(environmentId: string, name: string): Promise<DictRecord | undefined> {
    return this.#run(() => this.#registry.find(environmentId, name));
  }

  getDict(dictId: string): Promise<DictRecord | undefined> {
    return this.#run(() => this.#registry.get(dictId));
  }

  listDicts(request: ListDicts): Promise<readonly DictRecord[]> {
    return this.#run(() => this.#registry.list(request));
  }

  deleteDict(dictId: string): Promise<void> {
    return this.#run(() => this.#registry.delete(dictId));
  }

  extendDict(dictId: string, expiresAtMs: number): Promise<void> {
    return this.#run(() => this.#registry.extend(dictId, expiresAtMs));
  }

  // ---- Entries ----

  get(dictId: string, key: Uint8Array, room?: ValueRoom): Promise<Uint8Array | undefined> {
    return this.#runStep(() => this.#entries.get(dictId, key, room));
  }

  contains(dictId: string, key: Uint8Array): Promise<boolean> {
    return this.#run(() => this.#entries.contains(dictId, key));
  }

  len(dictId: string): Promise<number> {
    return this.#run(() => this.#entries.len(dictId));
  }

  update(dictId: string, entries: readonly Entry[]): Promise<void> {
    return this.#runStep(() => this.#entries.update(dictId, entries));
  }

  putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    options: IdempotencyOption = {},
  ): Promise<boolean> {
    return this.#run(() => this.#entries.putIfAbsent(dictId, key, value, options));
  }

  pop(
    dictId: string,
    key: Uint8Array,
    options: IdempotencyOption = {},
    room?: ValueRoom,
  ): Promise<Uint8Array | undefined> {
    return this.#run(() => this.#entries.pop(dictId, key, options, room));
  }

  clear(dictId: string): Promise<void> {
    return this.#run(() => this.#entries.clear(dictId));
  }

  async *contents(
    dictId: string,
    parts: { readonly keys: boolean; readonly values: boolean },
    room?: ValueRoom,
  ): AsyncGenerator<readonly Entry[]> {
    const checkOpen = (): void => this.#checkOpen();
    const dict = await this.#run(() => this.#directory.with(dictId, async (known) => known));
    const { entries, context, directory } = {
      entries: this.#entries,
      context: this.#context,
      directory: this.#directory,
    };
    yield* contentsOf({ context, directory, entries, dict, parts, room, checkOpen });
  }

  forgetAnswers(operation: RecordedMethod, dictId: string, idempotencyKeys: readonly string[]): void {
    if (this.#closing === undefined) this.#entries.forget(operation, dictId, idempotencyKeys);
  }

  // ---- Life ----

  health(): StoreHealth {
    return { isFull: false, isOutOfDescriptors: false, readErrors: 0, serversProblem: this.#watch.problem };
  }

  sweep(maxEntries: number): Promise<SweepResult> {
    return this.#run(() => this.#sweeper.sweep(maxEntries));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { router } = this.#context;
    this.#watch.stop();
    router.giveUpIn(closeMaxMs);
    // Between two steps of a call the router may be idle for a moment; within a turn the next one has begun.
    for (let turns = 0; turns < 2; turns = router.isIdle ? turns + 1 : 0) {
      await this.#inFlight.idle();
      await router.idle();
      await nextTurn();
    }
    router.close();
  }

  /** An operation of one step, which the router counts. */
  #runStep<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (this.#closing === undefined) return operation();
    return Promise.reject(createError("store_closed", "the store is closed"));
  }

  #run<Result>(operation: () => Promise<Result>): Promise<Result> {
    try {
      this.#checkOpen();
      return this.#inFlight.track(operation());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw createError("store_closed", "the store is closed");
  }
}
