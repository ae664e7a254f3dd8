/**
 * The memory store: the storage contract in its simplest form, and the model that every other store is compared
 * with. All effects happen at the call itself, before its promise is returned, so atomicity and order need no
 * further means. Nothing survives the process.
 */

import {
  type CommitOutcome,
  type CommitRequest,
  type ContentsParts,
  createError,
  type DictChange,
  type DictStats,
  type Entry,
  type FoundEntry,
  limitDefaults,
  nextTurn,
  type Page,
  type PageRequest,
  type RecordedMethod,
  type TimedEntry,
} from "@everdict/protocol";
import { AnswerRecords } from "./answer-records.ts";
import { callDigest, commitDigest, creationDigest, keysDigest } from "./call-digest.ts";
import { Deadlines } from "./deadlines.ts";
import { commitTo, versionOf } from "./memory-commit.ts";
import { MemoryDict } from "./memory-dict.ts";
import { firstValues, pageOf } from "./memory-page.ts";
import { Registry } from "./registry.ts";
import type {
  Awaitable,
  Clock,
  CreateDict,
  CreatedDict,
  DictRecord,
  EnvironmentRecord,
  IdempotencyOption,
  ListDicts,
  Store,
  StoreCapabilities,
  SweepResult,
} from "./store.ts";

/** What `createMemoryStore` can be told. */
export interface MemoryStoreOptions {
  /** Where time comes from. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
  /** How many bytes the answers kept for repeated calls may take. Default: 256 MiB. */
  readonly recordedAnswersMaxBytes?: number | undefined;
}

/**
 * Makes an empty store that keeps everything in memory.
 *
 * Every effect is visible when the call returns and gone with the process. Recorded answers are kept for
 * `idempotencyRetentionMs`; when those of a caller fill its share of their budget the oldest go first, and when all are
 * younger than `idempotencyGuaranteeMs`, its calls with new idempotency keys are refused with `overloaded`.
 *
 * @example
 * const store = createMemoryStore();
 * const { environment } = await store.createEnvironment("en-1", "main");
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(
    options.clock ?? Date.now,
    options.recordedAnswersMaxBytes ?? limitDefaults.recordedAnswersMaxBytes,
  );
}

class MemoryStore implements Store {
  readonly capabilities: StoreCapabilities = {
    durability: "memory",
    persistent: false,
    atomicUpdate: true,
    commitsAnyKeys: true,
    durableAnswers: false,
  };
  readonly #clock: Clock;
  readonly #registry: Registry;
  readonly #answers: AnswerRecords;
  readonly #dicts = new Map<string, MemoryDict>();
  /** When each dictionary's next entry is due. */
  readonly #deadlines = new Deadlines<MemoryDict>();
  #writes = 0;
  #closed = false;

  constructor(clock: Clock, recordedAnswersMaxBytes: number) {
    this.#clock = clock;
    this.#registry = new Registry(clock);
    this.#answers = new AnswerRecords(clock, recordedAnswersMaxBytes);
  }

  // ---- Environments ----

  listEnvironments(): Awaitable<readonly EnvironmentRecord[]> {
    this.#checkOpen();
    return this.#registry.listEnvironments();
  }

  findEnvironment(name: string): Awaitable<EnvironmentRecord | undefined> {
    this.#checkOpen();
    return this.#registry.findEnvironment(name);
  }

  async createEnvironment(
    id: string,
    name: string,
  ): Promise<{ environment: EnvironmentRecord; created: boolean }> {
    this.#checkOpen();
    const plan = this.#registry.planEnvironment(id, name);
    if (plan.created) this.#registry.putEnvironment(plan.environment);
    return plan;
  }

  async updateEnvironment(
    id: string,
    change: { readonly name?: string | undefined; readonly webSuffix?: string | undefined },
  ): Promise<EnvironmentRecord> {
    this.#checkOpen();
    const record = this.#registry.planEnvironmentChange(id, change);
    this.#registry.putEnvironment(record);
    return record;
  }

  async deleteEnvironment(id: string): Promise<void> {
    this.#checkOpen();
    for (const dict of this.#registry.planEnvironmentRemoval(id)) this.#removeDict(dict.id);
    this.#registry.removeEnvironment(id);
  }

  // ---- Dictionaries ----

  async createDict(request: CreateDict, options: IdempotencyOption = {}): Promise<CreatedDict> {
    this.#checkOpen();
    this.#registry.requireEnvironment(request.environmentId);
    const call = {
      scope: `createDict ${request.environmentId}`,
      digest: () => creationDigest(request),
      answer: "flag",
    } as const;
    return this.#answers.once(call, options, () => {
      const plan = this.#registry.planDict(request);
      if (plan.created) this.#addDict(plan.dict, request.data);
      return plan;
    });
  }

  findDict(environmentId: string, name: string): Awaitable<DictRecord | undefined> {
    this.#checkOpen();
    return this.#registry.findDict(environmentId, name);
  }

  getDict(dictId: string): Awaitable<DictRecord | undefined> {
    this.#checkOpen();
    return this.#registry.getDict(dictId);
  }

  listDicts(request: ListDicts): Awaitable<readonly DictRecord[]> {
    this.#checkOpen();
    return this.#registry.listDicts(request);
  }

  async deleteDict(dictId: string): Promise<void> {
    this.#open(dictId);
    this.#removeDict(dictId);
  }

  async extendDict(dictId: string, expiresAtMs: number): Promise<void> {
    this.#checkOpen();
    const record = this.#registry.planDictExtension(dictId, expiresAtMs);
    if (record !== undefined) this.#registry.putDict(record);
  }

  async configureDict(dictId: string, change: DictChange): Promise<DictRecord> {
    const dict = this.#open(dictId);
    const record = this.#registry.planDictChange(dictId, change);
    this.#registry.putDict(record);
    dict.setExpiry(record.expiry);
    return record;
  }

  // ---- Entries ----

  get(dictId: string, key: Uint8Array): Awaitable<Uint8Array | undefined> {
    return this.#change(dictId, (dict, nowMs) => dict.use(key, nowMs)?.value);
  }

  entry(dictId: string, key: Uint8Array): Awaitable<FoundEntry | undefined> {
    return this.#change(dictId, (dict, nowMs) => {
      const entry = dict.use(key, nowMs);
      if (entry === undefined) return undefined;
      const { value, expiresAtMs } = entry;
      const ends = Number.isFinite(expiresAtMs);
      return { value, version: versionOf(entry), expiresAtMs: ends ? expiresAtMs : undefined };
    });
  }

  getMany(dictId: string, keys: readonly Uint8Array[]): Awaitable<readonly (Uint8Array | undefined)[]> {
    return this.#change(dictId, (dict, nowMs) => firstValues(dict, keys, nowMs));
  }

  contains(dictId: string, key: Uint8Array): Awaitable<boolean> {
    return this.#open(dictId).find(key, this.#clock()) !== undefined;
  }

  len(dictId: string): Awaitable<number> {
    return this.#open(dictId).size;
  }

  stats(dictId: string): Awaitable<DictStats> {
    const { size, bytes } = this.#open(dictId);
    return { entries: size, bytes };
  }

  page(dictId: string, request: PageRequest): Awaitable<Page> {
    return pageOf(this.#open(dictId), request, this.#clock());
  }

  async update(dictId: string, entries: readonly TimedEntry[]): Promise<void> {
    this.#change(dictId, (dict, nowMs) => {
      for (const entry of entries) dict.write(entry, nowMs);
    });
  }

  async putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    options: IdempotencyOption = {},
  ): Promise<boolean> {
    const digest = () => callDigest(key, value);
    return this.#once("putIfAbsent", dictId, digest, options, (dict, nowMs) => {
      if (dict.find(key, nowMs) !== undefined) return false;
      dict.write({ key, value }, nowMs);
      return true;
    });
  }

  async pop(
    dictId: string,
    key: Uint8Array,
    options: IdempotencyOption = {},
  ): Promise<Uint8Array | undefined> {
    return this.#once(
      "pop",
      dictId,
      () => callDigest(key),
      options,
      (dict, nowMs) => {
        const entry = dict.find(key, nowMs);
        if (entry !== undefined) dict.remove(entry);
        return entry?.value;
      },
    );
  }

  async remove(dictId: string, key: Uint8Array, options: IdempotencyOption = {}): Promise<boolean> {
    const digest = () => callDigest(key);
    return this.#once("remove", dictId, digest, options, (dict, nowMs) => removeFrom(dict, [key], nowMs) > 0);
  }

  async removeMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options: IdempotencyOption = {},
  ): Promise<number> {
    const digest = () => keysDigest(keys);
    return this.#once("removeMany", dictId, digest, options, (dict, nowMs) => removeFrom(dict, keys, nowMs));
  }

  async commit(
    dictId: string,
    request: CommitRequest,
    options: IdempotencyOption = {},
  ): Promise<CommitOutcome> {
    const digest = () => commitDigest(request);
    return this.#once("commit", dictId, digest, options, (dict, nowMs) => commitTo(dict, request, nowMs));
  }

  forgetAnswers(operation: RecordedMethod, dictId: string, idempotencyKeys: readonly string[]): void {
    for (const idempotencyKey of idempotencyKeys)
      this.#answers.forget(`${operation} ${dictId}`, idempotencyKey);
  }

  async clear(dictId: string): Promise<void> {
    this.#change(dictId, (dict) => dict.clear());
  }

  async *contents(dictId: string, parts: ContentsParts): AsyncGenerator<readonly Entry[]> {
    const batches = this.#open(dictId).batches(parts, this.#clock);
    for (;;) {
      // Asked again at each step: meanwhile the store may be closed or the dictionary deleted.
      this.#open(dictId);
      const step = batches.next();
      if (step.done) return;
      if (step.value.length > 0) yield step.value;
      else await nextTurn();
    }
  }

  // ---- Life ----

  async sweep(maxEntries: number): Promise<SweepResult> {
    this.#checkOpen();
    let removed = 0;
    for (const dict of this.#registry.dueDicts(maxEntries)) {
      this.#removeDict(dict.id);
      removed++;
    }
    const nowMs = this.#clock();
    for (const dict of this.#dicts.values()) dict.walks.forgetOld(nowMs);
    while (removed < maxEntries) {
      const dict = this.#deadlines.due(nowMs);
      if (dict === undefined) break;
      removed += dict.sweep(nowMs, maxEntries - removed);
      this.#deadlines.set(dict, dict.earliestMs);
    }
    const answers = this.#answers.sweep(maxEntries);
    const more = this.#deadlines.due(nowMs) !== undefined || this.#registry.dueDicts(1).length > 0;
    return { removed, more: more || answers.more };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#dicts.clear();
  }

  #checkOpen(): void {
    if (this.#closed) throw createError("store_closed", "the store is closed");
  }

  /** The entries of a live dictionary. */
  #open(dictId: string): MemoryDict {
    this.#checkOpen();
    return this.#dicts.get(this.#registry.requireDict(dictId).id)!;
  }

  /** Does what may change when a dictionary's next entry is due. */
  #change<Answer>(dictId: string, operation: (dict: MemoryDict, nowMs: number) => Answer): Answer {
    const dict = this.#open(dictId);
    const answer = operation(dict, this.#clock());
    this.#deadlines.set(dict, dict.earliestMs);
    return answer;
  }

  /** A change of entries whose answer is recorded. */
  #once<Answer>(
    method: RecordedMethod,
    dictId: string,
    digest: () => number,
    options: IdempotencyOption,
    operation: (dict: MemoryDict, nowMs: number) => Answer,
  ): Answer {
    this.#open(dictId);
    const call = {
      scope: `${method} ${dictId}`,
      digest,
      answer: method === "pop" ? "value" : "flag",
    } as const;
    return this.#answers.once(call, options, () => this.#change(dictId, operation));
  }

  #addDict(record: DictRecord, data: readonly Entry[]): void {
    this.#registry.putDict(record);
    this.#dicts.set(record.id, new MemoryDict(record.expiry, () => ++this.#writes));
    this.#change(record.id, (dict, nowMs) => {
      for (const entry of data) dict.write(entry, nowMs);
    });
  }

  #removeDict(dictId: string): void {
    this.#registry.removeDict(dictId);
    const dict = this.#dicts.get(dictId);
    if (dict !== undefined) this.#deadlines.delete(dict);
    this.#dicts.delete(dictId);
  }
}

/** Removes the live ones and returns how many there were. */
function removeFrom(dict: MemoryDict, keys: readonly Uint8Array[], nowMs: number): number {
  let removed = 0;
  for (const key of keys) {
    const entry = dict.find(key, nowMs);
    if (entry === undefined) continue;
    dict.remove(entry);
    removed++;
  }
  return removed;
}
