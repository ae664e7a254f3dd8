import { checkDictName, type DictChange, type DictStats } from "@everdict/protocol";
import { checkArgument, checkOptions, notMadeWithNew } from "./arguments/check-options.ts";
import { functionKind, text } from "./arguments/option-kinds.ts";
import type { Client } from "./client.ts";
import { DictAccess } from "./dict-access.ts";
import { type DictPage, getMany, page, removeMany } from "./dict-bulk.ts";
import { findEntry, increment, touch } from "./dict-changes.ts";
import { DictCodec } from "./dict-codec.ts";
import { bindHandle, DictHandle } from "./dict-handle.ts";
import type { DictKey, DictPrefix } from "./dict-key.ts";
import { type DeleteDictOptions, DictObjects } from "./dict-objects.ts";
import {
  type DictDescription,
  type DictEntry,
  descriptionOf,
  type FromNameOptions,
  type IncrementOptions,
  type ModifyOptions,
  type NewDictOptions,
  type PageOptions,
  type RemoveManyOptions,
  type TouchOptions,
} from "./dict-options.ts";
import { EphemeralLife } from "./ephemeral-life.ts";
import { createEphemeral, findNamed } from "./find-dict.ts";
import { ModalDict } from "./modal-dict.ts";
import { type Modification, modify } from "./modify.ts";
import { type RequestOptions, shareTime } from "./request-options.ts";
import { Transaction } from "./transaction.ts";

/**
 * A distributed dictionary, with the semantics of Python's `modal.Dict`.
 *
 * A Dict is a handle. It holds no entries, and it can itself be a value in a Dict. Keys are compared by the bytes of
 * their pickle: `1`, `"1"` and `new PyFloat(1)` are three keys, and arrays are Python's tuples. A listed key addresses
 * its own entry, whatever its class in Python (see {@link PyKey}). Values are pickles too, so Python reads what
 * TypeScript wrote. A value is a copy: changing it has no effect until you put it again.
 *
 * Beyond Modal's calls there are versions, conditions, transactions, counters, times to live of single entries, and
 * reads in bulk. Modal's cloud knows none of these: what cannot be made of its own calls is `unsupported` there, before
 * anything is sent ({@link Client.supports}).
 *
 * Every call takes a `signal` and a `timeoutMs` at the end. It rejects with an {@link EverdictError} whose `code` says
 * what happened: besides the codes that each method names, `unauthenticated`, `permission_denied`, `unavailable`,
 * `deadline_exceeded`, `cancelled`, and `dict_not_found` once the dictionary was deleted.
 *
 * @example
 * const jobs = Dict.fromName<string, Job>("jobs", { createIfMissing: true });
 * await jobs.put("next", { id: 7 });
 * const next = await jobs.pop("next", undefined);
 */
export class Dict<K extends DictKey = DictKey, V = unknown>
  extends ModalDict<K, V>
  implements AsyncDisposable
{
  /** Management of named dictionaries: create, list, delete. */
  static readonly objects: DictObjects<Dict> = new DictObjects(
    (client, info) => new Dict(DictHandle.known(client, info)),
  );

  readonly #access: DictAccess;
  #life: EphemeralLife | undefined;

  private constructor(handle: DictHandle) {
    if (!(handle instanceof DictHandle)) throw notMadeWithNew("A Dict", "Dict.fromName(name)");
    const access = new DictAccess(handle, new DictCodec(handle, (other) => new Dict(other)));
    super(access);
    this.#access = access;
    bindHandle(this, handle);
  }

  /**
   * Returns a handle for a named dictionary. It sends nothing until its first use. That finds (or creates) the
   * dictionary with one request, even if many uses come at once. If the request fails, the next use tries again.
   *
   * @throws {InvalidError} `invalid_name`, `invalid_argument`, at once; `dict_not_found`, `environment_not_found` and
   *   `conflict` (it exists with another expiry or durability) come at first use
   * @example const cache = Dict.fromName<string, Page>("cache", { createIfMissing: true });
   */
  static fromName<K extends DictKey = DictKey, V = unknown>(
    name: string,
    options: FromNameOptions<K, V> = {},
  ): Dict<K, V> {
    checkDictName(name);
    checkOptions("Dict.fromName", options);
    const find = findNamed(name, options, (pairs, call) => dict.#access.codec.encodePairs(pairs, call));
    const dict: Dict<K, V> = new Dict<K, V>(new DictHandle(options.client, name, find));
    return dict;
  }

  /**
   * Like {@link Dict.fromName}, and finds the dictionary at once.
   *
   * @deprecated Use `Dict.fromName`, and `hydrate()` where finding it at once matters.
   * @throws {NotFoundError} `dict_not_found`, `environment_not_found`
   */
  static async lookup<K extends DictKey = DictKey, V = unknown>(
    name: string,
    options: FromNameOptions<K, V> & RequestOptions = {},
  ): Promise<Dict<K, V>> {
    checkOptions("Dict.lookup", options);
    const { signal, timeoutMs, ...rest } = options;
    return Dict.fromName<K, V>(name, rest).hydrate({ signal, timeoutMs });
  }

  /**
   * Returns a handle for the dictionary with this id, which may be an ephemeral one. It sends nothing until its first
   * use.
   *
   * @throws {NotFoundError} `dict_not_found`, at first use
   */
  static fromId<K extends DictKey = DictKey, V = unknown>(
    dictId: string,
    options: { readonly client?: Client | undefined } = {},
  ): Dict<K, V> {
    checkArgument("Dict.fromId", "dictId", text, dictId);
    checkOptions("Dict.fromId", options);
    return new Dict<K, V>(
      new DictHandle(options.client, "", ({ service }, call) => service.getDictById(dictId, call()), dictId),
    );
  }

  /**
   * Creates a dictionary without a name that lives as long as its holder. The handle sends a heartbeat every 300
   * seconds, on a timer that keeps no process alive. Disposing of the handle deletes the dictionary. If the process
   * dies, the server removes it after 15 minutes without a heartbeat.
   *
   * @example
   * await using scratch = await Dict.ephemeral<string, number>();
   * await scratch.put("a", 1);
   */
  static async ephemeral<K extends DictKey = DictKey, V = unknown>(
    options: NewDictOptions<K, V> & RequestOptions = {},
  ): Promise<Dict<K, V>> {
    checkOptions("Dict.ephemeral", options);
    const find = createEphemeral(options, (pairs, call) => dict.#access.codec.encodePairs(pairs, call));
    const handle = new DictHandle(options.client, "", find);
    const dict: Dict<K, V> = new Dict<K, V>(handle);
    const { service, dictId } = await handle.hydrate(shareTime(options, handle.client.timeoutMs)());
    dict.#life = new EphemeralLife(service, dictId);
    dict.#life.start();
    return dict;
  }

  /** The same as `Dict.objects.delete`. @throws {NotFoundError} `dict_not_found`, unless `allowMissing` */
  static async delete(name: string, options: DeleteDictOptions = {}): Promise<void> {
    checkOptions("Dict.delete", options);
    return Dict.objects.delete(name, options);
  }

  /**
   * Returns an entry with its version and its end, or `undefined`. Counts as use for expiry after use. Safe to repeat.
   *
   * A version goes into `put`, `pop`, `remove` and `transaction().check`, which then notice every other write, also of
   * Python's.
   *
   * @throws {InvalidError} `invalid_key`; `unsupported` from Modal's cloud
   * @throws {DeserializationError} `deserialization_failed`
   * @example
   * const seen = await plans.entry("ann");
   * if (seen && !(await plans.put("ann", better(seen.value), { ifVersion: seen.version }))) await again();
   */
  async entry(key: K, options?: RequestOptions): Promise<DictEntry<K, V> | undefined> {
    const access = this.#access;
    const call = access.share("entry", options);
    const found = await access.beyondModal("entry", call, (dict) => findEntry(dict, access, key, call));
    if (found === undefined) return undefined;
    const { value, version, expiresAtMs } = found.entry;
    return {
      key: found.isOwnForm ? key : (access.codec.decodeKey(found.keyBytes) as K),
      value: access.codec.decodeValue(value, { key }) as V,
      version,
      expiresAt: expiresAtMs === undefined ? undefined : new Date(expiresAtMs),
    };
  }

  /**
   * Makes the next value of an entry from its present one, and writes it. **The function may run several times**, each
   * time with what is there then, until no other write came between: it must have no side effects. It gets `undefined`
   * if there is no entry, and returns {@link removed} to remove it.
   *
   * No update is lost, from whatever client it comes. Attempts pause for a random time, so that many callers on one key all finish.
   *
   * @returns what was written; `undefined` if the entry was removed
   * @throws {InvalidError} `invalid_key`, `invalid_argument`; `conflict` after `attemptsMax` attempts; `unsupported` from
   *   Modal's cloud
   * @throws {SerializationError} `serialization_failed`
   * @throws {DeserializationError} `deserialization_failed`
   * @throws what the function throws: then nothing was changed
   * @example await carts.modify("ann", (cart = []) => [...cart, "tea"]);
   */
  async modify(key: K, change: Modification<V>, options?: ModifyOptions): Promise<V | undefined> {
    const call = this.#access.share("modify", options);
    checkArgument("modify", "change", functionKind, change);
    const made = modify(this.#access, key, change as Modification<unknown>, options ?? {}, call);
    return made as Promise<V | undefined>;
  }

  /**
   * Adds to a number and returns the sum, at one instant: of concurrent additions none is lost, and one that is repeated
   * after a lost answer is done once. Python reads the entry as a plain `int` or `float`, and may write it.
   *
   * An absent entry counts as `initial`. Sums of ints are exact at any size: beyond 2^53 they are bigints.
   *
   * @throws {InvalidError} `not_a_number` if the entry is something else, `out_of_bounds` if the sum would be below `min`
   *   or above `max`: then nothing was changed; `invalid_key`, `invalid_argument`; `unsupported` from Modal's cloud
   * @example if ((await hits.increment(["ann", minute], 1, { ttlMsOnCreate: 60_000 })) > 100) refuse();
   */
  async increment(
    key: K,
    by: number | bigint = 1,
    options: IncrementOptions & RequestOptions = {},
  ): Promise<number | bigint> {
    const call = this.#access.share("increment", options);
    return increment(this.#access, key, by, options, call);
  }

  /**
   * Moves the end of an entry: `ttlMs` from now on, `null` for never, or left out as the dictionary's policy says. Value
   * and version stay.
   *
   * @returns false if there is no live entry
   * @throws {InvalidError} `invalid_key`, `invalid_argument`; `unsupported` from Modal's cloud
   * @example await sessions.touch(id, { ttlMs: 30 * 60_000 });
   */
  async touch(key: K, options: TouchOptions = {}): Promise<boolean> {
    const call = this.#access.share("touch", options);
    return touch(this.#access, key, options.ttlMs, call);
  }

  /** Begins a {@link Transaction}: conditions and changes of several entries, made at one instant or not at all. */
  transaction(): Transaction<K, V> {
    return new Transaction<K, V>(this.#access);
  }

  /**
   * Returns the values of many keys, in their order, `undefined` where no live entry is. Each is read at an instant of
   * its own. Counts as use for expiry after use. Safe to repeat.
   *
   * One request for up to 10,000 keys and some 4 MiB of values, then another. From Modal's cloud: a `get` for each key.
   *
   * @throws {InvalidError} `invalid_key`, `invalid_argument`
   * @throws {DeserializationError} `deserialization_failed`
   * @example const [ann, bob] = await ages.getMany(["ann", "bob"]);
   */
  async getMany(keys: Iterable<K>, options?: RequestOptions): Promise<(V | undefined)[]> {
    const call = this.#access.share("getMany", options);
    return getMany(this.#access, keys, call) as Promise<(V | undefined)[]>;
  }

  /**
   * Removes the entries of these keys, or of all keys that begin so. Each goes at an instant of its own; after an error
   * some are gone. With a prefix, an entry that is added meanwhile may stay. An empty prefix is refused: for all there is
   * `clear`.
   *
   * Sends requests of up to 10,000 keys. From Modal's cloud: a `pop` for each key, whose value is sent, too.
   *
   * @returns how many live entries were removed, or would be with `dryRun`
   * @throws {InvalidError} `invalid_key`, `invalid_argument`
   * @throws {DeserializationError} `deserialization_failed` at a key that may have the prefix and cannot be read
   * @example await pages.removeMany({ prefix: "docs/" }, { dryRun: true });
   */
  async removeMany(
    which: Iterable<K> | { readonly prefix: DictPrefix },
    options: RemoveManyOptions = {},
  ): Promise<number> {
    return removeMany(this.#access, which, options, this.#access.share("removeMany", options));
  }

  /**
   * Returns some entries, and where to go on. An entry that is there throughout appears exactly once over all pages; one
   * that is added, removed or changed meanwhile may or may not appear. Does not count as use for expiry. Safe to repeat.
   *
   * A page may have fewer entries than `limit` although more follow, but none only at the end. Pages go on after a
   * restart and on another server. From Modal's cloud each page reads all keys, and a `get` for each value counts as use.
   *
   * @throws {InvalidError} `invalid_argument`, also for an `after` that is not from this dictionary
   * @throws {DeserializationError} `deserialization_failed`, unless `onUndecodable` says otherwise
   * @example
   * let after: Cursor | undefined;
   * do {
   *   const { entries, next } = await users.page({ prefix: ["user"], limit: 50, after });
   *   for (const [key, user] of entries) show(key, user);
   *   after = next;
   * } while (after !== undefined);
   */
  page(options: PageOptions & { readonly values: false }): Promise<DictPage<K, undefined>>;
  page(options?: PageOptions): Promise<DictPage<K, V>>;
  async page(options: PageOptions = {}): Promise<DictPage<K, unknown>> {
    return page(this.#access, options, this.#access.share("page", options)) as Promise<DictPage<K, unknown>>;
  }

  /**
   * Returns how many entries there are, as {@link Dict.len}, and how many bytes they take where the store knows. Constant
   * time.
   *
   * @throws {InvalidError} `unsupported` from Modal's cloud
   */
  async stats(options?: RequestOptions): Promise<DictStats> {
    const call = this.#access.share("stats", options);
    return this.#access.beyondModal("stats", call, ({ service, dictId }) => service.stats(dictId, call()));
  }

  /**
   * Changes expiry or durability for what is written or used from now on; what is left out stays. Entries keep the ends
   * that they have.
   *
   * @returns how the dictionary is set up now
   * @throws {InvalidError} `invalid_argument`; `unsupported` from Modal's cloud, or if the store cannot change that
   * @example await cache.configure({ expiry: { policy: "afterUse", ttlMs: 3_600_000 } });
   */
  async configure(change: DictChange, options?: RequestOptions): Promise<DictDescription> {
    checkOptions("configure, the change", change);
    const { handle } = this.#access;
    const call = this.#access.share("configure", options);
    const info = await this.#access.beyondModal("configure", call, ({ service, dictId }) =>
      service.configureDict(dictId, change, call()),
    );
    return descriptionOf(handle.told(info));
  }

  /** Stops the heartbeats of an ephemeral dictionary and deletes it. Does nothing to any other. Never fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#life?.end();
  }
}
