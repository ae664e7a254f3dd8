/**
 * DictService: what the engine offers and what every client transport implements.
 *
 * Keys and values are opaque bytes here and below. A service is bound to one caller (its identity scopes
 * idempotency keys and signs what it creates); the server binds one per authenticated token.
 */

import type { DictStats, FoundEntry, KeyPattern, Page, PageRequest } from "./bulk.ts";
import type { CommitOutcome, CommitRequest } from "./commit.ts";
import type { Entry, TimedEntry } from "./entry.ts";

/** When entries of a dictionary expire. `ttlMs` counts from the event that the policy names. */
export type ExpiryPolicy =
  | { readonly policy: "afterWrite" | "afterUse"; readonly ttlMs: number }
  | { readonly policy: "never" };

/** Every {@link Durability}, the strongest first. */
export const durabilities = ["sync", "everysec", "memory"] as const;

/**
 * How durable an effect on a dictionary is when its promise resolves. `sync`: on disk. `everysec`: written, and on
 * disk within two seconds. `memory`: written, and on disk whenever that suits the store.
 */
export type Durability = (typeof durabilities)[number];

/** What is known of a dictionary. */
export interface DictInfo {
  /** `di-` and 22 base-62 characters: exactly one dash (protocol section 0.2). */
  readonly dictId: string;
  /** Empty for ephemeral dictionaries. */
  readonly name: string;
  /** Unix seconds, strictly increasing within an environment, safe through a double. */
  readonly createdAtSeconds: number;
  /** The user or service that created it. */
  readonly createdBy: string;
  /** When its entries expire. Absent where the service does not tell. */
  readonly expiry?: ExpiryPolicy | undefined;
  /** How durable its writes are. Absent where the service does not tell. */
  readonly durability?: Durability | undefined;
}

/** What is known of an environment. */
export interface EnvironmentInfo {
  /** `en-` and 22 base-62 characters. */
  readonly environmentId: string;
  readonly name: string;
  readonly webSuffix: string;
  readonly createdAtSeconds: number;
  /** True for exactly one environment: the one that an empty name means. */
  readonly isDefault: boolean;
}

/** What every call takes besides its request. */
export interface CallOptions {
  /** Gives up waiting. The operation may still be applied. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up waiting after so long, in milliseconds. The operation may still be applied. */
  readonly timeoutMs?: number | undefined;
  /**
   * The same for every attempt of one logical call: a repeat within two minutes (20 seconds under an overload of
   * such calls) returns what the first attempt returned. Honoured for the methods whose rule in the table of methods is
   * `underKey` or `creation`.
   */
  readonly idempotencyKey?: string | undefined;
  /** Asked before `get`, `pop` or `contents` read a value of more than 256 KiB into memory, or a smaller one. Absent: there is room. */
  readonly room?: ValueRoom | undefined;
  /**
   * Whether nobody will change the bytes of this request any more, so that they need not be copied: true of what a
   * server has received. Default: false, they are the caller's again when the call has returned.
   */
  readonly bytesAreGiven?: boolean | undefined;
}

/**
 * Room for large values that a call reads. Who reads asks before, gives back when it has the value, and the caller
 * counts it from then on. So values that nobody has room for are not in memory.
 */
export interface ValueRoom {
  /** Takes room for so many bytes: undefined if it is there at once, else later. Rejects if it is not wanted any more. */
  reserve(bytes: number): Promise<void> | undefined;
  /** Gives back what was reserved. */
  release(bytes: number): void;
}

/** How `getOrCreateDict` and `getOrCreateEnvironment` treat presence and absence. */
export type CreationMode = "lookup" | "createIfMissing" | "createFailIfExists";

/** A named dictionary to find or create, or an anonymous one to create. */
export type GetOrCreateDictRequest =
  | {
      readonly mode: CreationMode;
      /** Empty: the workspace's default environment. */
      readonly environment: string;
      readonly name: string;
      /** Initial content, applied only if this call creates the dictionary. */
      readonly data?: readonly Entry[] | undefined;
      /** Absent: the server's default, or what the dictionary has. */
      readonly expiry?: ExpiryPolicy | undefined;
      /** Absent: the server's default, or what the dictionary has. A store that can do less gives what it can. */
      readonly durability?: Durability | undefined;
      /** How many parts a cluster spreads it over, from 1 to 1,024. Absent: as the server is set. Other stores have one part. */
      readonly shards?: number | undefined;
    }
  | {
      readonly mode: "ephemeral";
      readonly environment: string;
      readonly data?: readonly Entry[] | undefined;
      readonly expiry?: ExpiryPolicy | undefined;
      readonly durability?: Durability | undefined;
      readonly shards?: number | undefined;
    };

/** A page of `listDicts`. */
export interface ListDictsRequest {
  /** Empty: the workspace's default environment. */
  readonly environment: string;
  /** 0: no limit. */
  readonly maxObjects: number;
  /** Unix seconds, exclusive. Absent: no bound. */
  readonly createdBeforeSeconds?: number | undefined;
}

/** Which parts of which entries `contents` should carry; the other part is left empty. */
export interface ContentsParts {
  readonly keys: boolean;
  readonly values: boolean;
  /** Only entries whose keys match one of these. Absent: all. */
  readonly match?: readonly KeyPattern[] | undefined;
}

/** A change of how a dictionary is set up; what is absent stays. */
export interface DictChange {
  /** For what is written or used from now on. The ends of entries that are there do not move. */
  readonly expiry?: ExpiryPolicy | undefined;
  /** For what is done from now on. A store that can do less gives what it can. */
  readonly durability?: Durability | undefined;
}

/** A change of an environment; what is absent stays. */
export interface UpdateEnvironmentRequest {
  readonly currentName: string;
  readonly name?: string | undefined;
  readonly webSuffix?: string | undefined;
}

/**
 * The one interface between clients and the engine. Errors are `EverdictError`s with a code of the error
 * table. Unless a method says otherwise it is safe to repeat after an unknown outcome.
 */
export interface DictService {
  /**
   * Finds or creates a dictionary. Atomic: of concurrent creators of one name exactly one creates it. One that
   * is found keeps its expiry and durability, which `configure` changes.
   *
   * @throws `dict_not_found` (mode `lookup`), `dict_exists` (mode `createFailIfExists`), `environment_not_found`,
   *   `conflict` if the dictionary has another expiry or durability than the request names, `invalid_name`, and the size limits for `data`. Safe to repeat only under the same idempotency key.
   */
  getOrCreateDict(request: GetOrCreateDictRequest, options?: CallOptions): Promise<DictInfo>;

  /** Describes a dictionary by id. @throws `dict_not_found` */
  getDictById(dictId: string, options?: CallOptions): Promise<DictInfo>;

  /** Deletes a dictionary and its entries; its id never works again. @throws `dict_not_found` */
  deleteDict(dictId: string, options?: CallOptions): Promise<void>;

  /** Lists the named dictionaries of an environment, newest first. @throws `environment_not_found` */
  listDicts(request: ListDictsRequest, options?: CallOptions): Promise<readonly DictInfo[]>;

  /** Says that a holder of an ephemeral dictionary is alive. No effect on a named one. @throws `dict_not_found` */
  heartbeat(dictId: string, options?: CallOptions): Promise<void>;

  /** The value of a live entry, or undefined. Counts as use. @throws `dict_not_found` */
  get(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined>;

  /** Whether a live entry is there. Does not count as use. @throws `dict_not_found` */
  contains(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean>;

  /** The number of entries, expired ones that are not yet swept included. O(1). @throws `dict_not_found` */
  len(dictId: string, options?: CallOptions): Promise<number>;

  /**
   * Writes entries, all of them or none; of equal keys the last wins.
   *
   * @throws `dict_not_found`, `key_too_large`, `value_too_large`, `too_many_entries`, `invalid_argument` for a time to live
   */
  update(dictId: string, entries: readonly TimedEntry[], options?: CallOptions): Promise<void>;

  /**
   * Writes an entry unless a live one is there. Atomic: of concurrent callers at most one writes. Safe to repeat only under
   * the same idempotency key.
   *
   * @returns false if a live entry is there; it is then neither written nor used
   * @throws `dict_not_found`, `key_too_large`, `value_too_large`
   */
  putIfAbsent(dictId: string, key: Uint8Array, value: Uint8Array, options?: CallOptions): Promise<boolean>;

  /**
   * Removes an entry and returns its value, or undefined if no live entry is there. Atomic: of concurrent
   * callers at most one receives the value. Safe to repeat only under the same idempotency key.
   *
   * @throws `dict_not_found`
   */
  pop(dictId: string, key: Uint8Array, options?: CallOptions): Promise<Uint8Array | undefined>;

  /**
   * Removes an entry. As `pop`, but the value is neither read nor sent. Safe to repeat only under the same idempotency key.
   *
   * @returns whether a live entry was there
   * @throws `dict_not_found`, `key_too_large`
   */
  remove(dictId: string, key: Uint8Array, options?: CallOptions): Promise<boolean>;

  /**
   * Checks conditions and makes changes at one instant: all of them, or none. Safe to repeat only under the same
   * idempotency key; a repeat returns what the first attempt returned.
   *
   * @returns what became of each change, or the first condition or addition that failed: then nothing was changed
   * @throws `dict_not_found`, `key_too_large`, `value_too_large`, `too_many_entries`, `invalid_argument` for a key with two
   *   conditions or two changes, for a time to live or for a number to add that is none, `unsupported` if the
   *   store cannot change these keys in one step
   */
  commit(dictId: string, request: CommitRequest, options?: CallOptions): Promise<CommitOutcome>;

  /** A live entry with its version and its end, or undefined. Counts as use. @throws `dict_not_found` */
  entry(dictId: string, key: Uint8Array, options?: CallOptions): Promise<FoundEntry | undefined>;

  /**
   * The values of many keys, in their order; undefined where no live entry is. Each is read at an instant of its own. Counts
   * as use.
   *
   * @returns those of the first keys, at least of one: fewer than asked for where values are large
   * @throws `dict_not_found`, `key_too_large`, `too_many_entries`
   */
  getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]>;

  /**
   * Removes entries by their keys, each at an instant of its own. Safe to repeat only under the same idempotency key.
   *
   * @returns how many live ones there were
   * @throws `dict_not_found`, `key_too_large`, `too_many_entries`
   */
  removeMany(dictId: string, keys: readonly Uint8Array[], options?: CallOptions): Promise<number>;

  /**
   * Some live entries, and where the next page begins. An entry that is there throughout appears exactly once over all
   * pages. Does not count as use.
   *
   * @throws `dict_not_found`, `invalid_argument` for a cursor that is none
   */
  page(dictId: string, request: PageRequest, options?: CallOptions): Promise<Page>;

  /** How much is in a dictionary. O(1). @throws `dict_not_found` */
  stats(dictId: string, options?: CallOptions): Promise<DictStats>;

  /**
   * Changes how a dictionary is set up.
   *
   * @throws `dict_not_found`, `invalid_argument`, `unsupported` if the store cannot change that
   */
  configureDict(dictId: string, change: DictChange, options?: CallOptions): Promise<DictInfo>;

  /** Removes all entries. Constant time for the caller. @throws `dict_not_found` */
  clear(dictId: string, options?: CallOptions): Promise<void>;

  /**
   * Streams the live entries whose keys match in no particular order, in batches, as fast as the consumer takes them. An entry
   * present throughout appears exactly once; one added, removed or changed meanwhile may or may not show.
   *
   * @throws `dict_not_found`, at the first step
   */
  contents(dictId: string, parts: ContentsParts, options?: CallOptions): AsyncIterable<readonly Entry[]>;

  /** All environments, by name. */
  listEnvironments(options?: CallOptions): Promise<readonly EnvironmentInfo[]>;

  /**
   * Finds or creates an environment; an empty name means the default one.
   *
   * @throws `environment_not_found` (mode `lookup`), `environment_exists` (mode `createFailIfExists`),
   *   `invalid_name`
   */
  getOrCreateEnvironment(name: string, mode: CreationMode, options?: CallOptions): Promise<EnvironmentInfo>;

  /** Renames an environment or sets its web suffix. @throws `environment_not_found`, `environment_exists`, `invalid_name` */
  updateEnvironment(request: UpdateEnvironmentRequest, options?: CallOptions): Promise<EnvironmentInfo>;

  /** Deletes an environment with its dictionaries. @throws `environment_not_found`, `conflict` for the default one */
  deleteEnvironment(name: string, options?: CallOptions): Promise<void>;
}
