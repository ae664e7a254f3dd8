import assert from "node:assert/strict";
import type {
  Change,
  CommitOutcome,
  Condition,
  ContentsParts,
  ExpiryPolicy,
  FoundEntry,
  TimeToLiveMs,
  Version,
} from "@everdict/protocol";
import type { IdempotencyOption, Store } from "../store.ts";
import { type BytesLike, bytes, entry, text } from "./bytes.ts";

/** The store as it is open now. */
interface OpenedStore {
  readonly store: Store;
}

/** One dictionary of a world, with texts for bytes. Goes on working when the world's store is opened anew. */
export class DictHandle {
  readonly #world: OpenedStore;
  readonly id: string;
  readonly name: string;
  readonly expiry: ExpiryPolicy;

  constructor(world: OpenedStore, id: string, name: string, expiry: ExpiryPolicy) {
    this.#world = world;
    this.id = id;
    this.name = name;
    this.expiry = expiry;
  }

  async get(key: BytesLike): Promise<string | undefined> {
    const value = await this.#world.store.get(this.id, bytes(key));
    return value === undefined ? undefined : text(value);
  }

  async contains(key: BytesLike): Promise<boolean> {
    return await this.#world.store.contains(this.id, bytes(key));
  }

  async len(): Promise<number> {
    return await this.#world.store.len(this.id);
  }

  async put(key: BytesLike, value: BytesLike, ttlMs?: TimeToLiveMs): Promise<void> {
    await this.#world.store.update(this.id, [{ ...entry(key, value), ttlMs }]);
  }

  async entry(key: BytesLike): Promise<FoundEntry | undefined> {
    return await this.#world.store.entry(this.id, bytes(key));
  }

  /** The version of an entry that must be there. */
  async version(key: BytesLike): Promise<Version> {
    const found = await this.entry(key);
    assert.ok(found, `${text(bytes(key))} is not there`);
    return found.version;
  }

  async getMany(keys: readonly BytesLike[]): Promise<(string | undefined)[]> {
    const values = await this.#world.store.getMany(this.id, keys.map(bytes));
    return values.map((value) => value && text(value));
  }

  async removeMany(keys: readonly BytesLike[], options?: IdempotencyOption): Promise<number> {
    return await this.#world.store.removeMany(this.id, keys.map(bytes), options);
  }

  async commit(
    changes: readonly Change[],
    conditions: readonly Condition[] = [],
    options?: IdempotencyOption,
  ): Promise<CommitOutcome> {
    return await this.#world.store.commit(this.id, { conditions, changes }, options);
  }

  async putAll(pairs: readonly (readonly [BytesLike, BytesLike])[]): Promise<void> {
    await this.#world.store.update(
      this.id,
      pairs.map(([key, value]) => entry(key, value)),
    );
  }

  async putIfAbsent(key: BytesLike, value: BytesLike, options?: IdempotencyOption): Promise<boolean> {
    return await this.#world.store.putIfAbsent(this.id, bytes(key), bytes(value), options);
  }

  async pop(key: BytesLike, options?: IdempotencyOption): Promise<string | undefined> {
    const value = await this.#world.store.pop(this.id, bytes(key), options);
    return value === undefined ? undefined : text(value);
  }

  async remove(key: BytesLike, options?: IdempotencyOption): Promise<boolean> {
    return await this.#world.store.remove(this.id, bytes(key), options);
  }

  async clear(): Promise<void> {
    await this.#world.store.clear(this.id);
  }

  /** What a stream carries, as sorted texts. */
  async pairs(parts: ContentsParts = { keys: true, values: true }): Promise<[string, string][]> {
    const pairs: [string, string][] = [];
    for await (const batch of this.#world.store.contents(this.id, parts)) {
      for (const { key, value } of batch) pairs.push([text(key), text(value)]);
    }
    return pairs.sort(([keyA, valueA], [keyB, valueB]) => compare(keyA, keyB) || compare(valueA, valueB));
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
