/**
 * The face of the store on Redis or Valkey: each call of the storage contract goes to the part that does it, and none
 * once the store is closed. Any number of processes may have the same store open; none of them keeps anything that
 * another could miss.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type CommitOutcome,
  type CommitRequest,
  type ContentsParts,
  createError,
  type DictChange,
  type DictStats,
  type Entry,
  type FoundEntry,
  InFlight,
  type Page,
  type PageRequest,
  type RecordedMethod,
  type TimedEntry,
  type ValueRoom,
} from "@everdict/protocol";
import type {
  CreateDict,
  CreatedDict,
  DictRecord,
  Durability,
  EnvironmentRecord,
  IdempotencyOption,
  ListDicts,
  Store,
  StoreCapabilities,
  StoreHealth,
  SweepResult,
} from "@everdict/store";
import type { RouterStats } from "../cluster/router-stats.ts";
import type { StoreCounters } from "../context/store-context.ts";
import { contentsOf } from "../entries/contents.ts";
import { ownedPatterns } from "../entries/owned-entry.ts";
import type { ServerWatch } from "../servers/server-watch.ts";
import type { StoreParts } from "./assemble-store.ts";

/** What a store on Redis counts, besides what every store can do. */
export interface RedisStoreStats extends RouterStats, Readonly<StoreCounters> {}

/** A store on Redis or Valkey. */
export interface RedisStore extends Store {
  /** Cheap counters since it was opened. */
  counters(): RedisStoreStats;
}

/** A close does not wait for late answers: the call may be long over for its caller. */
const closeMaxMs = 3_000;

/** What a store is made with. */
export interface ClusterStoreOptions {
  readonly parts: StoreParts;
  readonly watch: ServerWatch;
  readonly durability: Durability;
}

/** The store on an open router, which it closes with itself. */
export class ClusterStore implements RedisStore {
  readonly capabilities: StoreCapabilities;
  readonly #parts: StoreParts;
  readonly #watch: ServerWatch;
  readonly #inFlight = new InFlight();
  #closing: Promise<void> | undefined;

  constructor({ parts, watch, durability }: ClusterStoreOptions) {
    this.capabilities = {
      ...{ durability, persistent: true, durableAnswers: true },
      ...{ atomicUpdate: false, commitsAnyKeys: false },
    };
    this.#parts = parts;
    this.#watch = watch;
  }

  counters(): RedisStoreStats {
    const { context } = this.#parts;
    return { ...context.router.stats(), ...context.counters };
  }

  // ---- Environments ----

  listEnvironments(): Promise<readonly EnvironmentRecord[]> {
    return this.#run(() => this.#parts.environments.list());
  }

  findEnvironment(name: string): Promise<EnvironmentRecord | undefined> {
    return this.#run(() => this.#parts.environments.find(name));
  }

  createEnvironment(id: string, name: string): Promise<{ environment: EnvironmentRecord; created: boolean }> {
    return this.#run(() => this.#parts.environments.create(id, name));
  }

  updateEnvironment(
    id: string,
    change: { readonly name?: string | undefined; readonly webSuffix?: string | undefined },
  ): Promise<EnvironmentRecord> {
    return this.#run(() => this.#parts.environments.update(id, change));
  }

  deleteEnvironment(id: string): Promise<void> {
    return this.#run(() => this.#parts.ends.deleteEnvironment(id));
  }

  // ---- Dictionaries ----

  createDict(request: CreateDict, options: IdempotencyOption = {}): Promise<CreatedDict> {
    // Copied now: the caller may reuse its buffers, and content is written some steps later.
    const data = request.data.map(({ key, value }) => ({
      key: Uint8Array.from(key),
      value: Uint8Array.from(value),
    }));
    return this.#run(() => this.#parts.creation.create({ ...request, data }, options));
  }

  findDict(environmentId: string, name: string): Promise<DictRecord | undefined> {
    return this.#run(() => this.#parts.records.find(environmentId, name));
  }

  getDict(dictId: string): Promise<DictRecord | undefined> {
    return this.#run(() => this.#parts.records.get(dictId));
  }

  listDicts(request: ListDicts): Promise<readonly DictRecord[]> {
    return this.#run(() => this.#parts.records.list(request));
  }

  deleteDict(dictId: string): Promise<void> {
    return this.#run(() => this.#parts.ends.delete(dictId));
  }

  extendDict(dictId: string, expiresAtMs: number): Promise<void> {
    return this.#run(() => this.#parts.ends.extend(dictId, expiresAtMs));
  }

  // ---- Entries ----

  get(dictId: string, key: Uint8Array, room?: ValueRoom): Promise<Uint8Array | undefined> {
    return this.#runStep(() => this.#parts.entries.get(dictId, key, room));
  }

  contains(dictId: string, key: Uint8Array): Promise<boolean> {
    return this.#run(() => this.#parts.entries.contains(dictId, key));
  }

  len(dictId: string): Promise<number> {
    return this.#run(() => this.#parts.entries.len(dictId));
  }

  update(dictId: string, entries: readonly TimedEntry[]): Promise<void> {
    return this.#runStep(() => this.#parts.entries.update(dictId, entries));
  }

  putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    options: IdempotencyOption = {},
  ): Promise<boolean> {
    return this.#run(() => this.#parts.entries.putIfAbsent(dictId, key, value, options));
  }

  pop(
    dictId: string,
    key: Uint8Array,
    options: IdempotencyOption = {},
    room?: ValueRoom,
  ): Promise<Uint8Array | undefined> {
    return this.#run(() => this.#parts.entries.pop(dictId, key, options, room));
  }

  remove(dictId: string, key: Uint8Array, options: IdempotencyOption = {}): Promise<boolean> {
    return this.#run(() => this.#parts.entries.remove(dictId, key, options));
  }

  commit(dictId: string, request: CommitRequest, options: IdempotencyOption = {}): Promise<CommitOutcome> {
    return this.#run(() => this.#parts.commits.commit(dictId, request, options));
  }

  entry(dictId: string, key: Uint8Array, room?: ValueRoom): Promise<FoundEntry | undefined> {
    return this.#run(() => this.#parts.entries.entry(dictId, key, room));
  }

  getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    room?: ValueRoom,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#run(() => this.#parts.bulkReads.getMany(dictId, keys, room));
  }

  removeMany(dictId: string, keys: readonly Uint8Array[], options: IdempotencyOption = {}): Promise<number> {
    return this.#run(() => this.#parts.bulkRemoval.removeMany(dictId, keys, options));
  }

  page(dictId: string, request: PageRequest, room?: ValueRoom): Promise<Page> {
    return this.#run(() => this.#parts.pages.page(dictId, request, room));
  }

  async stats(dictId: string): Promise<DictStats> {
    return { entries: await this.len(dictId), bytes: undefined };
  }

  configureDict(dictId: string, change: DictChange): Promise<DictRecord> {
    return this.#run(() => this.#parts.changes.configure(dictId, change));
  }

  clear(dictId: string): Promise<void> {
    return this.#run(() => this.#parts.entries.clear(dictId));
  }

  contents(
    dictId: string,
    { keys, values, match }: ContentsParts,
    room?: ValueRoom,
  ): AsyncGenerator<readonly Entry[]> {
    // Copied now: the stream begins at its first step.
    return this.#contents(dictId, { keys, values, match: ownedPatterns(match) }, room);
  }

  async *#contents(
    dictId: string,
    parts: ContentsParts,
    room: ValueRoom | undefined,
  ): AsyncGenerator<readonly Entry[]> {
    const checkOpen = (): void => this.#checkOpen();
    const { directory } = this.#parts;
    const dict = await this.#run(() => directory.with(dictId, async (known) => known));
    yield* contentsOf({ ...this.#parts, dict, parts, room, checkOpen });
  }

  forgetAnswers(operation: RecordedMethod, dictId: string, idempotencyKeys: readonly string[]): void {
    if (this.#closing === undefined) this.#parts.answers.forget(operation, dictId, idempotencyKeys);
  }

  // ---- Life ----

  health(): StoreHealth {
    return { isFull: false, isOutOfDescriptors: false, readErrors: 0, serversProblem: this.#watch.problem };
  }

  sweep(maxEntries: number): Promise<SweepResult> {
    return this.#run(() => this.#parts.sweeper.sweep(maxEntries));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { router } = this.#parts.context;
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
