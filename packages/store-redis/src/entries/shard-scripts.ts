/**
 * Runs the scripts that write to a shard. The script, and the chunks of large values that it links, are sent in the call's
 * own turn of the event loop, so calls on one shard keep their order.
 */

import type { KeyedCall, RecordedAnswers } from "../answers/recorded-answers.ts";
import { runOnce } from "../answers/run-once.ts";
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
import { earlierEnd, entryLife, ownEnd } from "./entry-life.ts";
import type { OwnedEntry } from "./write-parts.ts";

/** What an attempt of a script is given besides the shard and the time. */
export interface Prepared {
  readonly args: readonly Argument[];
  /** Large values that it links. */
  readonly large: readonly LargeWrite[];
  /** The earliest end of an entry that has its own time to live. */
  readonly endsAtMs?: number | undefined;
}

/** Prepares an attempt, in its turn. */
export type Prepare = (nowMs: number) => Prepared;

const nothing = async (): Promise<void> => {};
const noLarge: readonly LargeWrite[] = [];

/** What runs scripts on shards needs. */
export interface ShardScriptsOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly schedule: Schedule;
  readonly answers: RecordedAnswers;
}

/** Runs scripts on shards. */
export class ShardScripts {
  readonly #context: StoreContext;
  readonly #directory: DictDirectory;
  readonly #schedule: Schedule;
  readonly #answers: RecordedAnswers;

  constructor({ context, directory, schedule, answers }: ShardScriptsOptions) {
    this.#context = context;
    this.#directory = directory;
    this.#schedule = schedule;
    this.#answers = answers;
  }

  /**
   * Runs a script on a shard, again where the script asks for it, in the order of the calls.
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
    return dict.gate(shard).run({
      send: () => this.#attempt(dict, shard, script, keys, prepare),
      refusal: (reply) => this.#refusal(dict, shard, reply),
    });
  }

  #attempt(
    dict: OpenDict,
    shard: number,
    script: Script,
    keys: readonly string[],
    prepare: Prepare,
  ): Promise<Reply> {
    const { slot, key, indexKey } = dict.shards[shard]!;
    const nowMs = wholeMs(this.#context);
    const { args, large, endsAtMs } = prepare(nowMs);
    const allKeys = [key, ...keys];
    if (dict.hasLarge) allKeys.push(indexKey);
    for (const { chunkKeys } of large) allKeys.push(...chunkKeys);
    const call = { slot, keys: allKeys, args: [dict.stamped(nowMs), ...args] };
    const answer = runScript(this.#context.router, script, call, dict.waits ? durably : loosely);
    const notes = this.#notes(dict, large, endsAtMs);
    return notes === undefined ? answer : withAll(answer, notes);
  }

  /** What is to be done before a script that was refused runs again; undefined if it was not refused. */
  #refusal(dict: OpenDict, shard: number, reply: Reply): (() => Promise<void>) | undefined {
    switch (reply) {
      case shardAnswer.noDict:
        return () => this.#directory.absent(dict);
      case shardAnswer.outdated:
        return () => this.#directory.learn(dict, shard);
      case shardAnswer.needsIndex:
        dict.hasLarge = true;
        return nothing;
      case shardAnswer.chunkMissing:
        return nothing;
      default:
        return undefined;
    }
  }

  /**
   * Runs a script that must not take effect twice, under an idempotency key: the call's, or one that this node makes. Its
   * arguments follow those about the recorded answer. Answers what is recorded.
   *
   * @throws `overloaded`, `conflict`, and what `run` throws
   */
  runOnce(
    dict: OpenDict,
    shard: number,
    call: KeyedCall | undefined,
    script: Script,
    prepare: Prepare,
  ): Promise<Buffer> {
    const { keys } = this.#context;
    const place = { dictId: dict.id, shard: dict.shards[shard]!, nodeKeys: dict.nodeKeys(shard) };
    return runOnce({ keys, answers: this.#answers, ...place }, call, (record) =>
      this.run(dict, shard, script, [record.key], (nowMs) => {
        const prepared = prepare(nowMs);
        return { ...prepared, args: [...record.args, ...prepared.args] };
      }),
    );
  }

  /** What a script is given to write entries: field and stored form in turn. The chunks of large values are sent. */
  entryArgs(dict: OpenDict, shard: number, entries: readonly OwnedEntry[], nowMs: number): Prepared {
    const byPolicy = entryLife(dict.expiry, undefined, nowMs);
    const args: Argument[] = [];
    let large = noLarge;
    let endsAtMs: number | undefined;
    for (const { field, value, ttlMs } of entries) {
      let life = byPolicy;
      if (ttlMs !== undefined) {
        life = entryLife(dict.expiry, ttlMs, nowMs);
        endsAtMs = earlierEnd(endsAtMs, ownEnd(life));
      }
      if (value.length <= inlineMaxBytes) args.push(field, encodeEntry(value, life));
      else {
        dict.hasLarge = true;
        const sent = sendLargeValue(this.#context, dict.shards[shard]!, value, life);
        args.push(field, sent.entry);
        large = [...large, sent];
      }
    }
    return { args, large, endsAtMs };
  }

  /** What else belongs to a script that links large values, or writes entries with an own time to live. */
  #notes(
    dict: OpenDict,
    large: readonly LargeWrite[],
    endsAtMs: number | undefined,
  ): Promise<unknown> | undefined {
    const ends = endsAtMs === undefined ? undefined : this.#schedule.noteEnd(dict, endsAtMs);
    if (large.length === 0) return ends;
    return Promise.all([ends, this.#schedule.noteLarge(dict), ...large.map(({ sent }) => sent)]);
  }
}

/** An answer, once all that belongs to it is done. */
async function withAll(answer: Promise<Reply>, notes: Promise<unknown>): Promise<Reply> {
  const [reply] = await Promise.all([answer, notes]);
  return reply;
}
