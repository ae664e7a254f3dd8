import {
  type CallOptions,
  type ContentsParts,
  type CreationMode,
  createError,
  type DictInfo,
  type DictService,
  type Entry,
  type EnvironmentInfo,
  type GetOrCreateDictRequest,
  type Limits,
  type ListDictsRequest,
  type UpdateEnvironmentRequest,
} from "@everdict/protocol";
import type { Store } from "@everdict/store";
import type { Dictionaries } from "./dictionaries.ts";
import type { Environments } from "./environments.ts";
import { IdempotencyTokens } from "./idempotency.ts";
import { isDictId } from "./ids.ts";
import { checkEntries, checkKey } from "./limits-check.ts";
import { dictIdNotFound } from "./not-found.ts";
import { assertNotGivenUp, mayGiveUp } from "./patience.ts";
import type { Timers } from "./timers.ts";
import { streamWithDeadline, withDeadline } from "./with-deadline.ts";

/**
 * The engine's DictService: for each call the checks, then the store.
 *
 * Every unary method has one shape. All checks are synchronous, the store is called in the caller's turn (which
 * is what gives calls made in one turn their order), and the store's own promise is what the caller gets: an
 * operation costs no promise of ours. What a check throws becomes a rejection, never an exception.
 */

/** Who calls. */
export interface Caller {
  /** Scopes idempotency keys: two callers' keys never meet. */
  readonly id: string;
  /** Signs what the caller creates. */
  readonly name: string;
}

/** What all services of one engine share. */
export interface ServiceContext {
  readonly store: Store;
  readonly limits: Limits;
  readonly timers: Timers;
  readonly environments: Environments;
  readonly dictionaries: Dictionaries;
  /** Whether the engine was closed. */
  readonly isClosed: () => boolean;
}

/** The service of one engine for one caller. */
export class EngineDictService implements DictService {
  readonly #context: ServiceContext;
  readonly #store: Store;
  readonly #limits: Limits;
  readonly #timers: Timers;
  readonly #createdBy: string;
  readonly #tokens: IdempotencyTokens;

  /** Cheap: a server may make one per request. */
  constructor(context: ServiceContext, caller: Caller) {
    this.#context = context;
    this.#store = context.store;
    this.#limits = context.limits;
    this.#timers = context.timers;
    this.#createdBy = caller.name;
    this.#tokens = new IdempotencyTokens(caller.id);
  }

  // ---- Dictionaries ----

  getOrCreateDict(request: GetOrCreateDictRequest, options?: CallOptions): Promise<DictInfo> {
    try {
      this.#begin(options);
      const context = { createdBy: this.#createdBy, token: this.#tokens.token("createDict", options) };
      return withDeadline(this.#context.dictionaries.getOrCreate(request, context), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  getDictById(dictId: string, options?: CallOptions): Promise<DictInfo> {
    try {
      this.#beginOn(dictId, options);
      return withDeadline(this.#context.dictionaries.getById(dictId), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  deleteDict(dictId: string, options?: CallOptions): Promise<void> {
    try {
      this.#beginOn(dictId, options);
      return withDeadline(this.#store.deleteDict(dictId), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  listDicts(request: ListDictsRequest, options?: CallOptions): Promise<readonly DictInfo[]> {
    try {
      this.#begin(options);
      return withDeadline(this.#context.dictionaries.list(request), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  heartbeat(dictId: string, options?: CallOptions): Promise<void> {
    try {
      this.#beginOn(dictId, options);
      return withDeadline(this.#context.dictionaries.heartbeat(dictId), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  // ---- Entries ----

  get(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    try {
      this.#beginOn(dictId, options);
      checkKey(this.#limits, key);
      return withDeadline(this.#store.get(dictId, key), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  contains(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean> {
    try {
      this.#beginOn(dictId, options);
      checkKey(this.#limits, key);
      return withDeadline(this.#store.contains(dictId, key), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  len(dictId: string, options?: CallOptions): Promise<number> {
    try {
      this.#beginOn(dictId, options);
      return withDeadline(this.#store.len(dictId), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  update(
    dictId: string,
    entries: readonly Entry[],
    ifNotExists: boolean,
    options?: CallOptions,
  ): Promise<boolean> {
    try {
      this.#beginOn(dictId, options);
      checkEntries(this.#limits, entries);
      if (!ifNotExists) {
        const written = this.#store.update(dictId, entries).then(answerTrue);
        return withDeadline(written, options, this.#timers);
      }
      const { key, value } = onlyEntry(entries);
      const token = this.#tokens.token("put", options);
      return withDeadline(this.#store.putIfAbsent(dictId, key, value, { token }), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  pop(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined> {
    try {
      this.#beginOn(dictId, options);
      checkKey(this.#limits, key);
      const token = this.#tokens.token("pop", options);
      return withDeadline(this.#store.pop(dictId, key, { token }), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  clear(dictId: string, options?: CallOptions): Promise<void> {
    try {
      this.#beginOn(dictId, options);
      return withDeadline(this.#store.clear(dictId), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  async *contents(
    dictId: string,
    parts: ContentsParts,
    options?: CallOptions,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    this.#beginOn(dictId, options);
    const source = this.#store.contents(dictId, parts);
    yield* mayGiveUp(options) ? streamWithDeadline(source, options, this.#timers) : source;
  }

  // ---- Environments ----

  listEnvironments(options?: CallOptions): Promise<readonly EnvironmentInfo[]> {
    try {
      this.#begin(options);
      return withDeadline(this.#context.environments.list(), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  getOrCreateEnvironment(name: string, mode: CreationMode, options?: CallOptions): Promise<EnvironmentInfo> {
    try {
      this.#begin(options);
      const token = this.#tokens.token("createEnvironment", options);
      return withDeadline(this.#context.environments.getOrCreate(name, mode, token), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  updateEnvironment(request: UpdateEnvironmentRequest, options?: CallOptions): Promise<EnvironmentInfo> {
    try {
      this.#begin(options);
      return withDeadline(this.#context.environments.update(request), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  deleteEnvironment(name: string, options?: CallOptions): Promise<void> {
    try {
      this.#begin(options);
      return withDeadline(this.#context.environments.delete(name), options, this.#timers);
    } catch (caught) {
      return Promise.reject(caught);
    }
  }

  // ---- Checks ----

  #begin(options: CallOptions | undefined): void {
    if (this.#context.isClosed()) throw createError("store_closed", "the engine was closed");
    assertNotGivenUp(options);
  }

  #beginOn(dictId: string, options: CallOptions | undefined): void {
    this.#begin(options);
    if (!isDictId(dictId)) throw dictIdNotFound(dictId);
  }
}

/** The one entry of a conditional put; what several would mean is not defined (protocol section 2.5). */
function onlyEntry(entries: readonly Entry[]): Entry {
  const [only] = entries;
  if (only !== undefined && entries.length === 1) return only;
  const message = `with ifNotExists there must be exactly one entry, not ${entries.length}`;
  throw createError("invalid_argument", message);
}

function answerTrue(): true {
  return true;
}
