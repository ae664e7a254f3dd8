/**
 * The storage contract.
 *
 * A store keeps environments, dictionaries and their entries. It knows nothing of the spelling of names, of defaults,
 * limits or callers. The engine above checks every argument before it calls, so an implementation never checks again.
 * Keys are compared byte for byte.
 *
 * Obligations of every implementation, checked by the conformance suite (`@everdict/store/suite`):
 *
 * - **Atomicity.** Each call below takes effect at one instant or not at all, except where it says otherwise.
 * - **Durability.** When the promise of a mutating call resolves, the effect is as durable as the dictionary's
 *   `durability` says; environments and dictionaries themselves are always as durable as `capabilities.durability`. An
 *   effect that is not yet that durable is visible to nobody. So no answer about a `sync` dictionary rests on something
 *   that a crash can take back. In the other modes, an answer to any caller may rest on an effect that a loss of power
 *   takes back. A crash takes back only the end of what was done: no effect survives without all effects that were
 *   decided earlier, across all dictionaries.
 * - **Order.** Mutating calls on one key take effect in the order in which they were made by one process;
 *   `clear` is a call on every key of its dictionary.
 * - **Absence.** An unknown or deleted dictionary id is `dict_not_found`, at every call that takes an id.
 * - **Ownership of bytes.** A store copies the bytes that it keeps: the caller may reuse its buffers once the call
 *   returns, those of patterns once it has ended. The caller may read the bytes of an answer, but not change them.
 * - **Time** comes from the injected clock only. An entry is live while `now < expiresAtMs`.
 * - **Versions.** Each write of an entry gives it a version that its key never had; nothing else changes it.
 * - **Expiry.** Under the policy `afterWrite` an entry ends exactly `ttlMs` after it was last written. Under `afterUse` it
 *   ends at least `ttlMs` after it was last read or written and at most `ttlMs * 17 / 16` after that: the slack lets an
 *   implementation write down only every sixteenth read of a busy entry. A use never brings an end forward. A read
 *   promises no durability: a crash (not a close) may forget the last uses. A `putIfAbsent` that finds an entry neither
 *   reads nor writes it, nor does a condition of a commit. An expired entry is invisible at once to everything but
 *   `len` and `stats`, is removed by `sweep` or by a write over it, and never comes back.
 * - **Times to live of entries.** An entry that is written, created by an addition or touched with a time to live of its own
 *   ends exactly by that instead of the policy, until it is written or touched again. An addition to an entry that is
 *   there changes neither its end nor its time to live. Under `afterUse` a use renews it by its own time to live, and the
 *   same slack is allowed. Under the other policies a use moves nothing.
 * - **Idempotency keys** are scoped by operation and by dictionary (`createDict`: environment).
 * - **Closed.** After `close()` began, every call rejects with `store_closed`; calls made before it are
 *   finished. A stream under way ends with `store_closed` at its next step.
 * - **Room.** A call with a `room` reserves room there before it takes memory for a value of more than 256 KiB. It
 *   gives the room back when it has the value, or failed. A value that is already in memory needs no room.
 * - **Failing.** Where a call may answer at once ({@link Awaitable}) it may also throw at once.
 */

import type {
  CommitOutcome,
  CommitRequest,
  ContentsParts,
  DictChange,
  DictStats,
  Durability,
  Entry,
  ExpiryPolicy,
  FoundEntry,
  Page,
  PageRequest,
  RecordedMethod,
  TimedEntry,
  ValueRoom,
} from "@everdict/protocol";

/** A value now or later. Reads that need no I/O answer at once, which spares a promise per operation. */
export type Awaitable<T> = T | Promise<T>;

/** Milliseconds since the Unix epoch. It is passed in, so that tests control time. */
export type Clock = () => number;

export type { Durability } from "@everdict/protocol";

/** What an implementation can do, as data. Suites and documents read this, never the store's name. */
export interface StoreCapabilities {
  /**
   * The highest durability of a dictionary here. A dictionary that asks for more gets this. `sync`: on disk.
   * `everysec`: on disk within two seconds. `memory`: nothing is promised.
   */
  readonly durability: Durability;
  /** Whether a store that is opened again in the same place has its content. */
  readonly persistent: boolean;
  /** Whether an update of many entries is visible all at once, or per part. */
  readonly atomicUpdate: boolean;
  /** Whether a commit may change any keys of a dictionary together, or only keys that are in one shard. */
  readonly commitsAnyKeys: boolean;
  /** Whether recorded answers survive a crash together with the effects they belong to. */
  readonly durableAnswers: boolean;
}

/** An environment as stored. */
export interface EnvironmentRecord {
  readonly id: string;
  readonly name: string;
  readonly webSuffix: string;
  readonly createdAtSeconds: number;
}

/** A dictionary as stored. */
export interface DictRecord {
  readonly id: string;
  readonly environmentId: string;
  /** Empty for ephemeral dictionaries. */
  readonly name: string;
  /** Strictly increasing within an environment, in steps of at least a microsecond. */
  readonly createdAtSeconds: number;
  readonly createdBy: string;
  readonly expiry: ExpiryPolicy;
  /** How durable effects on its entries are when their promise resolves. Absent: as `capabilities.durability`. */
  readonly durability?: Durability | undefined;
  /** Ephemeral dictionaries only: gone from this moment on unless a heartbeat moves it. */
  readonly expiresAtMs?: number | undefined;
}

/** The dictionary that `createDict` creates. */
export interface CreateDict {
  /** A fresh id, never used before. */
  readonly id: string;
  readonly environmentId: string;
  /** Empty: ephemeral. */
  readonly name: string;
  readonly createdBy: string;
  readonly expiry: ExpiryPolicy;
  /** At most `capabilities.durability`, which is also the default. The creation itself always has that durability. */
  readonly durability?: Durability | undefined;
  readonly expiresAtMs?: number | undefined;
  /** How many parts it is spread over, where the store spreads dictionaries. Absent: as the store is set. */
  readonly shards?: number | undefined;
  /** Initial content. It is applied only if this call creates the dictionary, and becomes visible together with it. */
  readonly data: readonly Entry[];
}

/** What `createDict` answers. */
export interface CreatedDict {
  readonly dict: DictRecord;
  /** False if a live dictionary of that name existed; `dict` is then that one. */
  readonly created: boolean;
}

/**
 * Gives a repeated call the answer of the first call.
 *
 * A store records the answer under the `idempotencyKey`, together with the effect and as durably. A repeat on the same
 * dictionary and key (for `createDict`: environment) gets its answer from the record, and the store does nothing else.
 * Two calls with the same idempotency key under way at once are one call. A call with the same idempotency key and
 * other arguments (key, value, content of a creation) is refused with `conflict` and does nothing, if the store has the
 * record at hand.
 *
 * Records live for `idempotencyRetentionMs`. The memory for them is limited and shared out among callers
 * (`AnswerShares`). When a caller's share is full, its oldest records may go before their time, but none that is
 * younger than `idempotencyGuaranteeMs`. If all are younger, new calls of that caller with idempotency keys are refused
 * with `overloaded`; other callers notice nothing. A value on disk that a record keeps does not count as memory.
 */
export interface IdempotencyOption {
  readonly idempotencyKey?: string | undefined;
  /**
   * The caller whose share of the memory for records the call uses. Absent: one share for all calls without a caller.
   */
  readonly caller?: string | undefined;
}

/** Who owns the bytes of a call. */
export interface BytesOption {
  /** Whether nobody will change the bytes any more, so that the store need not copy them. Default: false. */
  readonly bytesAreGiven?: boolean | undefined;
}

export { bulkAnswerBytes } from "@everdict/protocol";

/** What one `sweep` did. */
export interface SweepResult {
  /** Expired entries and dictionaries that were removed. */
  readonly removed: number;
  /** Whether more is due: call again. */
  readonly more: boolean;
}

/** What a store knows of its disk or servers, besides the errors of calls. */
export interface StoreHealth {
  /**
   * The disk is full. Writes that add data are refused with `store_full`; reads and removals go on. Passes by itself.
   */
  readonly isFull: boolean;
  /** A file cannot be opened because there are no descriptors left. Passes by itself. */
  readonly isOutOfDescriptors: boolean;
  /** How many reads the disk has refused since the store was opened; their calls failed with `data_loss`. */
  readonly readErrors: number;
  /**
   * Settings of the store's servers that would lose writes. Writes to such servers are refused with `conflict`. Absent:
   * there are none.
   */
  readonly serversProblem?: string | undefined;
  /** The store has closed itself, because its disk failed. Only opening it anew ends that. Absent: it has not. */
  readonly hasClosedItself?: boolean | undefined;
}

/** A page of `listDicts`. */
export interface ListDicts {
  readonly environmentId: string;
  /** Exclusive. Absent: no bound. */
  readonly createdBeforeSeconds?: number | undefined;
  /** Absent: no limit. */
  readonly maxObjects?: number | undefined;
}

/** The storage contract; the obligations are at the top of this file. */
export interface Store {
  readonly capabilities: StoreCapabilities;

  // ---- Environments ----

  /** All environments, ordered by name (UTF-16 code units). */
  listEnvironments(): Awaitable<readonly EnvironmentRecord[]>;
  /** The environment of that name. */
  findEnvironment(name: string): Awaitable<EnvironmentRecord | undefined>;
  /**
   * Creates an environment with an empty suffix. If the name is taken, or else the id, it resolves to `created: false`
   * and the existing environment.
   */
  createEnvironment(id: string, name: string): Promise<{ environment: EnvironmentRecord; created: boolean }>;
  /**
   * Changes an environment's name or suffix; dictionaries stay in it.
   *
   * @throws `environment_not_found`, `environment_exists`
   */
  updateEnvironment(
    id: string,
    change: { readonly name?: string | undefined; readonly webSuffix?: string | undefined },
  ): Promise<EnvironmentRecord>;
  /** Deletes an environment and every dictionary in it. @throws `environment_not_found` */
  deleteEnvironment(id: string): Promise<void>;

  // ---- Dictionaries ----

  /**
   * Creates a dictionary, or returns the one that has the name. An ephemeral dictionary (empty name) is always created.
   * `createdAtSeconds` is the clock's time, or a microsecond after the environment's newest.
   *
   * @throws `environment_not_found`
   */
  createDict(request: CreateDict, options?: IdempotencyOption & BytesOption): Promise<CreatedDict>;
  /** The live dictionary of that name in that environment. */
  findDict(environmentId: string, name: string): Awaitable<DictRecord | undefined>;
  /** The live dictionary of that id. */
  getDict(dictId: string): Awaitable<DictRecord | undefined>;
  /** Named dictionaries of an environment, newest first; none if the environment is unknown. */
  listDicts(request: ListDicts): Awaitable<readonly DictRecord[]>;
  /** Deletes a dictionary and its entries; the id is never valid again. @throws `dict_not_found` */
  deleteDict(dictId: string): Promise<void>;
  /**
   * Moves the end of an ephemeral dictionary, forwards or backwards. No effect on a named one. @throws `dict_not_found`
   */
  extendDict(dictId: string, expiresAtMs: number): Promise<void>;

  // ---- Entries ----

  /** The value of a live entry. Under the policy `afterUse` its expiry moves. @throws `dict_not_found` */
  get(dictId: string, key: Uint8Array, room?: ValueRoom): Awaitable<Uint8Array | undefined>;
  /** Whether a live entry exists. Its expiry does not move. @throws `dict_not_found` */
  contains(dictId: string, key: Uint8Array): Awaitable<boolean>;
  /** The number of entries, including expired ones that are not yet swept. O(1). @throws `dict_not_found` */
  len(dictId: string): Awaitable<number>;
  /**
   * Writes all entries with a fresh expiry, or with their own time to live; of equal keys the last wins. If `capabilities.atomicUpdate` says so, the
   * entries become visible at once, and after a crash all or none are there. Otherwise that holds for each part.
   *
   * @throws `dict_not_found`, `store_full`
   */
  update(dictId: string, entries: readonly TimedEntry[], options?: BytesOption): Promise<void>;
  /** Writes one entry unless a live one exists; returns false if one does. @throws `dict_not_found`, `store_full` */
  putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    options?: IdempotencyOption & BytesOption,
  ): Promise<boolean>;
  /**
   * Removes a live entry and returns its value. Without a live entry it changes nothing. The entry is removed before
   * there is room for its value: a `room` that refuses fails the call, not the removal. @throws `dict_not_found`
   */
  pop(
    dictId: string,
    key: Uint8Array,
    options?: IdempotencyOption,
    room?: ValueRoom,
  ): Promise<Uint8Array | undefined>;
  /** Removes a live entry, as `pop`, but its value is not read; false if none is there. @throws `dict_not_found` */
  remove(dictId: string, key: Uint8Array, options?: IdempotencyOption): Promise<boolean>;
  /**
   * Checks all conditions, in order, and makes all changes at one instant, or none; after a crash too. An addition reads
   * numbers as `addToNumber` does. The engine has checked that no key has two conditions or two changes. Any store takes 1,000
   * conditions and changes together.
   *
   * @throws `dict_not_found`, `store_full`, `unsupported` if `capabilities.commitsAnyKeys` is false and the keys are not
   *   in one shard, `too_many_entries` or `request_too_large` if it is too much for one shard at a time: then nothing was sent
   */
  commit(
    dictId: string,
    request: CommitRequest,
    options?: IdempotencyOption & BytesOption,
  ): Promise<CommitOutcome>;
  /** A live entry with its version and end. Under the policy `afterUse` its expiry moves. @throws `dict_not_found` */
  entry(dictId: string, key: Uint8Array, room?: ValueRoom): Awaitable<FoundEntry | undefined>;
  /**
   * The values of the first of these keys, at least of one, and until they are about `bulkAnswerBytes` together. Each is
   * read as by `get`. @throws `dict_not_found`
   */
  getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    room?: ValueRoom,
  ): Awaitable<readonly (Uint8Array | undefined)[]>;
  /** Removes live entries, each as `remove`; returns how many there were. @throws `dict_not_found` */
  removeMany(dictId: string, keys: readonly Uint8Array[], options?: IdempotencyOption): Promise<number>;
  /**
   * Live entries in an order of the store's own that never changes, from behind the cursor on; a page ends early at about
   * `bulkAnswerBytes`. The cursor stays good over restarts, growth and compaction. An entry that is there throughout
   * appears on exactly one page.
   *
   * @throws `dict_not_found`, `invalid_argument` for a cursor that is not this store's
   */
  page(dictId: string, request: PageRequest, room?: ValueRoom): Awaitable<Page>;
  /** How much is in a dictionary. O(1). @throws `dict_not_found` */
  stats(dictId: string): Awaitable<DictStats>;
  /**
   * Changes expiry or durability for what is written or used from now on. Entries keep the ends they have. What the
   * dictionary has already is no change.
   *
   * @throws `dict_not_found`, `unsupported` if the store cannot change that
   */
  configureDict(dictId: string, change: DictChange): Promise<DictRecord>;
  /**
   * Says that no call will be repeated under these idempotency keys, so that their records may go before their time.
   * Best effort and not durable: a record may stay, or come back after a restart. Unknown keys are ignored. Never
   * throws. A store that gains nothing from this leaves it out.
   */
  forgetAnswers?(method: RecordedMethod, dictId: string, idempotencyKeys: readonly string[]): void;
  /** Removes all entries; constant time for the caller. @throws `dict_not_found` */
  clear(dictId: string): Promise<void>;
  /**
   * Streams live entries whose keys match, in batches of 1 to 4,096 entries, unordered, with memory that does not grow with the
   * dictionary. An entry that is present throughout appears exactly once, whatever happens to other entries meanwhile.
   * The stream ends even if entries are added as fast as it is read. The part that was not asked for is an empty array.
   * A consumer may stop at any time. If the dictionary is deleted meanwhile, the stream ends with `dict_not_found`.
   * Cleared entries do not show any more.
   *
   * @throws `dict_not_found`, at the first step
   */
  contents(dictId: string, parts: ContentsParts, room?: ValueRoom): AsyncIterable<readonly Entry[]>;

  // ---- Life ----

  /** What is wrong with the disk or the servers at present. A store that has none leaves it out. */
  health?(): StoreHealth;
  /**
   * Removes what is due: expired entries, ephemeral dictionaries past their end, answer records past their time. It
   * removes at most `maxEntries` in one call, so that nobody waits long. The cost depends on how much is due, not on
   * how much is stored. A dictionary counts as one, whatever is in it. The result does not count answer records.
   */
  sweep(maxEntries: number): Promise<SweepResult>;
  /**
   * Finishes what was accepted, makes it durable, and releases everything. Safe to repeat. Calls that wait for another
   * machine may end as `unavailable` instead, after some seconds.
   *
   * @throws `store_closed` if the store had closed itself or does so now. Everything is released as well, but
   *   acknowledged writes in a dictionary that is not `sync` may be lost if they were not flushed yet
   */
  close(): Promise<void>;
}
