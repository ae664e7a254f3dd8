/**
 * Reads of many entries. The keys of one shard go in one command, and all commands leave in one turn, so many keys cost
 * the round trip of one.
 *
 * **Flat memory.** Nobody knows how large values are before they are read. So where there are many keys, each shard sends
 * values until its share of an answer is full, and what is missing is asked for again.
 */

import type { ValueRoom } from "@everdict/protocol";
import { bulkAnswerBytes } from "@everdict/store";
import { read, reading, runScript } from "../context/commands.ts";
import { foreignEntry } from "../context/data-loss.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { isEntry, isLive, pointerIn, valueIn } from "../formats/entry-header.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import { itemsOf, type Reply } from "../resp/reply.ts";
import { liveManyScript, readManyScript } from "../scripts/bulk-scripts.ts";
import type { Script } from "../scripts/script.ts";
import { shardAnswer } from "../scripts/script-answers.ts";
import type { EntryReader } from "./entry-reader.ts";
import { fieldOf } from "./owned-entry.ts";
import { type ShardPart, shardOfField, shardParts } from "./write-parts.ts";

/** A field among others that are read together. */
interface Place {
  readonly field: Buffer;
  readonly index: number;
}

/** How many values are wanted. */
interface Bound {
  /** How large they are together at most. */
  readonly maxBytes: number;
  /** Whether the first one is wanted however large it is. */
  readonly atLeastOne: boolean;
}

/** Which values are read, and how. */
export interface ValuesOptions extends Bound {
  readonly room: ValueRoom | undefined;
  /** Told of each entry whose value is returned. */
  readonly onFound?: (shard: number, field: Buffer, entry: Buffer) => void;
}

/** What was found in a field; null: no live entry. Undefined where it is used: not read yet. */
type Found = Buffer | null;

/** So few keys are read as they are, unless the entries of the dictionary are known to be large. */
const plainMaxKeys = 128;
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
    const options: ValuesOptions = { room, maxBytes: bulkAnswerBytes, atLeastOne: true };
    return this.#directory.with(dictId, (dict) =>
      this.values(dict, fields, {
        ...options,
        onFound: (shard, field, entry) => this.#reader.touch(dict, shard, field, entry),
      }),
    );
  }

  /** The values of the first of these fields, as many as fit. */
  async values(
    dict: OpenDict,
    fields: readonly Buffer[],
    { room, onFound, ...bound }: ValuesOptions,
  ): Promise<(Uint8Array | undefined)[]> {
    if (fields.length === 0) await this.#directory.checkLive(dict);
    const entries = await this.#firstEntries(dict, fields, bound);
    const values: (Uint8Array | undefined)[] = [];
    const fetching: Promise<void>[] = [];
    entries.forEach((entry, index) => {
      values.push(undefined);
      if (entry === null) return;
      const field = fields[index]!;
      const shard = shardOfField(field, dict.shards.length);
      onFound?.(shard, field, entry);
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
    const parts = partsOf(dict, placesOf(fields));
    await Promise.all(
      parts.map(async (part) => {
        const replies = await this.#runScript(dict, part, liveManyScript, []);
        for (const [at, { index }] of part.items.entries()) found[index] = replies[at] === 1;
      }),
    );
    return found;
  }

  /** What stands in the first of these fields, until it is as much as is wanted. */
  async #firstEntries(dict: OpenDict, fields: readonly Buffer[], bound: Bound): Promise<Found[]> {
    const found: (Found | undefined)[] = fields.map(() => undefined);
    for (;;) {
      const { count, isFull } = countFirst(found, bound);
      if (isFull || count === found.length) return found.slice(0, count) as Found[];
      const missing = placesOf(fields).filter(({ index }) => found[index] === undefined);
      const parts = partsOf(dict, missing);
      const isPlain = missing.length <= plainMaxKeys && missing.length * dict.entryBytes <= bound.maxBytes;
      const shareBytes = Math.ceil((surplus * bound.maxBytes) / parts.length);
      let bytes = 0;
      let entries = 0;
      await Promise.all(
        parts.map(async (part) => {
          const replies = isPlain
            ? await this.#readAll(dict, part)
            : await this.#runScript(dict, part, readManyScript, [shareBytes]);
          for (const [at, reply] of replies.entries()) {
            found[part.items[at]!.index] = this.#checked(dict, reply);
            if (!(reply instanceof Buffer)) continue;
            bytes += reply.length;
            entries++;
          }
        }),
      );
      // Some small ones do not say that there are no large ones any more.
      if (entries > 0) dict.entryBytes = Math.max(bytes / entries, dict.entryBytes / 2);
    }
  }

  #checked(dict: OpenDict, reply: Reply): Found {
    if (!(reply instanceof Buffer)) return null;
    if (!isEntry(reply)) throw foreignEntry(this.#context, dict);
    return isLive(reply, this.#context.clock()) ? reply : null;
  }

  /** What stands in all fields of a part, by a plain command: a script costs a server some microseconds more. */
  async #readAll(dict: OpenDict, { shard, items }: ShardPart<Place>): Promise<readonly Reply[]> {
    const { router, clock } = this.#context;
    const { slot, key } = dict.shards[shard]!;
    const reply = await read(router, slot, ["HMGET", key, "m", ...items.map(({ field }) => field)]);
    const [meta = null, ...entries] = itemsOf(reply);
    return this.#directory.isLive(dict, meta, clock()) ? entries : await this.#directory.absent(dict);
  }

  /** What a script answers for the fields of a part. */
  async #runScript(
    dict: OpenDict,
    part: ShardPart<Place>,
    script: Script,
    firstArgs: readonly number[],
  ): Promise<readonly Reply[]> {
    const { shard, items } = part;
    const { slot, key } = dict.shards[shard]!;
    const args = [dict.stamped(wholeMs(this.#context)), ...firstArgs, ...items.map(({ field }) => field)];
    const reply = await runScript(this.#context.router, script, { slot, keys: [key], args }, reading);
    if (Array.isArray(reply)) return reply;
    if (reply !== shardAnswer.outdated) return await this.#directory.absent(dict);
    await this.#directory.learn(dict, shard);
    return await this.#runScript(dict, part, script, firstArgs);
  }
}

function partsOf(dict: OpenDict, places: readonly Place[]): ShardPart<Place>[] {
  return shardParts(places, dict.shards.length, ({ field }) => field.length);
}

function placesOf(fields: readonly Buffer[]): Place[] {
  return fields.map((field, index) => ({ field, index }));
}

/** How many of the first have been read and fit into an answer, and whether the next one does not fit. */
function countFirst(
  found: readonly (Found | undefined)[],
  { maxBytes, atLeastOne }: Bound,
): { readonly count: number; readonly isFull: boolean } {
  let bytes = 0;
  let count = 0;
  for (; count < found.length; count++) {
    const entry = found[count];
    if (entry === undefined) break;
    if (entry === null) continue;
    bytes += pointerIn(entry)?.bytes ?? valueIn(entry).length;
    if (bytes > maxBytes && (count > 0 || !atLeastOne)) return { count, isFull: true };
  }
  return { count, isFull: false };
}
