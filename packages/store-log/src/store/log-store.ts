import {
  type CommitOutcome,
  type CommitRequest,
  type ContentsParts,
  createError,
  type DictChange,
  type DictStats,
  type Entry,
  type EverdictError,
  type FoundEntry,
  type Page,
  type PageRequest,
  type RecordedMethod,
  type TimedEntry,
  type ValueRoom,
} from "@everdict/protocol";
import type {
  Awaitable,
  BytesOption,
  Clock,
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
import { type BackupResult, backupDirectory } from "../backup/backup.ts";
import type { Compactor } from "../compaction/compactor.ts";
import type { HintWriter } from "../compaction/hint-writer.ts";
import type { Housekeeper } from "../compaction/housekeeper.ts";
import { changesAfter, type FeedEvent } from "../entries/change-feed.ts";
import type { Commits } from "../entries/commits.ts";
import { streamContents } from "../entries/contents.ts";
import type { DictCatalog } from "../entries/dict-catalog.ts";
import type { EntryOperations } from "../entries/entry-operations.ts";
import type { PageOrder } from "../entries/page-order.ts";
import { readPage } from "../entries/pages.ts";
import type { Reclaimer } from "../entries/reclaimer.ts";
import type { RemovalsInBulk } from "../entries/removals-in-bulk.ts";
import type { Sweeper } from "../entries/sweeper.ts";
import { readValues } from "../entries/values-in-bulk.ts";
import type { DirectoryLock } from "../files/files.ts";
import type { HealthWatch } from "../files/health-watch.ts";
import type { KeyTable } from "../index/key-table.ts";
import type { DiskRoom } from "../log/disk-room.ts";
import type { LogWriter } from "../log/log-writer.ts";
import type { SegmentSet } from "../segments/segment-set.ts";

/** How much of a segment is in use. */
export interface SegmentUsage {
  readonly number: number;
  readonly bytes: number;
  /** Bytes of records that still decide something; compaction frees the rest. */
  readonly liveBytes: number;
}

/** What a log store is made of. */
export interface LogStoreParts {
  readonly clock: Clock;
  readonly lock: DirectoryLock;
  readonly segments: SegmentSet;
  readonly catalog: DictCatalog;
  readonly operations: EntryOperations;
  readonly commits: Commits;
  readonly removals: RemovalsInBulk;
  readonly order: PageOrder;
  readonly sweeper: Sweeper;
  readonly writer: LogWriter;
  readonly reclaimer: Reclaimer;
  readonly compactor: Compactor;
  readonly hints: HintWriter;
  readonly room: DiskRoom;
  readonly housekeeper: Housekeeper;
  readonly health: HealthWatch;
}

/**
 * The public face of the log store. It checks that the store is open, and passes each call to the part that does it.
 * The storage contract says what the calls promise.
 */
export class LogStore implements Store {
  readonly capabilities: StoreCapabilities = {
    durability: "sync",
    persistent: true,
    atomicUpdate: true,
    commitsAnyKeys: true,
    durableAnswers: true,
  };
  readonly #parts: LogStoreParts;
  /** Why nothing is accepted any more. */
  #refusal: EverdictError | undefined;
  #closing: Promise<void> | undefined;
  /** Sweeps take several steps; a close waits for those under way. */
  readonly #sweeps = new Set<Promise<SweepResult>>();

  constructor(parts: LogStoreParts) {
    this.#parts = parts;
  }

  /** The log is in an unknown state: from now on every call is refused. */
  fail(error: EverdictError): void {
    this.#refusal ??= error;
  }

  // ---- Environments ----

  listEnvironments(): readonly EnvironmentRecord[] {
    return this.#catalog().registry.listEnvironments();
  }

  findEnvironment(name: string): EnvironmentRecord | undefined {
    return this.#catalog().registry.findEnvironment(name);
  }

  async createEnvironment(
    id: string,
    name: string,
  ): Promise<{ environment: EnvironmentRecord; created: boolean }> {
    return this.#catalog().createEnvironment(id, name);
  }

  async updateEnvironment(
    id: string,
    change: { readonly name?: string | undefined; readonly webSuffix?: string | undefined },
  ): Promise<EnvironmentRecord> {
    return this.#catalog().updateEnvironment(id, change);
  }

  async deleteEnvironment(id: string): Promise<void> {
    return this.#catalog().deleteEnvironment(id);
  }

  // ---- Dictionaries ----

  async createDict(request: CreateDict, options?: IdempotencyOption & BytesOption): Promise<CreatedDict> {
    return this.#catalog().createDict(request, options);
  }

  findDict(environmentId: string, name: string): DictRecord | undefined {
    return this.#catalog().registry.findDict(environmentId, name);
  }

  getDict(dictId: string): DictRecord | undefined {
    return this.#catalog().registry.getDict(dictId);
  }

  listDicts(request: ListDicts): readonly DictRecord[] {
    return this.#catalog().registry.listDicts(request);
  }

  async deleteDict(dictId: string): Promise<void> {
    return this.#catalog().deleteDict(dictId);
  }

  async configureDict(dictId: string, change: DictChange): Promise<DictRecord> {
    return this.#catalog().configureDict(dictId, change);
  }

  async extendDict(dictId: string, expiresAtMs: number): Promise<void> {
    return this.#catalog().extendDict(dictId, expiresAtMs);
  }

  // ---- Entries ----

  get(dictId: string, key: Uint8Array, room?: ValueRoom): Awaitable<Uint8Array | undefined> {
    return this.#operations().get(dictId, key, room);
  }

  entry(dictId: string, key: Uint8Array, room?: ValueRoom): Awaitable<FoundEntry | undefined> {
    return this.#operations().entry(dictId, key, room);
  }

  contains(dictId: string, key: Uint8Array): boolean {
    return this.#operations().contains(dictId, key);
  }

  len(dictId: string): number {
    return this.#operations().len(dictId);
  }

  stats(dictId: string): DictStats {
    const { size, entryBytes } = this.#tableOf(dictId);
    return { entries: size, bytes: entryBytes };
  }

  getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    room?: ValueRoom,
  ): Awaitable<readonly (Uint8Array | undefined)[]> {
    this.#tableOf(dictId);
    return readValues(keys, {
      look: (key) => {
        const state = this.#tableOf(dictId).find(key);
        return { bytes: state?.valueLength ?? 0, isAtLog: state?.hasValue === false };
      },
      get: (key) => this.get(dictId, key, room),
    });
  }

  async page(dictId: string, request: PageRequest, room?: ValueRoom): Promise<Page> {
    const { clock, order } = this.#parts;
    const open = () => this.#catalog().require(dictId);
    return readPage({ request, room, clock, order, open });
  }

  // Not async from here on down: a promise less for each operation can be measured.
  update(dictId: string, entries: readonly TimedEntry[], options?: BytesOption): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return this.#parts.operations.update(dictId, entries, options);
  }

  putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    options: IdempotencyOption & BytesOption = {},
  ): Promise<boolean> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return this.#parts.operations.putIfAbsent(dictId, key, value, options);
  }

  pop(
    dictId: string,
    key: Uint8Array,
    options?: IdempotencyOption,
    room?: ValueRoom,
  ): Promise<Uint8Array | undefined> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return this.#parts.operations.pop(dictId, key, options, room);
  }

  remove(dictId: string, key: Uint8Array, options?: IdempotencyOption): Promise<boolean> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return this.#parts.operations.remove(dictId, key, options);
  }

  commit(
    dictId: string,
    request: CommitRequest,
    options?: IdempotencyOption & BytesOption,
  ): Promise<CommitOutcome> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return this.#parts.commits.commit(dictId, request, options);
  }

  removeMany(dictId: string, keys: readonly Uint8Array[], options?: IdempotencyOption): Promise<number> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return this.#parts.removals.removeMany(dictId, keys, options);
  }

  forgetAnswers(operation: RecordedMethod, dictId: string, idempotencyKeys: readonly string[]): void {
    if (this.#refusal === undefined) this.#parts.operations.forgetAnswers(operation, dictId, idempotencyKeys);
  }

  clear(dictId: string): Promise<void> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return this.#parts.operations.clear(dictId);
  }

  async *contents(dictId: string, parts: ContentsParts, room?: ValueRoom): AsyncGenerator<readonly Entry[]> {
    const { clock, writer } = this.#parts;
    const open = () => this.#catalog().require(dictId);
    const upToVersion = writer.appliedSequence(open().record.durability ?? "sync");
    yield* streamContents({ parts, room, clock, upToVersion, open });
  }

  // ---- The log ----

  /** The highest sequence number that is flushed: `changes` from here on brings what follows. */
  get lastSequence(): number {
    return this.#parts.writer.durable.sequence;
  }

  /**
   * The changes of all dictionaries after a sequence number, in order, as they are flushed; ends with a gap once
   * compaction has removed some that were not read. Internal: nothing outside of this process may ask for it yet.
   *
   * @throws `store_closed`, at the next step, once the store is closed
   * @example
   * for await (const event of store.changes(store.lastSequence)) {
   *   if (event.kind === "gap") break;
   *   apply(event.changes);
   * }
   */
  changes(afterSequence: number, signal?: AbortSignal): AsyncGenerator<FeedEvent> {
    const { segments, writer, catalog } = this.#parts;
    const dictIdOf = (number: number) => catalog.idOf(number);
    const requireOpen = () => this.#requireOpen();
    return changesAfter(afterSequence, { segments, writer, dictIdOf, requireOpen }, signal);
  }

  /** The segments of the log, oldest first, and how much of each still decides something. */
  segmentUsage(): SegmentUsage[] {
    this.#requireOpen();
    return [...this.#parts.segments.all()].map(({ number, bytes, liveBytes }) => ({
      number,
      bytes,
      liveBytes,
    }));
  }

  /**
   * Backs up everything that was acknowledged before the call, while others go on writing.
   *
   * @throws as `backupDirectory`
   * @example await store.backup("monday.backup");
   */
  async backup(file: string): Promise<BackupResult> {
    this.#requireOpen();
    return backupDirectory({ directory: this.#parts.segments.directory, file });
  }

  // ---- Life ----

  health(): StoreHealth {
    const { health } = this.#parts.health;
    return this.#refusal === undefined || this.#closing !== undefined
      ? health
      : { ...health, hasClosedItself: true };
  }

  async sweep(maxEntries: number): Promise<SweepResult> {
    this.#requireOpen();
    const sweep = this.#parts.sweeper.sweep(maxEntries);
    this.#sweeps.add(sweep);
    try {
      const result = await sweep;
      // Recorded answers that ended are not counted in the result, but may have kept segments.
      this.#parts.compactor.consider();
      return result;
    } finally {
      this.#sweeps.delete(sweep);
    }
  }

  close(): Promise<void> {
    this.#refusal ??= createError("store_closed", "the store is closed");
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { catalog, writer, reclaimer, compactor, hints, segments, lock, room, housekeeper } = this.#parts;
    await catalog.idle();
    await housekeeper.stop();
    await Promise.allSettled(this.#sweeps);
    reclaimer.stop();
    await compactor.stop();
    await hints.stop();
    if (await writer.end()) await hints.writeLast();
    for (const segment of segments.all()) await segment.close();
    await room.close();
    await lock.release();
    // Nobody else would learn that what was answered and not yet flushed may be lost.
    if (writer.failure !== undefined) throw writer.failure;
  }

  #catalog(): DictCatalog {
    this.#requireOpen();
    return this.#parts.catalog;
  }

  #tableOf(dictId: string): KeyTable {
    return this.#catalog().require(dictId).entries.table;
  }

  #operations(): EntryOperations {
    this.#requireOpen();
    return this.#parts.operations;
  }

  #requireOpen(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }
}
