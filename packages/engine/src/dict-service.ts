import {
  type Access,
  assertMayBegin,
  type CallOptions,
  type CommitOutcome,
  type CommitRequest,
  type ContentsParts,
  type CreationMode,
  createError,
  type DictChange,
  type DictInfo,
  type DictService,
  type DictStats,
  type Entry,
  type EnvironmentInfo,
  type FoundEntry,
  type GetOrCreateDictRequest,
  type InFlight,
  isBounded,
  type Limits,
  type ListDictsRequest,
  type Page,
  type PageRequest,
  type PromptDictService,
  type RecordedMethod,
  type TimedEntry,
  type Timers,
  type UpdateEnvironmentRequest,
} from "@everdict/protocol";
import type { Awaitable, Store } from "@everdict/store";
import { checkKeys, checkPage, checkPatterns } from "./bulk-check.ts";
import { checkCommit } from "./commit-check.ts";
import type { Dictionaries } from "./dictionaries.ts";
import type { Environments } from "./environments.ts";
import { CallerKeys } from "./idempotency.ts";
import { isDictId } from "./ids.ts";
import { checkEntries, checkKey } from "./limits-check.ts";
import { dictIdNotFound } from "./not-found.ts";
import { streamWithDeadline, withDeadline } from "./with-deadline.ts";

/**
 * The engine's DictService: for each call the checks, then the store.
 *
 * On entries all checks are synchronous, the store is called in the caller's turn (which is what gives calls
 * made in one turn their order), and what the caller gets is what the store answered: an operation costs no
 * promise of ours. What a check throws becomes a rejection, never an exception.
 *
 * Reads that the store answers at once are answered at once by {@link PromptEngineService}, for sessions, where a
 * promise for each of a batch of reads can be measured; {@link EngineDictService} makes promises of them.
 */

/** Who calls. */
export interface Caller {
  /** Scopes idempotency keys: two callers' keys never meet. */
  readonly id: string;
  /** Signs what the caller creates. */
  readonly name: string;
  /** What it may do. Absent: everything. */
  readonly access?: Access | undefined;
}

/** What all services of one engine share. */
export interface ServiceContext {
  readonly store: Store;
  readonly limits: Limits;
  readonly timers: Timers;
  readonly environments: Environments;
  readonly dictionaries: Dictionaries;
  /** Calls of several steps, which closing waits for. */
  readonly inFlight: InFlight;
  /** Whether the engine was closed. */
  readonly isClosed: () => boolean;
}

/** The service of one engine for one caller. */
export class PromptEngineService implements PromptDictService {
  readonly #context: ServiceContext;
  readonly #store: Store;
  readonly #limits: Limits;
  readonly #timers: Timers;
  readonly #createdBy: string;
  readonly #access: Access | undefined;
  readonly #keys: CallerKeys;
  /** The last id that was found well formed. */
  #lastDictId: string | undefined;

  /** Cheap: a server may make one per request. */
  constructor(context: ServiceContext, caller: Caller) {
    this.#context = context;
    this.#store = context.store;
    this.#limits = context.limits;
    this.#timers = context.timers;
    this.#createdBy = caller.name;
    this.#access = caller.access;
    this.#keys = new CallerKeys(caller.id);
  }

  // ---- Dictionaries ----

  getOrCreateDict(request: GetOrCreateDictRequest, options?: CallOptions): Promise<DictInfo> {
    return this.#call(options, () => {
      const told = this.#keys.option("getOrCreateDict", options);
      const context = { createdBy: this.#createdBy, access: this.#access, ...told };
      return this.#context.dictionaries.getOrCreate(request, context);
    });
  }

  getDictById(dictId: string, options?: CallOptions): Promise<DictInfo> {
    return this.#callOn(dictId, options, () => this.#context.dictionaries.getById(dictId));
  }

  deleteDict(dictId: string, options?: CallOptions): Promise<void> {
    return this.#callOn(dictId, options, () => this.#store.deleteDict(dictId));
  }

  listDicts(request: ListDictsRequest, options?: CallOptions): Promise<readonly DictInfo[]> {
    return this.#call(options, () => this.#context.dictionaries.list(request, this.#access));
  }

  configureDict(dictId: string, change: DictChange, options?: CallOptions): Promise<DictInfo> {
    return this.#callOn(dictId, options, () => this.#context.dictionaries.configure(dictId, change));
  }

  heartbeat(dictId: string, options?: CallOptions): Promise<void> {
    return this.#callOn(dictId, options, () => this.#context.dictionaries.heartbeat(dictId));
  }

  // ---- Entries ----

  get(dictId: string, key: Uint8Array, options?: CallOptions): Awaitable<Uint8Array | undefined> {
    return this.#readOn(dictId, options, () => {
      checkKey(this.#limits, key);
      return this.#store.get(dictId, key, options?.room);
    });
  }

  entry(dictId: string, key: Uint8Array, options?: CallOptions): Awaitable<FoundEntry | undefined> {
    return this.#readOn(dictId, options, () => {
      checkKey(this.#limits, key);
      return this.#store.entry(dictId, key, options?.room);
    });
  }

  getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Awaitable<readonly (Uint8Array | undefined)[]> {
    return this.#readOn(dictId, options, () => {
      checkKeys(this.#limits, keys);
      return this.#store.getMany(dictId, keys, options?.room);
    });
  }

  page(dictId: string, request: PageRequest, options?: CallOptions): Awaitable<Page> {
    return this.#readOn(dictId, options, () => {
      checkPage(this.#limits, request);
      return this.#store.page(dictId, request, options?.room);
    });
  }

  contains(dictId: string, key: Uint8Array, options?: CallOptions): Awaitable<boolean> {
    return this.#readOn(dictId, options, () => {
      checkKey(this.#limits, key);
      return this.#store.contains(dictId, key);
    });
  }

  len(dictId: string, options?: CallOptions): Awaitable<number> {
    return this.#readOn(dictId, options, () => this.#store.len(dictId));
  }

  stats(dictId: string, options?: CallOptions): Awaitable<DictStats> {
    return this.#readOn(dictId, options, () => this.#store.stats(dictId));
  }

  update(dictId: string, entries: readonly TimedEntry[], options?: CallOptions): Promise<void> {
    return this.#callOn(dictId, options, () => {
      checkEntries(this.#limits, entries);
      return this.#store.update(dictId, entries, options);
    });
  }

  putIfAbsent(dictId: string, key: Uint8Array, value: Uint8Array, options?: CallOptions): Promise<boolean> {
    return this.#callOn(dictId, options, () => {
      checkEntries(this.#limits, [{ key, value }]);
      return this.#store.putIfAbsent(dictId, key, value, this.#keys.option("putIfAbsent", options));
    });
  }

  pop(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return this.#callOn(dictId, options, () => {
      checkKey(this.#limits, key);
      return this.#store.pop(dictId, key, this.#keys.option("pop", options), options?.room);
    });
  }

  remove(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean> {
    return this.#callOn(dictId, options, () => {
      checkKey(this.#limits, key);
      return this.#store.remove(dictId, key, this.#keys.option("remove", options));
    });
  }

  removeMany(dictId: string, keys: readonly Uint8Array[], options?: CallOptions): Promise<number> {
    return this.#callOn(dictId, options, () => {
      checkKeys(this.#limits, keys);
      return this.#store.removeMany(dictId, keys, this.#keys.option("removeMany", options));
    });
  }

  commit(dictId: string, request: CommitRequest, options?: CallOptions): Promise<CommitOutcome> {
    return this.#callOn(dictId, options, () => {
      checkCommit(this.#limits, request);
      return this.#store.commit(dictId, request, this.#keys.option("commit", options));
    });
  }

  forget(dictId: string, method: RecordedMethod, idempotencyKeys: readonly string[]): void {
    if (this.#store.forgetAnswers === undefined || this.#context.isClosed()) return;
    const keys = idempotencyKeys.map((key) => this.#keys.scoped(method, key));
    this.#store.forgetAnswers(method, dictId, keys);
  }

  clear(dictId: string, options?: CallOptions): Promise<void> {
    return this.#callOn(dictId, options, () => this.#store.clear(dictId));
  }

  async *contents(
    dictId: string,
    parts: ContentsParts,
    options?: CallOptions,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    this.#begin(options);
    this.#checkDictId(dictId);
    checkPatterns(this.#limits, parts.match);
    const source = this.#store.contents(dictId, parts, options?.room);
    yield* isBounded(options) ? streamWithDeadline(source, options, this.#timers) : source;
  }

  // ---- Environments ----

  listEnvironments(options?: CallOptions): Promise<readonly EnvironmentInfo[]> {
    return this.#call(options, () => this.#context.environments.list(this.#access));
  }

  getOrCreateEnvironment(name: string, mode: CreationMode, options?: CallOptions): Promise<EnvironmentInfo> {
    return this.#call(options, () => {
      const option = this.#keys.option("getOrCreateEnvironment", options);
      return this.#context.environments.getOrCreate(name, mode, { ...option, access: this.#access });
    });
  }

  updateEnvironment(request: UpdateEnvironmentRequest, options?: CallOptions): Promise<EnvironmentInfo> {
    return this.#call(options, () => this.#context.environments.update(request));
  }

  deleteEnvironment(name: string, options?: CallOptions): Promise<void> {
    return this.#call(options, () => this.#context.environments.delete(name));
  }

  // ---- The shape of a call ----

  /** A call that may take several steps to the store. */
  #call<T>(options: CallOptions | undefined, call: () => Promise<T>): Promise<T> {
    try {
      this.#begin(options);
      return withDeadline(this.#context.inFlight.track(call()), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  /** A call that is one step to the store. */
  #callOn<T>(dictId: string, options: CallOptions | undefined, call: () => Promise<T>): Promise<T> {
    return this.#readOn(dictId, options, call) as Promise<T>;
  }

  /** A call that is one step to the store, which may answer at once. */
  #readOn<T>(dictId: string, options: CallOptions | undefined, call: () => Awaitable<T>): Awaitable<T> {
    try {
      this.#begin(options);
      this.#checkDictId(dictId);
      return withDeadline(call(), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  #begin(options: CallOptions | undefined): void {
    if (this.#context.isClosed()) throw createError("store_closed", "the engine was closed");
    assertMayBegin(options);
  }

  #checkDictId(dictId: string): void {
    // Calls come in runs on one dictionary; looking at 22 characters each time costs a tenth of a get.
    if (dictId === this.#lastDictId) return;
    if (!isDictId(dictId)) throw dictIdNotFound(dictId);
    this.#lastDictId = dictId;
  }
}

/** The same with a promise for every answer. */
export class EngineDictService extends PromptEngineService implements DictService {
  override get(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    return promised(super.get(dictId, key, options));
  }

  override contains(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean> {
    return promised(super.contains(dictId, key, options));
  }

  override len(dictId: string, options?: CallOptions): Promise<number> {
    return promised(super.len(dictId, options));
  }

  override entry(dictId: string, key: Uint8Array, options?: CallOptions): Promise<FoundEntry | undefined> {
    return promised(super.entry(dictId, key, options));
  }

  override getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    return promised(super.getMany(dictId, keys, options));
  }

  override page(dictId: string, request: PageRequest, options?: CallOptions): Promise<Page> {
    return promised(super.page(dictId, request, options));
  }

  override stats(dictId: string, options?: CallOptions): Promise<DictStats> {
    return promised(super.stats(dictId, options));
  }
}

function promised<T>(answer: Awaitable<T>): Promise<T> {
  return answer instanceof Promise ? answer : Promise.resolve(answer);
}
