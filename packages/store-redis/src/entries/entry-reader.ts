import type { FoundEntry, ValueRoom } from "@everdict/protocol";
import type { Awaitable } from "@everdict/store";
import { read } from "../context/commands.ts";
import { foreignEntry } from "../context/data-loss.ts";
import type { StoreContext } from "../context/store-context.ts";
import {
  expiryOf,
  isEntry,
  isLive,
  isPointer,
  pointerIn,
  valueIn,
  versionOf,
} from "../formats/entry-header.ts";
import { chunksLost, fetchLargeValue } from "../large-values/large-values.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { Reply } from "../resp/reply.ts";
import { Touches } from "./touches.ts";

const rereadsMax = 20;

/** Reads entries, and the values behind them. */
export class EntryReader {
  readonly #context: StoreContext;
  readonly #directory: DictDirectory;
  readonly #touches: Touches;

  constructor(context: StoreContext, directory: DictDirectory) {
    this.#context = context;
    this.#directory = directory;
    this.#touches = new Touches(context, directory);
  }

  /** The value of a field. Counts as a use of the entry. */
  get(
    dict: OpenDict,
    shard: number,
    field: Buffer,
    room: ValueRoom | undefined,
  ): Promise<Uint8Array | undefined> {
    return this.#read(dict, shard, field).then((entry) => {
      if (entry === undefined) return undefined;
      this.#touches.touch(dict, shard, field, entry);
      return this.valueOf(dict, shard, field, entry, room);
    });
  }

  /** The entry of a field, and its value. Counts as a use of it. */
  async entry(
    dict: OpenDict,
    shard: number,
    field: Buffer,
    room: ValueRoom | undefined,
  ): Promise<FoundEntry | undefined> {
    const entry = await this.#read(dict, shard, field);
    if (entry === undefined) return undefined;
    const movedToMs = this.#touches.touch(dict, shard, field, entry);
    const found = await this.#found(dict, shard, field, entry, room);
    if (found === undefined) return undefined;
    const expiresAtMs = (found.entry === entry ? movedToMs : undefined) ?? expiryOf(found.entry);
    return {
      value: found.value,
      version: versionOf(found.entry),
      expiresAtMs: expiresAtMs === 0 ? undefined : expiresAtMs,
    };
  }

  /** Notes a use of an entry that was read. */
  touch(dict: OpenDict, shard: number, field: Buffer, entry: Buffer): void {
    this.#touches.touch(dict, shard, field, entry);
  }

  /** The value of an entry that was read, at once if it is in it; undefined if it was removed meanwhile. */
  valueOf(
    dict: OpenDict,
    shard: number,
    field: Buffer,
    entry: Buffer,
    room: ValueRoom | undefined,
  ): Awaitable<Uint8Array | undefined> {
    if (!isPointer(entry)) return valueIn(entry);
    return this.#found(dict, shard, field, entry, room).then((found) => found?.value);
  }

  /** As `get`, without counting as a use. */
  async peek(
    dict: OpenDict,
    shard: number,
    field: Buffer,
    room: ValueRoom | undefined,
  ): Promise<Uint8Array | undefined> {
    const entry = await this.#read(dict, shard, field);
    return entry && this.valueOf(dict, shard, field, entry, room);
  }

  /** The live entry of a field. */
  #read(dict: OpenDict, shard: number, field: Buffer): Promise<Buffer | undefined> {
    const { slot, key } = dict.shards[shard]!;
    return read(this.#context.router, slot, ["HMGET", key, "m", field]).then((reply) => {
      const [meta, entry] = reply as [Reply, Buffer | null];
      const nowMs = this.#context.clock();
      if (!this.#directory.isLive(dict, meta, nowMs)) return this.#directory.absent(dict);
      if (entry !== null && !isEntry(entry)) throw foreignEntry(this.#context, dict);
      return entry !== null && isLive(entry, nowMs) ? entry : undefined;
    });
  }

  /** An entry, or what replaced it while its large value was read, and the value; undefined if it was removed meanwhile. */
  async #found(
    dict: OpenDict,
    shard: number,
    field: Buffer,
    found: Buffer,
    room: ValueRoom | undefined,
  ): Promise<{ readonly entry: Buffer; readonly value: Uint8Array } | undefined> {
    let entry: Buffer | undefined = found;
    for (let attempt = 0; attempt < rereadsMax && entry !== undefined; attempt++) {
      const pointer = pointerIn(entry);
      if (pointer === undefined) return { entry, value: valueIn(entry) };
      const value = await fetchLargeValue(this.#context, dict.shards[shard]!, pointer, room);
      if (value !== undefined) return { entry, value };
      // Replaced while it was read; what is there now can be read.
      this.#context.counters.largeValueRereads++;
      entry = await this.#read(dict, shard, field);
    }
    if (entry === undefined) return undefined;
    throw chunksLost(this.#context, dict.id);
  }
}
