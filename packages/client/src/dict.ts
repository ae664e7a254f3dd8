import { type ContentsParts, checkDictName, createError, type Entry } from "@everdict/protocol";
import { checkArgument, checkOptions, notMadeWithNew } from "./arguments/check-options.ts";
import { text } from "./arguments/option-kinds.ts";
import type { CheckedMethod } from "./arguments/option-table.ts";
import { checkDefault, type NotOptions } from "./arguments/options-as-default.ts";
import type { Client } from "./client.ts";
import { DictCodec, describeKey } from "./dict-codec.ts";
import type { DictSource } from "./dict-entries.ts";
import { bindHandle, DictHandle } from "./dict-handle.ts";
import type { DictKey } from "./dict-key.ts";
import { type DeleteDictOptions, DictObjects } from "./dict-objects.ts";
import {
  type DictDescription,
  type FromNameOptions,
  type NewDictOptions,
  noDefault,
  type PutOptions,
} from "./dict-options.ts";
import { EphemeralLife } from "./ephemeral-life.ts";
import { createEphemeral, findNamed } from "./find-dict.ts";
import type { IterationOptions } from "./iteration-options.ts";
import { EntryReader, leftOut } from "./read-entries.ts";
import { type RequestOptions, type ShareTime, shareTime } from "./request-options.ts";
import { updateInBatches } from "./update-in-batches.ts";

/**
 * A distributed dictionary, with the semantics of Python's `modal.Dict`.
 *
 * A Dict is a handle. It holds no entries, and it can itself be a value in a Dict. Keys are compared by the bytes of
 * their pickle: `1`, `"1"` and `new PyFloat(1)` are three keys, and arrays are Python's tuples. A listed key addresses
 * its own entry, whatever its class in Python (see {@link PyKey}). Values are pickles too, so Python reads what
 * TypeScript wrote. A value is a copy: changing it has no effect until you put it again.
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
  implements AsyncIterable<[K, V]>, AsyncDisposable
{
  /** Management of named dictionaries: create, list, delete. */
  static readonly objects: DictObjects<Dict> = new DictObjects(
    (client, info) => new Dict(DictHandle.known(client, info)),
  );

  readonly #handle: DictHandle;
  readonly #codec: DictCodec;
  #life: EphemeralLife | undefined;

  private constructor(handle: DictHandle) {
    if (!(handle instanceof DictHandle)) throw notMadeWithNew("A Dict", "Dict.fromName(name)");
    this.#handle = handle;
    this.#codec = new DictCodec(handle, (other) => new Dict(other));
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
    const find = findNamed(name, options, (pairs, call) => dict.#codec.encodePairs(pairs, call));
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
    const find = createEphemeral(options, (pairs, call) => dict.#codec.encodePairs(pairs, call));
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
   * The name. Empty for an ephemeral dictionary, and for a handle by id until its first use.
   */
  get name(): string {
    return this.#handle.name;
  }

  /**
   * The id, `di-` and 22 letters and digits.
   *
   * @throws {InvalidError} `invalid_argument` before the first use: `await dict.hydrate()` makes sure
   */
  get objectId(): string {
    const { known } = this.#handle;
    if (known) return known.dictId;
    throw createError("invalid_argument", `${this.#handle.describe()} has no id yet: call hydrate() first`);
  }

  /**
   * Finds (or creates) the dictionary now instead of at the first use. Does nothing if it was found before.
   *
   * @throws {NotFoundError} `dict_not_found`, `environment_not_found`
   */
  async hydrate(options?: RequestOptions): Promise<this> {
    await this.#handle.hydrate(this.#share("hydrate", options)());
    return this;
  }

  /**
   * Returns who made the dictionary and when, its expiry and its durability. These never change, so they are asked for
   * only once.
   */
  async info(options?: RequestOptions): Promise<DictDescription> {
    const info = await this.#handle.info(this.#share("info", options));
    const { name, createdAtSeconds, createdBy, expiry, durability } = info;
    return { name, createdAt: new Date(createdAtSeconds * 1000), createdBy, expiry, durability };
  }

  /**
   * Returns the value of a key, or the default, or `undefined`. Counts as use for expiry after use. Safe to repeat.
   *
   * @throws {InvalidError} `invalid_key`
   * @throws {DeserializationError} `deserialization_failed`
   */
  get(key: K): Promise<V | undefined>;
  get<D>(key: K, defaultValue: D & NotOptions<D>): Promise<V | D>;
  get(key: K, defaultValue: V): Promise<V>;
  get<D>(key: K, defaultValue: D, options: RequestOptions | undefined): Promise<V | D>;
  async get(key: K, defaultValue?: unknown, options?: RequestOptions): Promise<unknown> {
    if (options === undefined) checkDefault("get", defaultValue);
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share("get", options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    let bytes = await service.get(dictId, keyBytes, call());
    bytes ??= await this.#codec.elsewhere(key, (form) => service.get(dictId, form, call()));
    return bytes === undefined ? defaultValue : this.#codec.decodeValue(bytes, { key });
  }

  /**
   * Writes an entry with a fresh expiry. Atomic. When it resolves, the entry is as durable as the dictionary promises.
   *
   * With `skipIfExists` it writes only if no live entry exists: of any number of concurrent callers exactly one gets
   * `true`. If an answer is lost and the client repeats the call, the repeat gets the first answer.
   *
   * @returns whether it was written; `false` only with `skipIfExists`.
   * @throws {InvalidError} `invalid_key`
   * @throws {SerializationError} `serialization_failed`
   * @throws {RequestSizeError} `key_too_large`, `value_too_large`
   * @example if (await locks.put("job-7", worker, { skipIfExists: true })) await run();
   */
  async put(key: K, value: V, options?: PutOptions): Promise<boolean> {
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share("put", options);
    // Encoded before anything is waited for: the program may change the value right after the call.
    const encoded = this.#codec.encodeValue(value, call);
    const valueBytes = encoded instanceof Uint8Array ? encoded : await encoded;
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    if (options?.skipIfExists) return service.putIfAbsent(dictId, keyBytes, valueBytes, call());
    await service.update(dictId, [{ key: keyBytes, value: valueBytes }], call());
    return true;
  }

  /**
   * Writes many entries: a Map, pairs, a plain object, or an async iterable of pairs, such as another Dict. Of equal
   * keys the last wins.
   *
   * Sends the entries in order, in requests of up to 10,000 entries (and 100 MiB). Each request takes effect as a
   * whole. After an error in one, the earlier ones stay. Safe to repeat.
   *
   * @throws {InvalidError} `invalid_key`, `invalid_argument`
   * @throws {SerializationError} `serialization_failed`
   * @throws {RequestSizeError} `key_too_large`, `value_too_large`, `request_too_large`
   * @example await ages.update({ ann: 31, bob: 27 });
   */
  async update(entries: DictSource<K, V>, options?: RequestOptions): Promise<void> {
    const call = this.#share("update", options);
    await updateInBatches(entries, this.#codec, call, async (batch) => {
      const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
      await service.update(dictId, batch, call());
    });
  }

  /**
   * Removes an entry and resolves to its value.
   *
   * Atomic: of concurrent callers at most one receives the value. If an answer is lost and the client repeats the call,
   * the repeat still gets the value. After `deadline_exceeded` or `cancelled` the entry may be gone.
   *
   * @param defaultValue what to return if no live entry exists; may be `undefined`. Without it, or with {@link
   *   noDefault}, absence is an error.
   * @throws {KeyError} `key_not_found` if no live entry exists and no default was given
   * @throws {InvalidError} `invalid_key`
   * @throws {DeserializationError} `deserialization_failed`; the entry is gone all the same
   * @example const job = await jobs.pop("next", null);
   */
  pop(key: K): Promise<V>;
  pop(key: K, defaultValue: typeof noDefault, options?: RequestOptions): Promise<V>;
  pop<D>(key: K, defaultValue: D & NotOptions<D>): Promise<V | D>;
  pop(key: K, defaultValue: V): Promise<V>;
  pop<D>(key: K, defaultValue: D, options: RequestOptions | undefined): Promise<V | D>;
  async pop(key: K, ...rest: [defaultValue?: unknown, options?: RequestOptions]): Promise<unknown> {
    const [defaultValue, options] = rest;
    if (options === undefined) checkDefault("pop", defaultValue);
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share("pop", options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    let bytes = await service.pop(dictId, keyBytes, call());
    bytes ??= await this.#codec.elsewhere(key, (form) => service.pop(dictId, form, call()), { inTurn: true });
    if (bytes !== undefined) return this.#codec.decodeValue(bytes, { key });
    if (rest.length > 0 && defaultValue !== noDefault) return defaultValue;
    throw createError("key_not_found", `${describeKey(key)} is not a key of ${this.#handle.describe()}`);
  }

  /**
   * Removes an entry. Resolves to whether a live one was there.
   *
   * As {@link Dict.pop} without a value: atomic, so of concurrent callers at most one gets `true`, and a repeat after a
   * lost answer gets the first answer. The value is not sent, except over `transport: "grpc"` and from Modal's cloud,
   * where it is a `pop`. After `deadline_exceeded` or `cancelled` the entry may be gone.
   *
   * @throws {InvalidError} `invalid_key`
   * @example if (await locks.remove("job-7")) console.log("released");
   */
  async remove(key: K, options?: RequestOptions): Promise<boolean> {
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share("remove", options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    if (await service.remove(dictId, keyBytes, call())) return true;
    const removed = (form: Uint8Array) => service.remove(dictId, form, call());
    return (await this.#codec.elsewhere(key, removed, { inTurn: true })) ?? false;
  }

  /** Returns whether a live entry exists. Does not count as use for expiry. @throws {InvalidError} `invalid_key` */
  async contains(key: K, options?: RequestOptions): Promise<boolean> {
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share("contains", options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    if (await service.contains(dictId, keyBytes, call())) return true;
    return (await this.#codec.elsewhere(key, (form) => service.contains(dictId, form, call()))) ?? false;
  }

  /** Returns the number of entries. It includes entries that have expired but are not yet swept. Constant time. */
  async len(options?: RequestOptions): Promise<number> {
    const call = this.#share("len", options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    return service.len(dictId, call());
  }

  /** Removes all entries. Constant time for the caller. Safe to repeat. */
  async clear(options?: RequestOptions): Promise<void> {
    const call = this.#share("clear", options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    await service.clear(dictId, call());
  }

  /**
   * Iterates over the keys, in no particular order, as fast as the caller takes them. Memory does not grow with the
   * dictionary. A key that is present throughout appears exactly once; a key that is added or removed meanwhile may or
   * may not appear. `timeoutMs` bounds the whole iteration. Without it, each wait for more keys is bounded.
   *
   * @throws {DeserializationError} `deserialization_failed` at an entry that cannot be read, unless `onUndecodable`
   *   says otherwise
   */
  async *keys(options: IterationOptions = {}): AsyncGenerator<K, void, undefined> {
    const reader = new EntryReader(this.#codec, options);
    for await (const batch of this.#contents("keys", { keys: true, values: false }, options)) {
      for (const entry of batch) {
        const key = reader.key(entry);
        if (key !== leftOut) yield key as K;
      }
    }
  }

  /** Iterates over the values, with the same guarantees as {@link Dict.keys}. Does not count as use for expiry. */
  async *values(options: IterationOptions = {}): AsyncGenerator<V, void, undefined> {
    const reader = new EntryReader(this.#codec, options);
    for await (const batch of this.#contents("values", { keys: reader.tellsKeys, values: true }, options)) {
      for (const entry of batch) {
        const value = reader.valueAlone(entry);
        if (value !== leftOut) yield value as V;
      }
    }
  }

  /**
   * Iterates over the entries as `[key, value]`, with the same guarantees as {@link Dict.keys}. Does not count as use
   * for expiry.
   *
   * @example for await (const [name, age] of ages.items()) console.log(name, age);
   */
  async *items(options: IterationOptions = {}): AsyncGenerator<[K, V], void, undefined> {
    const reader = new EntryReader(this.#codec, options);
    for await (const batch of this.#contents("items", { keys: true, values: true }, options)) {
      for (const entry of batch) {
        const key = reader.key(entry);
        const value = key === leftOut ? leftOut : reader.value(entry, key);
        if (value !== leftOut) yield [key as K, value as V];
      }
    }
  }

  /** The same as {@link Dict.items}, as with JavaScript's Map. (Python iterates over the keys.) */
  [Symbol.asyncIterator](): AsyncGenerator<[K, V], void, undefined> {
    return this.items();
  }

  /** A line that names the dictionary, for messages and logs. */
  toString(): string {
    return this.#handle.describe();
  }

  /** What `console.log` shows in Node, Bun and Deno: the same line. Sends nothing. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Stops the heartbeats of an ephemeral dictionary and deletes it. Does nothing to any other. Never fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#life?.end();
  }

  /** Checks the options of a call and turns them into the bounds of its requests. Most calls have none. */
  #share(method: CheckedMethod, options: RequestOptions | undefined): ShareTime {
    if (options !== undefined) checkOptions(method, options);
    return shareTime(options, this.#handle.client.timeoutMs);
  }

  async *#contents(
    method: "keys" | "values" | "items",
    parts: ContentsParts,
    options: IterationOptions,
  ): AsyncIterable<readonly Entry[]> {
    const call = this.#share(method, options);
    const { signal, timeoutMs } = options;
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    // The client's default is for calls, not for streams, whose pace the consumer sets.
    yield* service.contents(dictId, parts, { signal, timeoutMs });
  }
}
