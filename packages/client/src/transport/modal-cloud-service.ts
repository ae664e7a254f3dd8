/**
 * Modal's cloud as a DictService. Its calls are those of Modal's Dict and no other, so reads of many entries are made of
 * them where that means the same. What cannot be made of them is refused before anything is sent.
 */

import {
  type CallOptions,
  type CommitOutcome,
  type CommitRequest,
  type ContentsParts,
  createError,
  type DictChange,
  type DictInfo,
  type DictStats,
  type Entry,
  type FoundEntry,
  matchesKey,
  type Page,
  type PageRequest,
  type TimedEntry,
} from "@everdict/protocol";
import { type Feature, refusalOf } from "../features.ts";
import { shareTime } from "../request-options.ts";
import { GrpcDictService } from "./grpc-dict-service.ts";

/** How many calls of one read or removal are under way at a time. */
const callsAtOnce = 64;

/** The dictionaries of Modal's cloud. */
export class ModalCloudService extends GrpcDictService {
  override async update(
    dictId: string,
    entries: readonly TimedEntry[],
    options?: CallOptions,
  ): Promise<void> {
    if (entries.some(({ ttlMs }) => ttlMs !== undefined)) return refuse("ttlMs");
    return super.update(dictId, entries, options);
  }

  override async commit(_dictId: string, _request: CommitRequest): Promise<CommitOutcome> {
    return refuse("transaction");
  }

  override async entry(_dictId: string, _key: Uint8Array): Promise<FoundEntry | undefined> {
    return refuse("entry");
  }

  override async stats(_dictId: string): Promise<DictStats> {
    return refuse("stats");
  }

  override async configureDict(_dictId: string, _change: DictChange): Promise<DictInfo> {
    return refuse("configure");
  }

  /** A call for each key. */
  override async getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    return forEachKey(keys, options, (key, call) => this.get(dictId, key, call));
  }

  /** A call for each key, whose value is sent, too. */
  override async removeMany(
    dictId: string,
    keys: readonly Uint8Array[],
    options?: CallOptions,
  ): Promise<number> {
    const removed = await forEachKey(keys, options, (key, call) => this.remove(dictId, key, call));
    return removed.filter(Boolean).length;
  }

  /** Every key is sent, and left out here. */
  override async *contents(
    dictId: string,
    { keys, values, match }: ContentsParts,
    options?: CallOptions,
  ): AsyncIterable<readonly Entry[]> {
    const isFiltered = match !== undefined;
    for await (const batch of super.contents(dictId, { keys: keys || isFiltered, values }, options)) {
      const matching = isFiltered ? batch.filter(({ key }) => matchesKey(match, key)) : batch;
      if (matching.length > 0) yield keys || !isFiltered ? matching : matching.map(withoutKey);
    }
  }

  /** Every key is sent for each page: those that follow in the order of their bytes are on it. A call for each value. */
  override async page(dictId: string, request: PageRequest, options?: CallOptions): Promise<Page> {
    const { match, after, limit, values } = request;
    const call = shareTime(options, undefined);
    const following = new FirstKeys(limit + 1);
    for await (const batch of this.contents(dictId, { keys: true, values: false, match }, call())) {
      for (const { key } of batch)
        if (after === undefined || compareBytes(key, after) > 0) following.add(key);
    }
    const first = following.take();
    const keys = first.slice(0, limit);
    const found = values ? await this.getMany(dictId, keys, call()) : keys.map(() => nothing);
    // What was removed since it was listed is not there any more.
    const entries = keys.flatMap((key, at) => (found[at] === undefined ? [] : [{ key, value: found[at] }]));
    return { entries, next: first.length > limit ? keys.at(-1) : undefined };
  }
}

const nothing = new Uint8Array(0);

function withoutKey({ value }: Entry): Entry {
  return { key: nothing, value };
}

function refuse(feature: Feature): never {
  throw refusalOf("modal", feature) ?? createError("unsupported", feature);
}

/** Makes a call for each key, some at a time, within the time of all. */
async function forEachKey<T>(
  keys: readonly Uint8Array[],
  options: CallOptions | undefined,
  ask: (key: Uint8Array, options: CallOptions | undefined) => Promise<T>,
): Promise<T[]> {
  // Without the idempotency key of the whole: each call has its own.
  const call = shareTime(options, undefined);
  const answers: T[] = [];
  for (let at = 0; at < keys.length; at += callsAtOnce) {
    const asked = keys.slice(at, at + callsAtOnce).map((key) => ask(key, call()));
    answers.push(...(await Promise.all(asked)));
  }
  return answers;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) if (left[at] !== right[at]) return left[at]! - right[at]!;
  return left.length - right.length;
}

/** Keeps the first of many keys, in the order of their bytes, in memory that does not grow with the others. */
class FirstKeys {
  readonly #count: number;
  #keys: Uint8Array[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  add(key: Uint8Array): void {
    this.#keys.push(key.slice());
    if (this.#keys.length >= 2 * this.#count + 1_000) this.take();
  }

  take(): readonly Uint8Array[] {
    this.#keys = this.#keys.sort(compareBytes).slice(0, this.#count);
    return this.#keys;
  }
}
