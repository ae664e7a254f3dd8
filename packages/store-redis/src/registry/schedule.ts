/**
 * The schedule of an environment: what is due for a look, and when; see `registry-scripts.ts`. A node claims an item by
 * moving it on by a minute. So other nodes leave it alone, and take over if the node is gone.
 */

import { read, runScript, write } from "../context/commands.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import type { RegistryPlace } from "../keys/keyspace.ts";
import type { Argument } from "../resp/command-writer.ts";
import { textPairsOf } from "../resp/reply.ts";
import { claimScript, noteScript, settleScript } from "../scripts/registry-scripts.ts";
import type { OpenDict } from "./open-dict.ts";

/** An item that is due, as it was read. */
export interface DueItem {
  readonly environmentId: string;
  readonly item: string;
  readonly score: string;
}

/** An item that this node looks at. */
export interface Claim {
  readonly untilMs: number;
  /** Whether a node noted it since the last look, and relies on a look at that time. */
  readonly wasNoted: boolean;
}

/** How long a claim keeps other nodes off. */
export const claimMs = 60_000;
/** Dictionaries with large values are looked at this often, for what was retired and not removed. */
export const largeIntervalMs = 600_000;
/** What was noted is looked at so soon after a look that found it removed. */
export const notedIntervalMs = 600_000;
/** How long a node relies on what it noted: shorter, so that it cannot do so through two looks. */
const reliesMs = notedIntervalMs / 2;
const dueItemsMax = 64;

/** The schedules of all environments. */
export class Schedule {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Some of what is due in an environment, the oldest first. */
  async due(environmentId: string): Promise<DueItem[]> {
    const { slot, schedule } = this.#place(environmentId);
    const range = ["-inf", wholeMs(this.#context), "WITHSCORES", "LIMIT", 0, dueItemsMax];
    const reply = await read(this.#context.router, slot, ["ZRANGEBYSCORE", schedule, ...range]);
    return textPairsOf(reply).map(([item, score]) => ({ environmentId, item, score }));
  }

  /** Keeps other nodes off an item, unless one of them was first: then undefined. */
  async claim({ environmentId, item, score }: DueItem): Promise<Claim | undefined> {
    const { slot, schedule } = this.#place(environmentId);
    const untilMs = wholeMs(this.#context) + claimMs;
    const call = { slot, keys: [schedule], args: [item, score, untilMs] };
    if ((await runScript(this.#context.router, claimScript, call)) !== 1) return undefined;
    return { untilMs, wasNoted: !Number.isInteger(Number(score)) };
  }

  /** Moves an item whose look has ended, or takes it off; see `settleScript`. */
  async settle(environmentId: string, item: string, claim: Claim, atMs: number | undefined): Promise<void> {
    const { slot, schedule } = this.#place(environmentId);
    const call = { slot, keys: [schedule], args: [item, claim.untilMs, atMs ?? ""] };
    await runScript(this.#context.router, settleScript, call);
  }

  /** When an item is due; undefined if it is not on the schedule. */
  async timeOf(environmentId: string, item: string): Promise<number | undefined> {
    const { slot, schedule } = this.#place(environmentId);
    const score = await read(this.#context.router, slot, ["ZSCORE", schedule, item]);
    return score === null ? undefined : Number(score.toString());
  }

  /** Moves an item, if it is on the schedule. */
  move(environmentId: string, item: string, atMs: number): Promise<void> {
    return this.#write(environmentId, "ZADD", "XX", atMs, item);
  }

  /** Takes an item off. */
  strike(environmentId: string, item: string): Promise<void> {
    return this.#write(environmentId, "ZREM", item);
  }

  /** Sees to it that a dictionary whose entries live so long from now on is looked at. */
  noteExpiry(dict: OpenDict, ttlMs: number): Promise<void> {
    return this.#note(dict, wholeMs(this.#context) + Math.floor(ttlMs));
  }

  /** Sees to it that a dictionary that has large values is looked at in time. */
  noteLarge(dict: OpenDict): Promise<void> {
    return this.#note(dict, wholeMs(this.#context) + largeIntervalMs);
  }

  /**
   * Sees to it that a dictionary is looked at when an entry has ended that has its own time to live; undefined if this
   * node has done so.
   */
  noteEnd(dict: OpenDict, endsAtMs: number): Promise<void> | undefined {
    const { shards, ownLooks } = dict;
    const nowMs = wholeMs(this.#context);
    if (ownLooks.nextMs <= nowMs) ownLooks.lastMs = ownLooks.nextMs;
    const atMs = Math.max(endsAtMs, ownLooks.lastMs + ownLooks.pauseMs);
    const isRelied = nowMs < Math.min(ownLooks.nextMs, ownLooks.notedAtMs + reliesMs);
    if (isRelied && ownLooks.nextMs <= atMs) return undefined;
    ownLooks.nextMs = atMs;
    ownLooks.notedAtMs = nowMs;
    const { slot, key } = shards[0]!;
    const noted = Promise.all([this.#note(dict, atMs), read(this.#context.router, slot, ["HLEN", key])]);
    return noted.then(
      ([, fields]) => {
        ownLooks.pauseMs = lookPauseMs(Number(fields) * shards.length);
      },
      (error) => {
        ownLooks.nextMs = Number.NEGATIVE_INFINITY;
        throw error;
      },
    );
  }

  async #note({ environmentId, id }: OpenDict, atMs: number): Promise<void> {
    const { slot, schedule } = this.#place(environmentId);
    await runScript(this.#context.router, noteScript, { slot, keys: [schedule], args: [`x${id}`, atMs] });
  }

  async #write(environmentId: string, command: string, ...args: readonly Argument[]): Promise<void> {
    const { slot, schedule } = this.#place(environmentId);
    await write(this.#context.router, slot, [command, schedule, ...args]);
  }

  #place(environmentId: string): RegistryPlace {
    return this.#context.keys.registry(environmentId);
  }
}

/**
 * How far apart looks are for entries that end by their own times to live, however short those are. A look takes about a
 * microsecond a field, so that is a hundredth of a server's time.
 */
export function lookPauseMs(fields: number): number {
  return Math.ceil(fields / 10);
}
