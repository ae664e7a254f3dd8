/**
 * Sweeping removes expired entries and ended dictionaries; the first node that gets to it does it.
 *
 * There is no index of expiries: a scan costs about a microsecond an entry, and an index half as much memory again.
 * Instead each environment has a schedule, which says when the next look at a dictionary can find anything
 * (`dict-look.ts`).
 */

import type { SweepResult } from "@everdict/store";
import { foreignRecord } from "../context/data-loss.ts";
import type { StoreContext } from "../context/store-context.ts";
import type { DictDirectory } from "../registry/dict-directory.ts";
import type { DictEnds } from "../registry/dict-ends.ts";
import type { Environments } from "../registry/environments.ts";
import type { OpenDict } from "../registry/open-dict.ts";
import type { DueItem, Schedule } from "../registry/schedule.ts";
import { type Allowance, DictLook, isSpent } from "./dict-look.ts";

/** What a sweeper needs. */
export interface SweeperOptions {
  readonly context: StoreContext;
  readonly environments: Environments;
  readonly schedule: Schedule;
  readonly directory: DictDirectory;
  readonly ends: DictEnds;
}

/** About this many fields one call of `sweep` looks at; then it reports that there is more. */
const scanMaxFields = 100_000;

/** Removes what is due. */
export class Sweeper {
  readonly #options: SweeperOptions;
  #last: Promise<unknown> = Promise.resolve();
  #look: DictLook | undefined;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  /** See `Store.sweep`. One at a time. */
  sweep(maxEntries: number): Promise<SweepResult> {
    const result = this.#last.then(() => this.#sweep(maxEntries));
    this.#last = result.catch(() => {});
    return result;
  }

  async #sweep(maxEntries: number): Promise<SweepResult> {
    const { context, ends } = this.#options;
    const allowance: Allowance = { entries: maxEntries, fields: scanMaxFields };
    await this.#goOn(allowance);
    if (!isSpent(allowance)) await ends.finishEnvironments();
    while (!isSpent(allowance)) {
      const due = await this.#due();
      if (due.length === 0) break;
      for (const item of due) {
        if (isSpent(allowance)) break;
        await this.#do(item, allowance);
      }
    }
    const removed = maxEntries - allowance.entries;
    context.counters.sweptEntries += removed;
    return { removed, more: isSpent(allowance) || this.#look !== undefined };
  }

  async #due(): Promise<DueItem[]> {
    const { environments, schedule } = this.#options;
    const due = (await environments.list()).map(({ id }) => schedule.due(id));
    return (await Promise.all(due)).flat();
  }

  async #do(due: DueItem, allowance: Allowance): Promise<void> {
    const { context, schedule, directory, ends } = this.#options;
    const { environmentId, item } = due;
    const id = item.slice(1);
    if (item[0] === "e") {
      try {
        // Not claimed: the schedule must go on saying when it ended, and only one node can retire it.
        return await this.#endEphemeral(due, id, allowance);
      } catch (error) {
        // Its servers are not able; nobody else is kept from being swept by it for the next minute.
        await schedule.claim(due);
        throw error;
      }
    }
    const claim = await schedule.claim(due);
    if (claim === undefined) return;
    switch (item[0]) {
      case "x": {
        const dict = await this.#registered(due, id);
        if (dict === undefined) return await schedule.strike(environmentId, item);
        this.#look = new DictLook({ context, directory, schedule, dict, claim });
        return await this.#goOn(allowance);
      }
      case "p":
        // A creation that ended has left this behind only if it was noted again after it.
        if (await this.#registered(due, id)) return await schedule.strike(environmentId, item);
        return await ends.finish(environmentId, id);
      case "g":
        return await ends.finish(environmentId, id);
      default:
        // Claimed, so nobody meets it again for a minute.
        foreignRecord(context, `an item on the schedule of environment '${environmentId}'`);
    }
  }

  /** The dictionary of an item, if it is registered. */
  async #registered({ environmentId }: DueItem, id: string): Promise<OpenDict | undefined> {
    const { directory } = this.#options;
    const dict = await directory.find(id, environmentId);
    return dict !== undefined && (await directory.isRegistered(dict)) ? dict : undefined;
  }

  async #endEphemeral({ environmentId, item }: DueItem, id: string, allowance: Allowance): Promise<void> {
    const { schedule, directory, ends } = this.#options;
    const dict = await directory.find(id, environmentId);
    const endsAtMs = dict === undefined ? undefined : await directory.end(dict);
    // A heartbeat got in between; its shards know better than the schedule.
    if (endsAtMs !== undefined) return await schedule.move(environmentId, item, endsAtMs);
    if (dict === undefined) await ends.finish(environmentId, id);
    else if (await ends.retire(dict)) allowance.entries--;
    await schedule.strike(environmentId, item);
  }

  /** Goes on with the look under way. */
  async #goOn(allowance: Allowance): Promise<void> {
    if (await this.#look?.goOn(allowance)) this.#look = undefined;
  }
}
