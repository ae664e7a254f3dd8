/**
 * A look at a dictionary for expired entries, shard by shard; it may go on in a later sweep.
 *
 * A finished look knows the earliest expiry of all remaining entries. An entry that was written since the look began
 * cannot expire before a time to live is over. So the next look is due at the earlier of the two. (Who writes an entry
 * with its own time to live puts that on the schedule, see `Schedule.noteEnd`.) Looks are at least a
 * sixteenth of the time to live apart, so that a busy dictionary is not looked at all the time. So an entry is looked
 * at no more than about sixteen times in its life, and does not stay much longer than it must.
 *
 * What is noted while a look is under way is not overwritten at its end. And a node that noted an end relies on that look for a
 * while, for later ends too. So a look that was noted has another one behind it, even if it finds nothing.
 */

import { loosely, runScript } from "../context/commands.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { largeValuesOf, reapLargeValue } from "../large-values/remove-large-values.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import {
  type Claim,
  largeIntervalMs,
  lookPauseMs,
  notedIntervalMs,
  type Schedule,
} from "../registry/schedule.ts";
import { sweepScript } from "../scripts/entry-scripts.ts";

/** What one sweep may still do. */
export interface Allowance {
  /** Entries to remove. */
  entries: number;
  /** Fields to look at, about. */
  fields: number;
}

/** Whether nothing is left of an allowance. */
export function isSpent({ entries, fields }: Allowance): boolean {
  return entries <= 0 || fields <= 0;
}

/** Fields that one script looks at. */
const scanCount = 500;
const looksPerLife = 16;

/** What a look needs. */
export interface DictLookOptions {
  readonly context: StoreContext;
  readonly directory: DictDirectory;
  readonly schedule: Schedule;
  readonly dict: OpenDict;
  readonly claim: Claim;
}

/** A look under way. */
export class DictLook {
  readonly #context: StoreContext;
  readonly #directory: DictDirectory;
  readonly #schedule: Schedule;
  readonly #dict: OpenDict;
  readonly #claim: Claim;
  readonly #beganAtMs: number;
  #shard = 0;
  #scanned = 0;
  #cursor = "0";
  /** The earliest expiry of what stays, by the policy and by own times to live; 0: none. */
  #earliestMs = 0;
  #earliestOwnMs = 0;

  constructor({ context, directory, schedule, dict, claim }: DictLookOptions) {
    this.#context = context;
    this.#directory = directory;
    this.#schedule = schedule;
    this.#dict = dict;
    this.#claim = claim;
    this.#beganAtMs = wholeMs(context);
  }

  /** Goes on until the look has ended, or the allowance is spent; true if it has ended. */
  async goOn(allowance: Allowance): Promise<boolean> {
    const { counters } = this.#context;
    for (; this.#shard < this.#dict.shards.length; this.#shard++) {
      for (let done = false; !done; ) {
        if (isSpent(allowance)) return false;
        const step = await this.#step(allowance.entries);
        // The dictionary was deleted meanwhile.
        if (step === undefined) return true;
        allowance.entries -= step.removed;
        allowance.fields -= step.scanned + 1;
        counters.sweepScanned += step.scanned;
        this.#scanned += step.scanned;
        this.#earliestMs = earlier(this.#earliestMs, step.earliestMs);
        this.#earliestOwnMs = earlier(this.#earliestOwnMs, step.earliestOwnMs);
        this.#cursor = step.cursor;
        done = step.done;
      }
      this.#cursor = "0";
      if (this.#dict.hasLarge) await this.#reapRetired();
    }
    // Another node may have changed how long entries live.
    if ((await this.#directory.end(this.#dict)) === undefined) return true;
    await this.#sayWhenDue();
    counters.sweepPasses++;
    return true;
  }

  /** Looks at the next fields of the shard; undefined if it is gone. */
  async #step(removeMax: number) {
    const dict = this.#dict;
    const { slot, key, indexKey } = dict.shards[this.#shard]!;
    const args = [wholeMs(this.#context), this.#cursor, scanCount, removeMax];
    const call = { slot, keys: [key, indexKey], args };
    const reply = await runScript(this.#context.router, sweepScript, call, loosely);
    if (!Array.isArray(reply)) return undefined;
    const [cursor, done, scanned, removed, earliestMs, earliestOwnMs, hasIndex] = reply.map(String);
    if (hasIndex === "1") dict.hasLarge = true;
    return {
      cursor: cursor!,
      done: done === "1",
      scanned: Number(scanned),
      removed: Number(removed),
      earliestMs: Number(earliestMs),
      earliestOwnMs: Number(earliestOwnMs),
    };
  }

  async #reapRetired(): Promise<void> {
    const nowMs = this.#context.clock();
    const place = this.#dict.shards[this.#shard]!;
    for (const value of await largeValuesOf(this.#context, place)) {
      if (value.retiredAtMs !== 0 && value.retiredAtMs <= nowMs)
        await reapLargeValue(this.#context, place, value);
    }
  }

  /** Says when the next look is due. */
  async #sayWhenDue(): Promise<void> {
    const { id, environmentId, expiry, hasLarge } = this.#dict;
    const beganAtMs = this.#beganAtMs;
    let nextMs = Number.POSITIVE_INFINITY;
    // What was written under another policy ends all the same.
    const earliestOwnMs =
      expiry.policy === "never" ? earlier(this.#earliestMs, this.#earliestOwnMs) : this.#earliestOwnMs;
    if (expiry.policy !== "never") {
      const earliest = earlier(this.#earliestMs, beganAtMs + expiry.ttlMs);
      nextMs = Math.max(earliest, beganAtMs + Math.ceil(expiry.ttlMs / looksPerLife));
    }
    const pausedMs = beganAtMs + lookPauseMs(this.#scanned);
    if (earliestOwnMs !== 0) nextMs = Math.min(nextMs, Math.max(earliestOwnMs, pausedMs));
    // Its node relies on a look, even if what it was noted for is gone.
    if (this.#claim.wasNoted) nextMs = Math.min(nextMs, Math.max(beganAtMs + notedIntervalMs, pausedMs));
    if (hasLarge) nextMs = Math.min(nextMs, beganAtMs + largeIntervalMs);
    const atMs = nextMs === Number.POSITIVE_INFINITY ? undefined : Math.floor(nextMs);
    await this.#schedule.settle(environmentId, `x${id}`, this.#claim, atMs);
  }
}

/** The earlier of two times of which 0 means never. */
function earlier(oneMs: number, otherMs: number): number {
  if (oneMs === 0) return otherMs;
  return otherMs === 0 ? oneMs : Math.min(oneMs, otherMs);
}
