/**
 * The operations on entries. Each operation on one key is one script on one shard, so it is atomic; what concerns
 * several shards is atomic on each.
 *
 * Everything is sent in the turn of the call, so that calls on one shard keep their order.
 */

import type { Entry, ValueRoom } from "@everdict/protocol";
import type { IdempotencyOption } from "@everdict/store";
import { type CallerTokens, tokenName } from "./caller-tokens.ts";
import { foreignEntry, foreignRecord } from "./data-loss.ts";
import type { DictDirectory } from "./dict-directory.ts";
import { encodeEntry, headerBytes, isEntry, isLive, pointerIn } from "./entry-header.ts";
import { expiryTime } from "./expiry-time.ts";
import { shardOf } from "./keyspace.ts";
import {
  chunksLost,
  fetchLargeValue,
  inlineMaxBytes,
  type LargeWrite,
  sendLargeValue,
} from "./large-values.ts";
import type { OpenDict } from "./open-dict.ts";
import { fieldOf, ownedEntry } from "./owned-entry.ts";
import { reapLargeValue } from "./remove-large-values.ts";
import type { Argument } from "./resp/command-writer.ts";
import type { Reply } from "./resp/reply.ts";
import {
  clearScript,
  containsScript,
  popScript,
  putIfAbsentScript,
  writeScript,
} from "./scripts/entry-scripts.ts";
import type { Script } from "./scripts/script.ts";
import { shardAnswer } from "./shard-answer.ts";
import { hasEnded, isShardMeta } from "./shard-meta.ts";
import { ShardSizes } from "./shard-sizes.ts";
import { read, readScript, runLooseScript, runScript, type StoreContext } from "./store-context.ts";
import { Touches } from "./touches.ts";
import { callerCall, runWithToken } from "./with-token.ts";
import { type OwnedEntry, shardOfField, writeParts } from "./write-parts.ts";

/** What the operations on entries need besides the context. */
export interface EntriesOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly tokens: CallerTokens;
  /** Sees to it that a dictionary with large values is swept. */
  readonly noteLarge: (dict: OpenDict) => Promise<void>;
}

const rereadsMax = 20;
const noLarge: readonly LargeWrite[] = [];

/** What an attempt of a script is given. */
interface Prepared {
  readonly args: readonly Argument[];
  readonly large: readonly LargeWrite[];
}

/** The operations on entries of all dictionaries. */
export class Entries {
  readonly #options: EntriesOptions;
  readonly #context: StoreContext;
  readonly #directory: DictDirectory;
  readonly #touches: Touches;
  readonly #sizes: ShardSizes;

  constructor(options: EntriesOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#directory = options.directory;
    this.#touches = new Touches(options.context);
    this.#sizes = new ShardSizes(options.context);
  }

  /** See `Store.get`. */
  get(dictId: string, key: Uint8Array, room?: ValueRoom): Promise<Uint8Array | undefined> {
    const field = fieldOf(key);
    const known = this.#directory.known(dictId);
    if (known !== undefined) return this.#getKnown(known, shardOf(key, known.shards.length), field, room);
    return this.#directory.with(dictId, (dict) =>
      this.#getKnown(dict, shardOf(key, dict.shards.length), field, room),
    );
  }

  /** As `get`, of a field, without counting as a use. */
  peek(
    dict: OpenDict,
    shard: number,
    field: Buffer,
    room: ValueRoom | undefined,
  ): Promise<Uint8Array | undefined> {
    return this.#read(dict, shard, field).then(
      (entry) => entry && this.#valueOf(dict, shard, field, entry, room),
    );
  }

  #getKnown(
    dict: OpenDict,
    shard: number,
    field: Buffer,
    room: ValueRoom | undefined,
  ): Promise<Uint8Array | undefined> {
    return this.#read(dict, shard, field).then((entry) => {
      if (entry === undefined) return undefined;
      this.#touches.touch(dict, shard, field, entry);
      return entry[0] === 0 ? entry.subarray(headerBytes) : this.#valueOf(dict, shard, field, entry, room);
    });
  }

  /** The live entry of a field. */
  #read(dict: OpenDict, shardIndex: number, field: Buffer): Promise<Buffer | undefined> {
    const { slot, key } = dict.shards[shardIndex]!;
    return read(this.#context.router, slot, ["HMGET", key, "m", field]).then((reply) => {
      const [meta, entry] = reply as [Buffer | null, Buffer | null];
      const nowMs = this.#context.clock();
      if (meta === null) return this.#directory.absent(dict);
      if (!isShardMeta(meta)) throw foreignRecord(this.#context, `a shard of dict '${dict.id}'`);
      if (hasEnded(meta, nowMs)) return this.#directory.absent(dict);
      if (entry !== null && !isEntry(entry)) throw foreignEntry(this.#context, dict);
      return entry !== null && isLive(entry, nowMs) ? entry : undefined;
    });
  }

  /** The value in an entry, or behind its pointer; undefined if it was removed meanwhile. */
  async #valueOf(
    dict: OpenDict,
    shard: number,
    field: Buffer,
    found: Buffer,
    room: ValueRoom | undefined,
  ): Promise<Uint8Array | undefined> {
    let entry: Buffer | undefined = found;
    for (let attempt = 0; attempt < rereadsMax && entry !== undefined; attempt++) {
      const pointer = pointerIn(entry);
      if (pointer === undefined) return entry.subarray(headerBytes);
      const value = await fetchLargeValue(this.#context, dict.shards[shard]!, pointer, room);
      if (value !== undefined) return value;
      // Replaced while it was read; what is there now can be read.
      this.#context.counters.largeValueRereads++;
      entry = await this.#read(dict, shard, field);
    }
    if (entry === undefined) return undefined;
    throw chunksLost(this.#context, dict.id);
  }

  /** See `Store.contains`. */
  contains(dictId: string, key: Uint8Array): Promise<boolean> {
    const field = fieldOf(key);
    return this.#directory.with(dictId, async (dict) => {
      const { slot, key: shardKey } = dict.shards[shardOf(key, dict.shards.length)]!;
      const call = { slot, keys: [shardKey], args: [this.#now(), field] };
      const reply = await readScript(this.#context.router, containsScript, call);
      if (reply === shardAnswer.noDict) await this.#directory.absent(dict);
      return reply === 1;
    });
  }

  /** See `Store.len`. */
  len(dictId: string): Promise<number> {
    return this.#directory.with(dictId, async (dict) => {
      if (dict.isEphemeral && (await this.#directory.end(dict)) === undefined)
        await this.#directory.absent(dict);
      const lengths = await Promise.all(
        dict.shards.map(({ slot, key }) => read(this.#context.router, slot, ["HLEN", key])),
      );
      // Each live shard has its meta field.
      if (lengths.includes(0)) await this.#directory.absent(dict);
      this.#sizes.note(dict, Math.max(...(lengths as number[])) - 1);
      return (lengths as number[]).reduce((sum, length) => sum + length - 1, 0);
    });
  }

  /** See `Store.update`. */
  update(dictId: string, entries: readonly Entry[]): Promise<void> {
    const owned = entries.map(ownedEntry);
    const known = this.#directory.known(dictId);
    if (known !== undefined) return this.writeAll(known, owned);
    return this.#directory.with(dictId, (dict) => this.writeAll(dict, owned));
  }

  /** Writes entries into a dictionary that may not be known to anybody yet. */
  writeAll(dict: OpenDict, entries: readonly OwnedEntry[]): Promise<void> {
    const [only] = entries;
    if (only === undefined) return this.#directory.checkLive(dict);
    if (entries.length === 1)
      return this.#writePart(dict, shardOfField(only.field, dict.shards.length), entries);
    const parts = writeParts(entries, dict.shards.length);
    const writes = parts.map(({ shard, entries: part }) => this.#writePart(dict, shard, part));
    return Promise.all(writes).then(() => {});
  }

  /** See `Store.putIfAbsent`. */
  putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    options: IdempotencyOption,
  ): Promise<boolean> {
    const entry = ownedEntry({ key, value });
    return this.#directory.with(dictId, async (dict) => {
      const shard = shardOf(key, dict.shards.length);
      const reply = await runWithToken(
        this.#options,
        { dict, shard },
        callerCall("putIfAbsent", options, key, value),
        (token) =>
          this.#shardScript(dict, shard, putIfAbsentScript, [token.key], (nowMs) => {
            const expiresAtMs = expiryTime(dict.expiry, nowMs);
            const { stored, large } = this.#store(dict, shard, entry, expiresAtMs);
            return {
              args: [...token.args, entry.field, stored],
              large: large === undefined ? noLarge : [large],
            };
          }),
      );
      this.#sizes.wrote(dict, shard, 1);
      return reply.toString() === "1";
    });
  }

  /** See `Store.pop`. */
  pop(
    dictId: string,
    key: Uint8Array,
    options: IdempotencyOption,
    room?: ValueRoom,
  ): Promise<Uint8Array | undefined> {
    const field = fieldOf(key);
    return this.#directory.with(dictId, async (dict) => {
      const shard = shardOf(key, dict.shards.length);
      const reply = await runWithToken(
        this.#options,
        { dict, shard },
        callerCall("pop", options, key),
        (token) =>
          this.#shardScript(dict, shard, popScript, [token.key], () => ({
            args: [...token.args, field],
            large: [],
          })),
      );
      if (reply[0] === 48) return undefined;
      const entry = reply.subarray(1);
      const pointer = pointerIn(entry);
      if (pointer === undefined) return entry.subarray(headerBytes);
      const value = await fetchLargeValue(this.#context, dict.shards[shard]!, pointer, room);
      if (value === undefined) throw chunksLost(this.#context, dict.id);
      // Without a token nobody can ask again.
      if (options.idempotencyKey === undefined) {
        void reapLargeValue(this.#context, dict.shards[shard]!, pointer, { evenIfRemembered: true });
      }
      return value;
    });
  }

  /** See `Store.clear`. */
  clear(dictId: string): Promise<void> {
    return this.#directory.with(dictId, async (dict) => {
      await Promise.all(
        dict.shards.map((_, shard) =>
          this.#shardScript(dict, shard, clearScript, [], () => ({ args: [], large: noLarge })),
        ),
      );
    });
  }

  /** Forgets recorded answers before their time. */
  forget(operation: string, dictId: string, idempotencyKeys: readonly string[]): void {
    for (const key of idempotencyKeys) this.#options.tokens.forget(tokenName(operation, dictId, key));
  }

  /** One script's worth of entries. */
  #writePart(dict: OpenDict, shard: number, entries: readonly OwnedEntry[]): Promise<void> {
    return this.#shardScript(dict, shard, writeScript, [], (nowMs) => {
      const expiresAtMs = expiryTime(dict.expiry, nowMs);
      const args: Argument[] = [];
      let large = noLarge;
      for (const entry of entries) {
        const stored = this.#store(dict, shard, entry, expiresAtMs);
        args.push(entry.field, stored.stored);
        if (stored.large !== undefined) large = [...large, stored.large];
      }
      return { args, large };
    }).then((reply) => {
      this.#sizes.wrote(dict, shard, entries.length);
      if (!Array.isArray(reply)) return;
      for (const retired of reply as Buffer[]) {
        void reapLargeValue(this.#context, dict.shards[shard]!, pointerIn(retired)!);
      }
    });
  }

  /** The stored form of an entry; the chunks of a large value are sent. */
  #store(
    dict: OpenDict,
    shard: number,
    { value }: OwnedEntry,
    expiresAtMs: number,
  ): { readonly stored: Buffer; readonly large: LargeWrite | undefined } {
    if (value.length <= inlineMaxBytes) return { stored: encodeEntry(value, expiresAtMs), large: undefined };
    dict.hasLarge = true;
    const large = sendLargeValue(this.#context, dict.shards[shard]!, value, expiresAtMs);
    return { stored: large.entry, large };
  }

  /**
   * Runs a script on a shard, again where the script asks for it. `prepare` is called for each attempt, in its turn.
   *
   * @throws `dict_not_found`, `data_loss`, and what the router throws.
   */
  #shardScript(
    dict: OpenDict,
    shardIndex: number,
    script: Script,
    keys: readonly string[],
    prepare: (nowMs: number) => Prepared,
  ): Promise<Reply> {
    const { slot, key, indexKey } = dict.shards[shardIndex]!;
    const nowMs = this.#now();
    const { args, large } = prepare(nowMs);
    const allKeys = [key, ...keys];
    if (dict.hasLarge) allKeys.push(indexKey);
    for (const { chunkKeys } of large) allKeys.push(...chunkKeys);
    const call = { slot, keys: allKeys, args: [nowMs, ...args] };
    const run = dict.waits ? runScript : runLooseScript;
    const answer = run(this.#context.router, script, call);
    const again = (): Promise<Reply> => this.#shardScript(dict, shardIndex, script, keys, prepare);
    return (large.length === 0 ? answer : this.#withLarge(dict, large, answer)).then((reply) => {
      switch (reply) {
        case shardAnswer.noDict:
          return this.#directory.absent(dict);
        case shardAnswer.needsIndex:
          dict.hasLarge = true;
          return again();
        case shardAnswer.chunkMissing:
          return again();
        default:
          return reply;
      }
    });
  }

  /** The answer to a script that links large values, once all that belongs to them is done. */
  async #withLarge(dict: OpenDict, large: readonly LargeWrite[], answer: Promise<Reply>): Promise<Reply> {
    const sent = large.map((one) => one.sent);
    const [reply] = await Promise.all([answer, this.#options.noteLarge(dict), ...sent]);
    return reply;
  }

  #now(): number {
    return Math.floor(this.#context.clock());
  }
}
