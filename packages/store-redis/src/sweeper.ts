/**
 * Sweeping: removes what is due, whichever node gets round to it first.
 *
 * There is no index of expiries: a scan costs about a microsecond an entry, an index half as much memory again. Instead
 * each environment has an agenda that says when the next look at a dictionary can find anything. A look that comes to
 * its end knows the earliest expiry of all that stays, and nothing written since it began can expire before a time to
 * live is over; so the next look is due at the earlier of the two. To keep a busy dictionary from being looked at all
 * the time, looks are at least a sixteenth of the time to live apart: no entry is looked at more than about sixteen
 * times in its life, and none stays much longer than it must.
 *
 * A node claims what it does by moving it a minute on in the agenda, so others leave it alone, and take over if the
 * node is gone.
 */

import type { SweepResult } from "@everdict/store";
import { foreignRecord } from "./data-loss.ts";
import type { DictDirectory } from "./dict-directory.ts";
import type { DictRegistry } from "./dict-registry.ts";
import type { Environments } from "./environments.ts";
import type { RegistryPlace } from "./keyspace.ts";
import type { OpenDict } from "./open-dict.ts";
import { largeValuesOf, reapLargeValue } from "./remove-large-values.ts";
import type { Reply } from "./resp/reply.ts";
import { sweepScript } from "./scripts/entry-scripts.ts";
import { claimScript } from "./scripts/registry-scripts.ts";
import { read, runLooseScript, runScript, type StoreContext, textOf, write } from "./store-context.ts";

/** What a sweeper needs. */
export interface SweeperOptions {
  readonly context: StoreContext;
  readonly environments: Environments;
  readonly registry: DictRegistry;
  readonly directory: DictDirectory;
}

const claimMs = 60_000;
/** Fields that one script looks at. */
const scanCount = 500;
/** Fields that one call of `sweep` looks at, about; then it says that there is more. */
const scanMaxFields = 100_000;
const agendaItems = 64;
/** Dictionaries with large values are looked at this often, for what was retired and not removed. */
const largeIntervalMs = 600_000;
const looksPerLife = 16;

/** A look at a dictionary under way. */
interface Look {
  readonly dict: OpenDict;
  readonly place: RegistryPlace;
  readonly beganAtMs: number;
  shard: number;
  cursor: string;
  /** The earliest expiry of what stays; 0: none. */
  earliestMs: number;
}

/** An item of an agenda that is due. */
interface Due {
  readonly environmentId: string;
  readonly place: RegistryPlace;
  readonly item: string;
  readonly score: string;
}

/** What one call may still do. */
interface Allowance {
  entries: number;
  fields: number;
}

/** Removes what is due. */
export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #context: StoreContext;
  #last: Promise<unknown> = Promise.resolve();
  #look: Look | undefined;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** See `Store.sweep`. One at a time. */
  sweep(maxEntries: number): Promise<SweepResult> {
    const result = this.#last.then(() => this.#sweep(maxEntries));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Puts a dictionary that has large values on the agenda, if it is not. */
  async noteLarge(dict: OpenDict): Promise<void> {
    const { router, keys, clock } = this.#context;
    const { slot, agenda } = keys.registry(dict.environmentId);
    const atMs = Math.floor(clock()) + largeIntervalMs;
    await write(router, slot, ["ZADD", agenda, "LT", atMs, `x${dict.id}`]);
  }

  async #sweep(maxEntries: number): Promise<SweepResult> {
    const allowance: Allowance = { entries: maxEntries, fields: scanMaxFields };
    let more = false;
    const spent = (): boolean => allowance.entries <= 0 || allowance.fields <= 0;
    if (this.#look !== undefined) await this.#continue(this.#look, allowance);
    if (spent()) more = true;
    else await this.#finishEnvironments();
    while (!spent()) {
      const due = await this.#due();
      if (due.length === 0) break;
      for (const item of due) {
        if (spent()) break;
        await this.#do(item, allowance);
      }
      more = spent();
    }
    const removed = maxEntries - allowance.entries;
    this.#context.counters.sweptEntries += removed;
    return { removed, more: more || this.#look !== undefined };
  }

  async #due(): Promise<Due[]> {
    const { router, keys, clock } = this.#context;
    const nowMs = Math.floor(clock());
    const due = await Promise.all(
      (await this.#options.environments.list()).map(async ({ id: environmentId }) => {
        const place = keys.registry(environmentId);
        const range = ["ZRANGEBYSCORE", place.agenda, "-inf", nowMs, "WITHSCORES", "LIMIT", 0, agendaItems];
        const reply = ((await read(router, place.slot, range)) as Reply[]).map((part) => textOf(part)!);
        const items: Due[] = [];
        for (let index = 0; index < reply.length; index += 2) {
          items.push({ environmentId, place, item: reply[index]!, score: reply[index + 1]! });
        }
        return items;
      }),
    );
    return due.flat();
  }

  async #do(due: Due, allowance: Allowance): Promise<void> {
    const id = due.item.slice(1);
    if (due.item[0] === "e") {
      try {
        // Not claimed: the agenda must go on saying when it ended, and only one node can retire it.
        return await this.#endEphemeral(due, id, allowance);
      } catch (error) {
        // Its servers are not able; nobody else is kept from being swept by it for the next minute.
        await this.#claim(due);
        throw error;
      }
    }
    if (!(await this.#claim(due))) return;
    switch (due.item[0]) {
      case "x": {
        const dict = await this.#options.directory.find(id, due.environmentId);
        if (dict === undefined || !(await this.#options.directory.isRegistered(dict)))
          return await this.#strike(due);
        const beganAtMs = Math.floor(this.#context.clock());
        this.#look = { dict, place: due.place, beganAtMs, shard: 0, cursor: "0", earliestMs: 0 };
        return await this.#continue(this.#look, allowance);
      }
      case "p": {
        // A creation that ended has left this behind only if it was noted again after it.
        const dict = await this.#options.directory.find(id, due.environmentId);
        if (dict !== undefined && (await this.#options.directory.isRegistered(dict)))
          return await this.#strike(due);
        return await this.#options.registry.finishRemoval(due.environmentId, id);
      }
      case "g":
        return await this.#options.registry.finishRemoval(due.environmentId, id);
      default:
        // Claimed, so nobody meets it again for a minute.
        foreignRecord(this.#context, `an item on the agenda of environment '${due.environmentId}'`);
    }
  }

  async #claim({ place, item, score }: Due): Promise<boolean> {
    const args = [item, score, Math.floor(this.#context.clock()) + claimMs];
    const call = { slot: place.slot, keys: [place.agenda], args };
    return (await runScript(this.#context.router, claimScript, call)) === 1;
  }

  async #strike({ place, item }: Due): Promise<void> {
    await write(this.#context.router, place.slot, ["ZREM", place.agenda, item]);
  }

  async #endEphemeral(due: Due, id: string, allowance: Allowance): Promise<void> {
    const { directory, registry } = this.#options;
    const dict = await directory.find(id, due.environmentId);
    const endsAtMs = dict === undefined ? undefined : await directory.end(dict);
    if (endsAtMs !== undefined) {
      // A heartbeat got in between; its shards know better than the agenda.
      await write(this.#context.router, due.place.slot, ["ZADD", due.place.agenda, "XX", endsAtMs, due.item]);
      return;
    }
    if (dict === undefined) await registry.finishRemoval(due.environmentId, id);
    else if (await registry.retire(dict)) allowance.entries--;
    await this.#strike(due);
  }

  /** Goes on with a look until it ends or the allowance is spent. */
  async #continue(look: Look, allowance: Allowance): Promise<void> {
    const { counters } = this.#context;
    for (; look.shard < look.dict.shards.length; look.shard++, look.cursor = "0") {
      for (;;) {
        if (allowance.entries <= 0 || allowance.fields <= 0) return;
        const step = await this.#step(look, allowance.entries);
        // The dictionary was deleted meanwhile.
        if (step === undefined) return this.#end();
        allowance.entries -= step.removed;
        allowance.fields -= step.scanned + 1;
        counters.sweepScanned += step.scanned;
        look.earliestMs = earlier(look.earliestMs, step.earliestMs);
        if (step.done) break;
        look.cursor = step.cursor;
      }
      if (look.dict.hasLarge) await this.#reapRetired(look);
    }
    await this.#schedule(look);
    counters.sweepPasses++;
    this.#end();
  }

  #end(): void {
    this.#look = undefined;
  }

  async #step({ dict, shard, cursor }: Look, removeMax: number) {
    const { router, clock } = this.#context;
    const { slot, key, indexKey } = dict.shards[shard]!;
    const args = [Math.floor(clock()), cursor, scanCount, removeMax];
    const reply = await runLooseScript(router, sweepScript, { slot, keys: [key, indexKey], args });
    if (!Array.isArray(reply)) return undefined;
    const [next, done, scanned, removed, earliest, hasIndex] = reply as [
      Buffer,
      number,
      number,
      number,
      Buffer,
      number,
    ];
    if (hasIndex === 1) dict.hasLarge = true;
    return {
      cursor: next.toString(),
      done: done === 1,
      scanned,
      removed,
      earliestMs: Number(earliest.toString()),
    };
  }

  async #reapRetired({ dict, shard }: Look): Promise<void> {
    const nowMs = this.#context.clock();
    const place = dict.shards[shard]!;
    for (const value of await largeValuesOf(this.#context, place)) {
      if (value.retiredAtMs !== 0 && value.retiredAtMs <= nowMs)
        await reapLargeValue(this.#context, place, value);
    }
  }

  /** Says when the next look is due. */
  async #schedule({ dict, place, beganAtMs, earliestMs }: Look): Promise<void> {
    const { router } = this.#context;
    let nextMs = Number.POSITIVE_INFINITY;
    if (dict.expiry.policy !== "never") {
      const { ttlMs } = dict.expiry;
      const earliest = earlier(earliestMs, beganAtMs + ttlMs);
      nextMs = Math.max(earliest, beganAtMs + Math.ceil(ttlMs / looksPerLife));
    }
    if (dict.hasLarge) nextMs = Math.min(nextMs, beganAtMs + largeIntervalMs);
    const item = `x${dict.id}`;
    if (nextMs === Number.POSITIVE_INFINITY) await write(router, place.slot, ["ZREM", place.agenda, item]);
    else await write(router, place.slot, ["ZADD", place.agenda, "XX", Math.floor(nextMs), item]);
  }

  async #finishEnvironments(): Promise<void> {
    const { environments, registry, directory } = this.#options;
    for (const id of await environments.deleting())
      await environments.finishDeletion(id, registry, directory);
  }
}

/** The earlier of two times of which 0 means never. */
function earlier(oneMs: number, otherMs: number): number {
  if (oneMs === 0) return otherMs;
  return otherMs === 0 ? oneMs : Math.min(oneMs, otherMs);
}
