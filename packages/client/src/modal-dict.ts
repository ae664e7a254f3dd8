import { createError } from "@everdict/protocol";
import { checkDefault, type NotOptions } from "./arguments/options-as-default.ts";
import type { DictAccess } from "./dict-access.ts";
import {
  isBeyondModal,
  popAny,
  popVersion,
  putWith,
  removeVersion,
  updateWith,
  versionIn,
} from "./dict-changes.ts";
import { describeKey } from "./dict-codec.ts";
import type { DictSource } from "./dict-entries.ts";
import type { DictKey } from "./dict-key.ts";
import {
  type DictDescription,
  descriptionOf,
  noDefault,
  type PutOptions,
  type RemoveOptions,
  type UpdateOptions,
} from "./dict-options.ts";
import type { IterationOptions } from "./iteration-options.ts";
import { EntryReader, leftOut } from "./read-entries.ts";
import type { RequestOptions } from "./request-options.ts";
import { updateInBatches } from "./update-in-batches.ts";

/**
 * The calls of Modal's Dict. What they take beside a key and a value may go beyond Modal: conditions, times to live and
 * prefixes.
 *
 * A program has a {@link Dict}, which is one of these and more.
 */
export abstract class ModalDict<K extends DictKey, V> implements AsyncIterable<[K, V]> {
  readonly #access: DictAccess;

  /** @internal */
  protected constructor(access: DictAccess) {
    this.#access = access;
  }

  /**
   * The name. Empty for an ephemeral dictionary, and for a handle by id until its first use.
   */
  get name(): string {
    return this.#access.handle.name;
  }

  /**
   * The id, `di-` and 22 letters and digits.
   *
   * @throws {InvalidError} `invalid_argument` before the first use: `await dict.hydrate()` makes sure
   */
  get objectId(): string {
    const { known } = this.#access.handle;
    if (known) return known.dictId;
    throw createError(
      "invalid_argument",
      `${this.#access.handle.describe()} has no id yet: call hydrate() first`,
    );
  }

  /**
   * Finds (or creates) the dictionary now instead of at the first use. Does nothing if it was found before.
   *
   * @throws {NotFoundError} `dict_not_found`, `environment_not_found`
   */
  async hydrate(options?: RequestOptions): Promise<this> {
    await this.#access.handle.hydrate(this.#access.share("hydrate", options)());
    return this;
  }

  /**
   * Returns who made the dictionary and when, and its expiry and durability as they are at present.
   */
  async info(options?: RequestOptions): Promise<DictDescription> {
    return descriptionOf(await this.#access.handle.info(this.#access.share("info", options)));
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
    const keyBytes = this.#access.codec.encodeKey(key);
    const call = this.#access.share("get", options);
    const { service, dictId } = this.#access.handle.ready ?? (await this.#access.handle.hydrate(call()));
    let bytes = await service.get(dictId, keyBytes, call());
    bytes ??= await this.#access.codec.elsewhere(key, (form) => service.get(dictId, form, call()));
    return bytes === undefined ? defaultValue : this.#access.codec.decodeValue(bytes, { key });
  }

  /**
   * Writes an entry with a fresh expiry. Atomic. When it resolves, the entry is as durable as the dictionary promises.
   *
   * With `skipIfExists` it writes only if no live entry exists: of any number of concurrent callers exactly one gets
   * `true`. With `onlyIfExists` it writes only over a live entry, and with `ifVersion` only over the very write that
   * {@link Dict.entry} saw. If an answer is lost and the client repeats such a call, the repeat gets the first answer.
   *
   * @returns whether it was written; `false` only with one of these conditions.
   * @throws {InvalidError} `invalid_key`, `invalid_argument`; `unsupported` from Modal's cloud for `onlyIfExists`,
   *   `ifVersion` and `ttlMs`
   * @throws {SerializationError} `serialization_failed`
   * @throws {RequestSizeError} `key_too_large`, `value_too_large`
   * @example if (await locks.put("job-7", worker, { skipIfExists: true })) await run();
   */
  async put(key: K, value: V, options?: PutOptions): Promise<boolean> {
    const keyBytes = this.#access.codec.encodeKey(key);
    const call = this.#access.share("put", options);
    // Encoded before anything is waited for: the program may change the value right after the call.
    const encoded = this.#access.codec.encodeValue(value, call);
    const valueBytes = encoded instanceof Uint8Array ? encoded : await encoded;
    if (options && isBeyondModal(options))
      return putWith(this.#access, { key, keyBytes, valueBytes }, options, call);
    const { service, dictId } = this.#access.handle.ready ?? (await this.#access.handle.hydrate(call()));
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
   * @throws {InvalidError} `invalid_key`, `invalid_argument`; `unsupported` from Modal's cloud for `ttlMs`
   * @throws {SerializationError} `serialization_failed`
   * @throws {RequestSizeError} `key_too_large`, `value_too_large`, `request_too_large`
   * @example await ages.update({ ann: 31, bob: 27 });
   */
  async update(entries: DictSource<K, V>, options?: UpdateOptions): Promise<void> {
    const call = this.#access.share("update", options);
    const { ttlMs } = options ?? {};
    await updateInBatches(entries, this.#access.codec, call, async (batch) => {
      if (ttlMs !== undefined) return updateWith(this.#access, batch, ttlMs, call);
      const { service, dictId } = this.#access.handle.ready ?? (await this.#access.handle.hydrate(call()));
      return service.update(dictId, batch, call());
    });
  }

  /**
   * Removes an entry and resolves to its value.
   *
   * Atomic: of concurrent callers at most one receives the value. If an answer is lost and the client repeats the call,
   * the repeat still gets the value. After `deadline_exceeded` or `cancelled` the entry may be gone. With `ifVersion` an
   * entry of another version counts as absent; this takes two requests.
   *
   * @param defaultValue what to return if no live entry exists; may be `undefined`. Without it, or with {@link
   *   noDefault}, absence is an error.
   * @throws {KeyError} `key_not_found` if no live entry exists and no default was given
   * @throws {InvalidError} `invalid_key`, `invalid_argument`; `unsupported` from Modal's cloud for `ifVersion`
   * @throws {DeserializationError} `deserialization_failed`; the entry is gone all the same
   * @example const job = await jobs.pop("next", null);
   */
  pop(key: K): Promise<V>;
  pop(key: K, defaultValue: typeof noDefault, options?: RemoveOptions): Promise<V>;
  pop<D>(key: K, defaultValue: D & NotOptions<D>): Promise<V | D>;
  pop(key: K, defaultValue: V): Promise<V>;
  pop<D>(key: K, defaultValue: D, options: RemoveOptions | undefined): Promise<V | D>;
  async pop(key: K, ...rest: [defaultValue?: unknown, options?: RemoveOptions]): Promise<unknown> {
    const [defaultValue, options] = rest;
    if (options === undefined) checkDefault("pop", defaultValue);
    const keyBytes = this.#access.codec.encodeKey(key);
    const call = this.#access.share("pop", options);
    const ifVersion = versionIn("pop", options);
    const bytes =
      ifVersion === undefined
        ? await popAny(this.#access, key, keyBytes, call)
        : await popVersion(this.#access, key, ifVersion, call);
    if (bytes !== undefined) return this.#access.codec.decodeValue(bytes, { key });
    if (rest.length > 0 && defaultValue !== noDefault) return defaultValue;
    throw createError(
      "key_not_found",
      `${describeKey(key)} is not a key of ${this.#access.handle.describe()}`,
    );
  }

  /**
   * Removes an entry. Resolves to whether a live one was there.
   *
   * As {@link Dict.pop} without a value: atomic, so of concurrent callers at most one gets `true`, and a repeat after a
   * lost answer gets the first answer. The value is not sent, except over `transport: "grpc"` and from Modal's cloud,
   * where it is a `pop`. After `deadline_exceeded` or `cancelled` the entry may be gone.
   *
   * With `ifVersion` an entry of another version counts as absent, and stays.
   *
   * @throws {InvalidError} `invalid_key`, `invalid_argument`; `unsupported` from Modal's cloud for `ifVersion`
   * @example if (await locks.remove("job-7")) console.log("released");
   */
  async remove(key: K, options?: RemoveOptions): Promise<boolean> {
    const keyBytes = this.#access.codec.encodeKey(key);
    const call = this.#access.share("remove", options);
    const ifVersion = versionIn("remove", options);
    if (ifVersion !== undefined) return removeVersion(this.#access, key, ifVersion, call);
    const { service, dictId } = this.#access.handle.ready ?? (await this.#access.handle.hydrate(call()));
    if (await service.remove(dictId, keyBytes, call())) return true;
    const removed = (form: Uint8Array) => service.remove(dictId, form, call());
    return (await this.#access.codec.elsewhere(key, removed, { inTurn: true })) ?? false;
  }

  /** Returns whether a live entry exists. Does not count as use for expiry. @throws {InvalidError} `invalid_key` */
  async contains(key: K, options?: RequestOptions): Promise<boolean> {
    const keyBytes = this.#access.codec.encodeKey(key);
    const call = this.#access.share("contains", options);
    const { service, dictId } = this.#access.handle.ready ?? (await this.#access.handle.hydrate(call()));
    if (await service.contains(dictId, keyBytes, call())) return true;
    return (
      (await this.#access.codec.elsewhere(key, (form) => service.contains(dictId, form, call()))) ?? false
    );
  }

  /** Returns the number of entries. It includes entries that have expired but are not yet swept. Constant time. */
  async len(options?: RequestOptions): Promise<number> {
    const call = this.#access.share("len", options);
    const { service, dictId } = this.#access.handle.ready ?? (await this.#access.handle.hydrate(call()));
    return service.len(dictId, call());
  }

  /** Removes all entries. Constant time for the caller. Safe to repeat. */
  async clear(options?: RequestOptions): Promise<void> {
    const call = this.#access.share("clear", options);
    const { service, dictId } = this.#access.handle.ready ?? (await this.#access.handle.hydrate(call()));
    await service.clear(dictId, call());
  }

  /**
   * Iterates over the keys, in no particular order, as fast as the caller takes them. Memory does not grow with the
   * dictionary. A key that is present throughout appears exactly once; a key that is added or removed meanwhile may or
   * may not appear. With `prefix` there are only keys that begin so. `timeoutMs` bounds the whole iteration. Without it, each wait for more keys is bounded.
   *
   * @throws {DeserializationError} `deserialization_failed` at an entry that cannot be read, unless `onUndecodable`
   *   says otherwise
   */
  async *keys(options: IterationOptions = {}): AsyncGenerator<K, void, undefined> {
    const call = this.#access.share("keys", options);
    const reader = new EntryReader(this.#access.codec, options);
    const parts = { keys: true, values: false, match: reader.match };
    for await (const batch of this.#access.contents(parts, options, call)) {
      for (const entry of batch) {
        const key = reader.key(entry);
        if (key !== leftOut) yield key as K;
      }
    }
  }

  /** Iterates over the values, with the same guarantees as {@link Dict.keys}. Does not count as use for expiry. */
  async *values(options: IterationOptions = {}): AsyncGenerator<V, void, undefined> {
    const call = this.#access.share("values", options);
    const reader = new EntryReader(this.#access.codec, options);
    const parts = { keys: reader.needsKeys, values: true, match: reader.match };
    for await (const batch of this.#access.contents(parts, options, call)) {
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
    const call = this.#access.share("items", options);
    const reader = new EntryReader(this.#access.codec, options);
    const parts = { keys: true, values: true, match: reader.match };
    for await (const batch of this.#access.contents(parts, options, call)) {
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
    return this.#access.handle.describe();
  }

  /** What `console.log` shows in Node, Bun and Deno: the same line. Sends nothing. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
