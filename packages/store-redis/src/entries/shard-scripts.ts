/**
 * Runs the scripts that write to a shard. The script, and the chunks of large values that it links, are sent in the call's
 * own turn of the event loop, so calls on one shard keep their order.
 */

import { durably, loosely, runScript } from "../context/commands.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { encodeEntry } from "../formats/entry-header.ts";
import { inlineMaxBytes, type LargeWrite, sendLargeValue } from "../large-values/large-values.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { Schedule } from "../registry/schedule.ts";
import type { Argument } from "../resp/command-writer.ts";
import type { Reply } from "../resp/reply.ts";
import type { Script } from "../scripts/script.ts";
import { shardAnswer } from "../scripts/script-answers.ts";
import { entryLife } from "./entry-life.ts";
import type { OwnedEntry } from "./write-parts.ts";

/** What an attempt of a script is given besides the shard and the time. */
export interface Prepared {
  readonly args: readonly Argument[];
  /** Large values that it links. */
  readonly large: readonly LargeWrite[];
}

/** Prepares an attempt, in its turn. */
export type Prepare = (nowMs: number) => Prepared;

const noLarge: readonly LargeWrite[] = [];

/** Runs scripts on shards. */
export class ShardScripts {
  readonly #context: StoreContext;
  readonly #directory: DictDirectory;
  readonly #schedule: Schedule;

  constructor(context: StoreContext, directory: DictDirectory, schedule: Schedule) {
    this.#context = context;
    this.#directory = directory;
    this.#schedule = schedule;
  }

  /**
   * Runs a script on a shard, again where the script asks for it.
   *
   * @param keys behind that of the shard.
   * @throws `dict_not_found`, `data_loss`, and what the router throws.
   */
  run(
    dict: OpenDict,
    shard: number,
    script: Script,
    keys: readonly string[],
    prepare: Prepare,
  ): Promise<Reply> {
    const { slot, key, indexKey } = dict.shards[shard]!;
    const nowMs = wholeMs(this.#context);
    const { args, large } = prepare(nowMs);
    const allKeys = [key, ...keys];
    if (dict.hasLarge) allKeys.push(indexKey);
    for (const { chunkKeys } of large) allKeys.push(...chunkKeys);
    const call = { slot, keys: allKeys, args: [nowMs, ...args] };
    const answer = runScript(this.#context.router, script, call, dict.waits ? durably : loosely);
    const again = (): Promise<Reply> => this.run(dict, shard, script, keys, prepare);
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

  /** What a script is given to write entries: field and stored form in turn. The chunks of large values are sent. */
  entryArgs(dict: OpenDict, shard: number, entries: readonly OwnedEntry[], nowMs: number): Prepared {
    const byPolicy = entryLife(dict.expiry, undefined, nowMs);
    const args: Argument[] = [];
    let large = noLarge;
    for (const { field, value, ttlMs } of entries) {
      const life = ttlMs === undefined ? byPolicy : entryLife(dict.expiry, ttlMs, nowMs);
      if (value.length <= inlineMaxBytes) args.push(field, encodeEntry(value, life));
      else {
        dict.hasLarge = true;
        const sent = sendLargeValue(this.#context, dict.shards[shard]!, value, life);
        args.push(field, sent.entry);
        large = [...large, sent];
      }
    }
    return { args, large };
  }

  /** The answer to a script that links large values, once all that belongs to them is done. */
  async #withLarge(dict: OpenDict, large: readonly LargeWrite[], answer: Promise<Reply>): Promise<Reply> {
    const sent = large.map((one) => one.sent);
    const [reply] = await Promise.all([answer, this.#schedule.noteLarge(dict), ...sent]);
    return reply;
  }
}
