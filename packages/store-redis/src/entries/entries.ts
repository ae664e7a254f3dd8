/**
 * The operations on entries. An operation on one key is one script on one shard, so it is atomic. An operation on several
 * shards is atomic on each of them.
 *
 * A call sends all that it has to send in its own turn of the event loop, so calls on one shard keep their order.
 */

import type { FoundEntry, TimedEntry, ValueRoom } from "@everdict/protocol";
import { callDigest, type IdempotencyOption } from "@everdict/store";
import { keyedCall } from "../answers/recorded-answers.ts";
import { read, reading, runScript } from "../context/commands.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { pointerIn, valueIn } from "../formats/entry-header.ts";
import { chunksLost, fetchLargeValue } from "../large-values/large-values.ts";
import { reapLargeValue } from "../large-values/remove-large-values.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import {
  clearScript,
  containsScript,
  popScript,
  putIfAbsentScript,
  removeScript,
  writeScript,
} from "../scripts/entry-scripts.ts";
import { shardAnswer } from "../scripts/script-answers.ts";
import type { EntryReader } from "./entry-reader.ts";
import { fieldOf, ownedEntry } from "./owned-entry.ts";
import type { Prepare, ShardScripts } from "./shard-scripts.ts";
import { ShardSizes } from "./shard-sizes.ts";
import { type OwnedEntry, shardOfField, writeParts } from "./write-parts.ts";

/** What the operations on entries need. */
export interface EntriesOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly reader: EntryReader;
  readonly scripts: ShardScripts;
}

/** What a pop that found nothing answers. */
const zero = 48;

/** The operations on entries of all dictionaries. */
export class Entries {
  readonly #options: EntriesOptions;
  readonly #sizes: ShardSizes;

  constructor(options: EntriesOptions) {
    this.#options = options;
    this.#sizes = new ShardSizes(options.context);
  }

  /** See `Store.get`. */
  get(dictId: string, key: Uint8Array, room?: ValueRoom): Promise<Uint8Array | undefined> {
    const { directory, reader } = this.#options;
    const field = fieldOf(key);
    // The quickest call there is: worth a look of its own.
    const known = directory.known(dictId);
    if (known !== undefined) return reader.get(known, shardOfField(field, known.shards.length), field, room);
    return directory.with(dictId, (dict) =>
      reader.get(dict, shardOfField(field, dict.shards.length), field, room),
    );
  }

  /** See `Store.entry`. */
  entry(dictId: string, key: Uint8Array, room?: ValueRoom): Promise<FoundEntry | undefined> {
    const field = fieldOf(key);
    return this.#options.directory.with(dictId, (dict) =>
      this.#options.reader.entry(dict, shardOfField(field, dict.shards.length), field, room),
    );
  }

  /** See `Store.contains`. */
  contains(dictId: string, key: Uint8Array): Promise<boolean> {
    const field = fieldOf(key);
    return this.#options.directory.with(dictId, async (dict) => {
      const { slot, key: shardKey } = dict.shards[shardOfField(field, dict.shards.length)]!;
      const { context, directory } = this.#options;
      const call = { slot, keys: [shardKey], args: [wholeMs(context), field] };
      const reply = await runScript(context.router, containsScript, call, reading);
      if (reply === shardAnswer.noDict) await directory.absent(dict);
      return reply === 1;
    });
  }

  /** See `Store.len`. */
  len(dictId: string): Promise<number> {
    return this.#options.directory.with(dictId, async (dict) => {
      if (dict.isEphemeral) await this.#options.directory.checkLive(dict);
      const lengths = await Promise.all(
        dict.shards.map(({ slot, key }) => read(this.#options.context.router, slot, ["HLEN", key])),
      );
      // Each live shard has its meta field.
      if (lengths.includes(0)) await this.#options.directory.absent(dict);
      const entries = lengths.map((length) => Number(length) - 1);
      this.#sizes.note(dict, Math.max(...entries));
      return entries.reduce((sum, count) => sum + count, 0);
    });
  }

  /** See `Store.update`. */
  update(dictId: string, entries: readonly TimedEntry[]): Promise<void> {
    const owned = entries.map(ownedEntry);
    return this.#options.directory.with(dictId, (dict) => this.writeAll(dict, owned));
  }

  /** Writes entries into a dictionary that may not be known to anybody yet. */
  writeAll(dict: OpenDict, entries: readonly OwnedEntry[]): Promise<void> {
    const [only] = entries;
    if (only === undefined) return this.#options.directory.checkLive(dict);
    if (entries.length === 1)
      return this.#writePart(dict, shardOfField(only.field, dict.shards.length), entries);
    const parts = writeParts(entries, dict.shards.length);
    const writes = parts.map(({ shard, items }) => this.#writePart(dict, shard, items));
    return Promise.all(writes).then(() => {});
  }

  /** See `Store.putIfAbsent`. */
  putIfAbsent(
    dictId: string,
    key: Uint8Array,
    value: Uint8Array,
    option: IdempotencyOption,
  ): Promise<boolean> {
    const entry = ownedEntry({ key, value });
    const call = keyedCall("putIfAbsent", dictId, option, () => callDigest(key, value));
    return this.#options.directory.with(dictId, async (dict) => {
      const shard = shardOfField(entry.field, dict.shards.length);
      const { scripts } = this.#options;
      const reply = await scripts.runOnce(dict, shard, call, putIfAbsentScript, (nowMs) =>
        scripts.entryArgs(dict, shard, [entry], nowMs),
      );
      this.#sizes.wrote(dict, shard, 1);
      return reply.toString() === "1";
    });
  }

  /** See `Store.pop`. */
  pop(
    dictId: string,
    key: Uint8Array,
    option: IdempotencyOption,
    room?: ValueRoom,
  ): Promise<Uint8Array | undefined> {
    const field = fieldOf(key);
    const call = keyedCall("pop", dictId, option, () => callDigest(key));
    return this.#options.directory.with(dictId, async (dict) => {
      const shard = shardOfField(field, dict.shards.length);
      const prepare: Prepare = () => ({ args: [field], large: [] });
      const reply = await this.#options.scripts.runOnce(dict, shard, call, popScript, prepare);
      if (reply[0] === zero) return undefined;
      const entry = reply.subarray(1);
      const pointer = pointerIn(entry);
      if (pointer === undefined) return valueIn(entry);
      const value = await fetchLargeValue(this.#options.context, dict.shards[shard]!, pointer, room);
      if (value === undefined) throw chunksLost(this.#options.context, dict.id);
      // Without an idempotency key of the caller nobody can ask again.
      if (call === undefined) {
        void reapLargeValue(this.#options.context, dict.shards[shard]!, pointer, { evenIfRemembered: true });
      }
      return value;
    });
  }

  /** See `Store.remove`. */
  remove(dictId: string, key: Uint8Array, option: IdempotencyOption): Promise<boolean> {
    const field = fieldOf(key);
    const call = keyedCall("remove", dictId, option, () => callDigest(key));
    return this.#options.directory.with(dictId, async (dict) => {
      const shard = shardOfField(field, dict.shards.length);
      const prepare: Prepare = () => ({ args: [field], large: [] });
      const reply = await this.#options.scripts.runOnce(dict, shard, call, removeScript, prepare);
      if (reply.length > 1) {
        void reapLargeValue(this.#options.context, dict.shards[shard]!, pointerIn(reply.subarray(1))!);
      }
      return reply[0] !== zero;
    });
  }

  /** See `Store.clear`. */
  clear(dictId: string): Promise<void> {
    const prepared = { args: [], large: [] };
    return this.#options.directory.with(dictId, async (dict) => {
      await Promise.all(
        dict.shards.map((_, shard) =>
          this.#options.scripts.run(dict, shard, clearScript, [], () => prepared),
        ),
      );
    });
  }

  /** One script's worth of entries. */
  #writePart(dict: OpenDict, shard: number, entries: readonly OwnedEntry[]): Promise<void> {
    const prepare: Prepare = (nowMs) => this.#options.scripts.entryArgs(dict, shard, entries, nowMs);
    return this.#options.scripts.run(dict, shard, writeScript, [], prepare).then((reply) => {
      this.#sizes.wrote(dict, shard, entries.length);
      if (!Array.isArray(reply)) return;
      for (const retired of reply as Buffer[]) {
        void reapLargeValue(this.#options.context, dict.shards[shard]!, pointerIn(retired)!);
      }
    });
  }
}
