/**
 * Reads of many entries. The keys of one shard go in one command, and all commands leave in one turn, so many keys cost
 * the round trip of one.
 *
 * **Flat memory.** Nobody knows how large values are before they are read. So each shard sends values until its share of an
 * answer is full, and what is missing is asked for again.
 */

import type { ValueRoom } from "@everdict/protocol";
import { bulkAnswerBytes } from "@everdict/store";
import { reading, runScript } from "../context/commands.ts";
import { foreignEntry } from "../context/data-loss.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { isEntry, isLive, pointerIn, valueIn } from "../formats/entry-header.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { Reply } from "../resp/reply.ts";
import { liveManyScript, readManyScript } from "../scripts/bulk-scripts.ts";
import type { Script } from "../scripts/script.ts";
import type { EntryReader } from "./entry-reader.ts";
import { fieldOf } from "./owned-entry.ts";
import { type ShardPart, shardOfField, shardParts } from "./write-parts.ts";

/** A field among others that are read together. */
interface Place {
  readonly field: Buffer;
  readonly index: number;
}

/** What was found in a field; null: no live entry. Undefined where it is used: not read yet. */
type Found = Buffer | null;

/** All shards together may send so many times an answer, since keys are not spread evenly over them. */
const surplus = 2;

/** Reads many entries at a time. */
export class BulkReads {
  readonly #context: StoreContext;
  readonly #directory: DictDirectory;
  readonly #reader: EntryReader;

  constructor(context: StoreContext, directory: DictDirectory, reader: EntryReader) {
    this.#context = context;
    this.#directory = directory;
    this.#reader = reader;
  }

  /** See `Store.getMany`. */
  getMany(
    dictId: string,
    keys: readonly Uint8Array[],
    room?: ValueRoom,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const fields = keys.map(fieldOf);
    return this.#directory.with(dictId, (dict) =>
      this.values(dict, fields, room, (shard, field, entry) => this.#reader.touch(dict, shard, field, entry)),
    );
  }

  /**
   * The values of the first of these fields, until they are about `bulkAnswerBytes`: at least one, if there are any fields.
   *
   * @param onFound told of each entry whose value is returned
   */
  async values(
    dict: OpenDict,
    fields: readonly Buffer[],
    room: ValueRoom | undefined,
    onFound: (shard: number, field: Buffer, entry: Buffer) => void = () => {},
  ): Promise<(Uint8Array | undefined)[]> {
    if (fields.length === 0) await this.#directory.checkLive(dict);
    const entries = await this.#firstEntries(dict, fields);
    const values: (Uint8Array | undefined)[] = [];
    const fetching: Promise<void>[] = [];
    entries.forEach((entry, index) => {
      values.push(undefined);
      if (entry === null) return;
      const field = fields[index]!;
      const shard = shardOfField(field, dict.shards.length);
      onFound(shard, field, entry);
      const value = this.#reader.valueOf(dict, shard, field, entry, room);
      if (!(value instanceof Promise)) values[index] = value;
      else {
        const fetched = value.then((bytes) => {
          values[index] = bytes;
        });
        fetching.push(fetched);
      }
    });
    await Promise.all(fetching);
    return values;
  }

  /** Which of these fields have live entries. */
  async areLive(dict: OpenDict, fields: readonly Buffer[]): Promise<boolean[]> {
    const found: boolean[] = [];
    await this.#askAll(dict, placesOf(fields), liveManyScript, [], ({ index }, reply) => {
      found[index] = reply === 1;
    });
    return found;
  }

  async #firstEntries(dict: OpenDict, fields: readonly Buffer[]): Promise<Found[]> {
    const found: (Found | undefined)[] = fields.map(() => undefined);
    for (;;) {
      const { count, isFull } = countFirst(found);
      if (isFull || count === found.length) return found.slice(0, count) as Found[];
      const missing = placesOf(fields).filter(({ index }) => found[index] === undefined);
      await this.#askAll(dict, missing, readManyScript, [bulkAnswerBytes * surplus], ({ index }, reply) => {
        found[index] = this.#checked(dict, reply);
      });
    }
  }

  #checked(dict: OpenDict, reply: Reply): Found {
    if (!(reply instanceof Buffer)) return null;
    if (!isEntry(reply)) throw foreignEntry(this.#context, dict);
    return isLive(reply, this.#context.clock()) ? reply : null;
  }

  /** Asks all shards at once. A number in `shares` is divided among them. */
  async #askAll(
    dict: OpenDict,
    places: readonly Place[],
    script: Script,
    shares: readonly number[],
    onReply: (place: Place, reply: Reply) => void,
  ): Promise<void> {
    const parts = shardParts(places, dict.shards.length, ({ field }) => field.length);
    const shared = shares.map((share) => Math.ceil(share / parts.length));
    const nowMs = wholeMs(this.#context);
    const ask = async ({ shard, items }: ShardPart<Place>): Promise<void> => {
      const { slot, key } = dict.shards[shard]!;
      const args = [nowMs, ...shared, ...items.map(({ field }) => field)];
      const replies = await runScript(this.#context.router, script, { slot, keys: [key], args }, reading);
      if (!Array.isArray(replies)) return await this.#directory.absent(dict);
      for (const [at, reply] of replies.entries()) onReply(items[at]!, reply);
    };
    await Promise.all(parts.map(ask));
  }
}

function placesOf(fields: readonly Buffer[]): Place[] {
  return fields.map((field, index) => ({ field, index }));
}

/** How many of the first have been read and fit into an answer, and whether the next one does not fit. */
function countFirst(found: readonly (Found | undefined)[]): {
  readonly count: number;
  readonly isFull: boolean;
} {
  let bytes = 0;
  let count = 0;
  for (; count < found.length; count++) {
    const entry = found[count];
    if (entry === undefined) break;
    if (entry === null) continue;
    bytes += pointerIn(entry)?.bytes ?? valueIn(entry).length;
    if (bytes > bulkAnswerBytes && count > 0) return { count, isFull: true };
  }
  return { count, isFull: false };
}
