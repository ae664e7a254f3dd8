import {
  type ContentsParts,
  checkDictName,
  createError,
  type Durability,
  type Entry,
  type ExpiryPolicy,
} from "@everdict/protocol";
import type { Client } from "./client.ts";
import { DictCodec, describeKey } from "./dict-codec.ts";
import { type DictEntries, type DictSource, isAsyncSource, pairsOf, pairsOfSource } from "./dict-entries.ts";
import { bindHandle, DictHandle } from "./dict-handle.ts";
import { type DeleteDictOptions, type DictLocation, DictObjects } from "./dict-objects.ts";
import { EphemeralLife } from "./ephemeral-life.ts";
import { type RequestOptions, type ShareTime, shareTime } from "./request-options.ts";
import { UpdateBatch } from "./update-batches.ts";

/** What {@link Dict.ephemeral} takes besides the bounds of the call. */
export interface NewDictOptions<K, V> extends DictLocation {
  /** Initial content, applied only if the dictionary is created. At most 10,000 entries. */
  readonly data?: DictEntries<K, V> | undefined;
  /** When entries expire, applied only if the dictionary is created. Default: the server's policy. */
  readonly expiry?: ExpiryPolicy | undefined;
  /**
   * How durable a write is when its promise resolves, applied only if the dictionary is created. Default: the
   * server's. Ignored by Modal's cloud.
   */
  readonly durability?: Durability | undefined;
}

/** What {@link Dict.fromName} takes. */
export interface FromNameOptions<K, V> extends NewDictOptions<K, V> {
  /** Whether the first use creates the dictionary if it is not there. Default: false. */
  readonly createIfMissing?: boolean | undefined;
}

/** What {@link Dict.put} takes. */
export interface PutOptions extends RequestOptions {
  /** Whether to leave the entry alone if the key is there. Default: false. */
  readonly skipIfExists?: boolean | undefined;
}

/** Who made a dictionary and when. */
export interface DictDescription {
  /** Empty for an ephemeral dictionary. */
  readonly name: string;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** Given to {@link Dict.pop} as default: there is none. Needed only to say so before its options. */
export const noDefault: unique symbol = Symbol("noDefault");

/**
 * A distributed dictionary, with the semantics of Python's `modal.Dict`.
 *
 * A Dict is a handle: it holds no entries, and is itself a value that can be put into a Dict. Keys are compared
 * by the bytes of their pickle: `1`, `"1"` and `new PyFloat(1)` are three keys, arrays are Python's tuples. A key that
 * was listed addresses its own entry, whatever its class in Python (see {@link PyKey}). Values are pickles too, so Python
 * reads what TypeScript wrote. A value is a copy: changing it changes nothing until it is put again.
 *
 * Every call takes a `signal` and a `timeoutMs` at the end, and rejects with an {@link EverdictError} whose `code`
 * says what happened: besides what each method names, `unauthenticated`, `permission_denied`, `unavailable`,
 * `deadline_exceeded`, `cancelled`, and `dict_not_found` once the dictionary was deleted.
 *
 * @example
 * const jobs = Dict.fromName<string, Job>("jobs", { createIfMissing: true });
 * await jobs.put("next", { id: 7 });
 * const next = await jobs.pop("next", undefined);
 */
export class Dict<K = unknown, V = unknown> implements AsyncIterable<[K, V]>, AsyncDisposable {
  /** Management of named dictionaries: create, list, delete. */
  static readonly objects = new DictObjects((client, info) => new Dict(DictHandle.known(client, info)));

  readonly #handle: DictHandle;
  readonly #codec: DictCodec;
  #life: EphemeralLife | undefined;

  private constructor(handle: DictHandle) {
    this.#handle = handle;
    this.#codec = new DictCodec(handle, (other) => new Dict(other));
    bindHandle(this, handle);
  }

  /**
   * A handle for a named dictionary. Nothing is sent until its first use, which finds (or creates) the
   * dictionary with one request, however many uses come at once; if that fails, the next use tries again.
   *
   * @throws {InvalidError} `invalid_name`, at once; `dict_not_found` and `environment_not_found` come at first use
   * @example const cache = Dict.fromName<string, Page>("cache", { createIfMissing: true });
   */
  static fromName<K = unknown, V = unknown>(name: string, options: FromNameOptions<K, V> = {}): Dict<K, V> {
    checkDictName(name);
    const mode = options.createIfMissing ? "createIfMissing" : "lookup";
    const pairs = mode === "lookup" ? [] : copyOf(options.data);
    const dict: Dict<K, V> = new Dict<K, V>(
      new DictHandle(options.client, name, async ({ service, environment }, call) => {
        const data = await dict.#codec.encodePairs(pairs, call);
        const where = { environment: options.environment ?? environment, name };
        const { expiry, durability } = options;
        return service.getOrCreateDict({ mode, ...where, data, expiry, durability }, call());
      }),
    );
    return dict;
  }

  /**
   * Like {@link Dict.fromName}, and finds the dictionary at once.
   *
   * @deprecated Use `Dict.fromName`, and `hydrate()` where finding it at once matters.
   * @throws {NotFoundError} `dict_not_found`, `environment_not_found`
   */
  static lookup<K = unknown, V = unknown>(
    name: string,
    options: FromNameOptions<K, V> & RequestOptions = {},
  ): Promise<Dict<K, V>> {
    return Dict.fromName<K, V>(name, options).hydrate(options);
  }

  /**
   * A handle for the dictionary of an id, ephemeral ones included. Nothing is sent until its first use.
   *
   * @throws {NotFoundError} `dict_not_found`, at first use
   */
  static fromId<K = unknown, V = unknown>(
    dictId: string,
    options: { readonly client?: Client | undefined } = {},
  ): Dict<K, V> {
    return new Dict<K, V>(
      new DictHandle(options.client, "", ({ service }, call) => service.getDictById(dictId, call())),
    );
  }

  /**
   * Creates a dictionary without a name, that lives as long as it is held: heartbeats, every 300 seconds on a
   * timer that keeps no process alive, until it is disposed of, which deletes it. If the process dies, the server
   * removes it after 15 minutes without a beat.
   *
   * @example
   * await using scratch = await Dict.ephemeral<string, number>();
   * await scratch.put("a", 1);
   */
  static async ephemeral<K = unknown, V = unknown>(
    options: NewDictOptions<K, V> & RequestOptions = {},
  ): Promise<Dict<K, V>> {
    const pairs = copyOf(options.data);
    const handle = new DictHandle(options.client, "", async (session, call) => {
      const data = await dict.#codec.encodePairs(pairs, call);
      const environment = options.environment ?? session.environment;
      return session.service.getOrCreateDict(
        { mode: "ephemeral", environment, data, expiry: options.expiry, durability: options.durability },
        call(),
      );
    });
    const dict: Dict<K, V> = new Dict<K, V>(handle);
    const { service, dictId } = await handle.hydrate(dict.#share(options)());
    dict.#life = new EphemeralLife(service, dictId);
    dict.#life.start();
    return dict;
  }

  /**
   * Deletes a named dictionary and all its entries; the same as `Dict.objects.delete`.
   *
   * @throws {NotFoundError} `dict_not_found`, unless `allowMissing`
   */
  static delete(name: string, options: DeleteDictOptions = {}): Promise<void> {
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
   * Finds (or creates) the dictionary now instead of at the first use. Does nothing if that was done.
   *
   * @throws {NotFoundError} `dict_not_found`, `environment_not_found`
   */
  async hydrate(options: RequestOptions = {}): Promise<this> {
    await this.#handle.hydrate(this.#share(options)());
    return this;
  }

  /** Who made the dictionary and when; what never changes, so it is asked for only once. */
  async info(options: RequestOptions = {}): Promise<DictDescription> {
    const { name, createdAtSeconds, createdBy } = await this.#handle.info(this.#share(options));
    return { name, createdAt: new Date(createdAtSeconds * 1000), createdBy };
  }

  /**
   * The value of a key, or the default, or `undefined`. Counts as use for expiry after use. Safe to repeat.
   *
   * @throws {InvalidError} `invalid_key`
   * @throws {DeserializationError} `deserialization_failed`
   */
  get(key: K): Promise<V | undefined>;
  get<D>(key: K, defaultValue: D, options?: RequestOptions): Promise<V | D>;
  async get(key: K, defaultValue?: unknown, options: RequestOptions = {}): Promise<unknown> {
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share(options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    let bytes = await service.get(dictId, keyBytes, call());
    bytes ??= await this.#codec.elsewhere(key, (form) => service.get(dictId, form, call()));
    return bytes === undefined ? defaultValue : this.#codec.decodeValue(bytes, { key });
  }

  /**
   * Writes an entry, with a fresh expiry. Atomic; durable as the server promises once it resolves.
   *
   * With `skipIfExists` it is written only if no live entry is there: of any number of concurrent callers exactly
   * one gets `true`. A call that is repeated after a lost answer still gets its own answer.
   *
   * @returns whether it was written; `false` only with `skipIfExists`.
   * @throws {InvalidError} `invalid_key`
   * @throws {SerializationError} `serialization_failed`
   * @throws {RequestSizeError} `key_too_large`, `value_too_large`
   * @example if (await locks.put("job-7", worker, { skipIfExists: true })) await run();
   */
  async put(key: K, value: V, options: PutOptions = {}): Promise<boolean> {
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share(options);
    // Encoded before anything is waited for: the program may change the value right after the call.
    const encoded = this.#codec.encodeValue(value, call);
    const entry = { key: keyBytes, value: encoded instanceof Uint8Array ? encoded : await encoded };
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    return service.update(dictId, [entry], options.skipIfExists ?? false, call());
  }

  /**
   * Writes many entries: a Map, pairs, a plain object, or pairs that come one by one, such as another Dict. Of
   * equal keys the last wins.
   *
   * Sent in order, in requests of up to 10,000 entries (and 100 MiB); each request takes effect as a whole, but
   * after an error in one the earlier ones stay. Safe to repeat.
   *
   * @throws {InvalidError} `invalid_key`, `invalid_argument`
   * @throws {SerializationError} `serialization_failed`
   * @throws {RequestSizeError} `key_too_large`, `value_too_large`, `request_too_large`
   * @example await ages.update({ ann: 31, bob: 27 });
   */
  async update(entries: DictSource<K, V>, options: RequestOptions = {}): Promise<void> {
    const call = this.#share(options);
    const batch = new UpdateBatch();
    let isSent = false;
    const send = async (full: readonly Entry[]): Promise<void> => {
      const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
      await service.update(dictId, full, false, call());
      isSent = true;
    };
    const add = (key: K, value: V): Promise<void> | undefined => {
      const keyBytes = this.#codec.encodeKey(key);
      const gather = (valueBytes: Uint8Array) => {
        const full = batch.add({ key: keyBytes, value: valueBytes });
        return full && send(full);
      };
      const encoded = this.#codec.encodeValue(value, call);
      return encoded instanceof Uint8Array ? gather(encoded) : encoded.then(gather);
    };
    // Pairs that are there at once are taken without a pause, unless there is something to wait for.
    if (isAsyncSource(entries))
      for await (const [key, value] of pairsOfSource(entries)) await add(key, value);
    else {
      for (const [key, value] of pairsOf<K, V>(entries)) {
        const waiting = add(key, value);
        if (waiting) await waiting;
      }
    }
    const rest = batch.take();
    // An empty update is sent too: that the dictionary is not there should not go unnoticed.
    if (rest.length > 0 || !isSent) await send(rest);
  }

  /**
   * Removes an entry and resolves to the value it held.
   *
   * Atomic: of concurrent callers at most one receives the value. A call that is repeated after a lost answer
   * still gets the value. After `deadline_exceeded` or `cancelled` the entry may be gone.
   *
   * @param defaultValue what to answer if no live entry is there, `undefined` included; left out, or
   *   {@link noDefault}: then that is an error.
   * @throws {KeyError} `key_not_found` if no live entry is there and no default was given
   * @throws {InvalidError} `invalid_key`
   * @throws {DeserializationError} `deserialization_failed`; the entry is gone all the same
   * @example const job = await jobs.pop("next", null);
   */
  pop(key: K): Promise<V>;
  pop(key: K, defaultValue: typeof noDefault, options?: RequestOptions): Promise<V>;
  pop<D>(key: K, defaultValue: D, options?: RequestOptions): Promise<V | D>;
  async pop(key: K, ...rest: [defaultValue?: unknown, options?: RequestOptions]): Promise<unknown> {
    const [defaultValue, options = {}] = rest;
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share(options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    let bytes = await service.pop(dictId, keyBytes, call());
    bytes ??= await this.#codec.elsewhere(key, (form) => service.pop(dictId, form, call()), { inTurn: true });
    if (bytes !== undefined) return this.#codec.decodeValue(bytes, { key });
    if (rest.length > 0 && defaultValue !== noDefault) return defaultValue;
    throw createError("key_not_found", `${describeKey(key)} is not a key of ${this.#handle.describe()}`);
  }

  /** Whether a live entry is there. Does not count as use for expiry. @throws {InvalidError} `invalid_key` */
  async contains(key: K, options: RequestOptions = {}): Promise<boolean> {
    const keyBytes = this.#codec.encodeKey(key);
    const call = this.#share(options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    if (await service.contains(dictId, keyBytes, call())) return true;
    return (await this.#codec.elsewhere(key, (form) => service.contains(dictId, form, call()))) ?? false;
  }

  /** The number of entries, those included that have expired but are not yet swept. Constant time. */
  async len(options: RequestOptions = {}): Promise<number> {
    const call = this.#share(options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    return service.len(dictId, call());
  }

  /** Removes all entries. Constant time for the caller. Safe to repeat. */
  async clear(options: RequestOptions = {}): Promise<void> {
    const call = this.#share(options);
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(call()));
    await service.clear(dictId, call());
  }

  /**
   * The keys, in no particular order, as fast as they are taken and in memory that does not grow. A key present
   * throughout appears exactly once; one added or removed meanwhile may or may not. `timeoutMs` bounds the whole
   * iteration; without it, each wait for more is bounded.
   *
   * @throws {DeserializationError} `deserialization_failed`, at a key that cannot be read
   */
  async *keys(options: RequestOptions = {}): AsyncGenerator<K, void, undefined> {
    for await (const batch of this.#contents({ keys: true, values: false }, options)) {
      for (const entry of batch) yield this.#codec.decodeKey(entry.key) as K;
    }
  }

  /** The values, under the same terms as {@link Dict.keys}. Does not count as use for expiry. */
  async *values(options: RequestOptions = {}): AsyncGenerator<V, void, undefined> {
    for await (const batch of this.#contents({ keys: false, values: true }, options)) {
      for (const entry of batch) yield this.#codec.decodeValue(entry.value) as V;
    }
  }

  /**
   * The entries as `[key, value]`, under the same terms as {@link Dict.keys}. Does not count as use for expiry.
   *
   * @example for await (const [name, age] of ages.items()) console.log(name, age);
   */
  async *items(options: RequestOptions = {}): AsyncGenerator<[K, V], void, undefined> {
    for await (const batch of this.#contents({ keys: true, values: true }, options)) {
      for (const entry of batch) {
        const key = this.#codec.decodeKey(entry.key) as K;
        yield [key, this.#codec.decodeValue(entry.value, { key }) as V];
      }
    }
  }

  /** The same as {@link Dict.items}, as JavaScript's Map has it (Python iterates the keys). */
  [Symbol.asyncIterator](): AsyncGenerator<[K, V], void, undefined> {
    return this.items();
  }

  /** Stops the heartbeats of an ephemeral dictionary and deletes it. Does nothing to any other. Never fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#life?.end();
  }

  #share(options: RequestOptions): ShareTime {
    return shareTime(options, this.#handle.client.timeoutMs);
  }

  async *#contents(parts: ContentsParts, options: RequestOptions): AsyncIterable<readonly Entry[]> {
    const { service, dictId } = this.#handle.ready ?? (await this.#handle.hydrate(this.#share(options)()));
    // The client's default is meant for calls, not for streams whose pace the consumer sets.
    yield* service.contents(dictId, parts, options);
  }
}

// Copied when the handle is made: an iterator can be read only once, and a Map may change before the first use.
function copyOf<K, V>(data: DictEntries<K, V> | undefined): readonly (readonly [K, V])[] {
  return data === undefined ? [] : [...pairsOf<K, V>(data)];
}
