/**
 * Dictionaries by id: the facts that a node needs before it can find the shards of a dictionary. They are read once and
 * kept.
 *
 * These facts never become wrong: shards are made only with a dictionary and removed only with it, and every call on a
 * shard finds out whether it still exists. How entries are written may change; each shard says what holds there, and calls
 * that depend on it find that out too (`dict-changes.ts`). So there is nothing to invalidate. A missing shard is examined: either the
 * dictionary is gone, or a server lost its data, which must never look like absence.
 *
 * A record that is missing costs nothing but the look: the registry has the same text, so the record is made again.
 */

import { createError } from "@everdict/protocol";
import { read, write } from "../context/commands.ts";
import { dataLoss, foreignRecord } from "../context/data-loss.ts";
import type { StoreContext } from "../context/store-context.ts";
import { endOf, hasChangedSetUp, hasEnded, isShardMeta } from "../formats/shard-meta.ts";
import { decodeDict, withoutCreationTime } from "../formats/stored-dict.ts";
import { itemsOf, type Reply, textOf } from "../resp/reply.ts";
import type { Environments } from "./environments.ts";
import { OpenDict } from "./open-dict.ts";
import type { Schedule } from "./schedule.ts";

const keptMax = 100_000;

type Waiter = (dict: OpenDict | undefined, error?: unknown) => void;

/** What a node knows of dictionaries. */
export class DictDirectory {
  readonly #context: StoreContext;
  readonly #environments: Environments;
  readonly #schedule: Schedule;
  readonly #known = new Map<string, OpenDict>();
  readonly #opening = new Map<string, Waiter[]>();

  constructor(context: StoreContext, environments: Environments, schedule: Schedule) {
    this.#context = context;
    this.#environments = environments;
    this.#schedule = schedule;
  }

  /** The dictionary if it is known. */
  known(dictId: string): OpenDict | undefined {
    return this.#known.get(dictId);
  }

  /**
   * Does something with a dictionary, at once if it is known. Calls that have to wait for it begin in the order in
   * which they were made.
   *
   * @throws `dict_not_found`, `data_loss`
   */
  with<Result>(dictId: string, operation: (dict: OpenDict) => Promise<Result>): Promise<Result> {
    const known = this.#known.get(dictId);
    if (known !== undefined) return operation(known);
    return new Promise((resolve, reject) => {
      this.#wait(dictId, (dict, error) => {
        if (error !== undefined) reject(error);
        else if (dict === undefined) reject(dictNotFound(dictId));
        else operation(dict).then(resolve, reject);
      });
    });
  }

  /**
   * The dictionary if it is known or has a record, whether or not it is live.
   *
   * @param environmentId where it is registered, if anywhere; absent: looked for in all.
   * @throws `data_loss`
   */
  find(dictId: string, environmentId?: string): Promise<OpenDict | undefined> {
    const known = this.#known.get(dictId);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = (dict, error) => (error === undefined ? resolve(dict) : reject(error));
      this.#wait(dictId, waiter, environmentId);
    });
  }

  /** The dictionary's record in its registry; undefined if it was deleted or is not created yet. @throws `data_loss` */
  registered(dict: OpenDict): Promise<string | undefined> {
    return this.#recordIn(dict.environmentId, dict.id);
  }

  /** Whether the dictionary is in its registry. @throws `data_loss` */
  async isRegistered(dict: OpenDict): Promise<boolean> {
    return (await this.registered(dict)) !== undefined;
  }

  /** Why a shard is not there. Always rejects: `dict_not_found`, or `data_loss`. */
  async absent(dict: OpenDict): Promise<never> {
    this.#known.delete(dict.id);
    // Looked at twice: it may have been deleted in between.
    if ((await this.isRegistered(dict)) && !(await this.hasEnded(dict)) && (await this.isRegistered(dict)))
      throw dataLoss(this.#context, `a shard of dict '${dict.id}'`);
    if (await this.#isForgotten(dict)) throw dataLoss(this.#context, `the registration of dict '${dict.id}'`);
    await this.#environments.checkThere();
    throw dictNotFound(dict.id);
  }

  /**
   * Whether a dictionary has its record, but the registry knows neither of it nor of its creation or deletion: the end
   * of a log was lost, and with it what was created then.
   */
  async #isForgotten(dict: OpenDict): Promise<boolean> {
    const { router, keys } = this.#context;
    const { id, environmentId } = dict;
    const { slot, registry } = keys.registry(environmentId);
    const record = keys.record(id);
    // In this order: a creation is on the schedule until it is registered; a deletion is noted until its record is gone.
    const givenUpAtMs = await this.#schedule.timeOf(environmentId, `p${id}`);
    const fields = ["m", `r${id}`, `g${id}`];
    const [there, ...notes] = itemsOf(await read(router, slot, ["HMGET", registry, ...fields]));
    if (there === null || givenUpAtMs !== undefined || notes.some((note) => note !== null)) return false;
    return (await read(router, record.slot, ["EXISTS", record.key])) === 1;
  }

  /**
   * Whether a dictionary is ephemeral and past its end, and registered only until it is swept. Its shards know best
   * when that is; if they are not there, the schedule says whether they may be.
   */
  async hasEnded(dict: OpenDict): Promise<boolean> {
    if (!dict.isEphemeral) return false;
    const { clock } = this.#context;
    const meta = await this.#metaOf(dict);
    if (meta !== null) return hasEnded(meta, clock());
    const endsAtMs = await this.#schedule.timeOf(dict.environmentId, `e${dict.id}`);
    return endsAtMs !== undefined && endsAtMs <= clock();
  }

  /** When a live dictionary ends, 0: never; undefined if it is not live. */
  async end(dict: OpenDict): Promise<number | undefined> {
    const meta = await this.#metaOf(dict);
    return this.isLive(dict, meta, this.#context.clock()) ? endOf(meta) : undefined;
  }

  /** Whether a shard's meta field, as it was read, says that the dictionary is live. @throws `data_loss` */
  isLive(dict: OpenDict, meta: Reply, nowMs: number): meta is Buffer {
    const checked = this.#checkedMeta(dict, meta);
    if (checked !== null && hasChangedSetUp(checked)) dict.learn(checked);
    return checked !== null && !hasEnded(checked, nowMs);
  }

  /** Learns how a shard is set up. @throws `dict_not_found`, `data_loss` */
  async learn(dict: OpenDict, shard: number): Promise<void> {
    const { slot, key } = dict.shards[shard]!;
    const meta = await read(this.#context.router, slot, ["HGET", key, "m"]);
    if (!this.isLive(dict, meta, this.#context.clock())) await this.absent(dict);
  }

  /** The meta field of its first shard. @throws `data_loss` */
  async #metaOf(dict: OpenDict): Promise<Buffer | null> {
    const { slot, key } = dict.shards[0]!;
    return this.#checkedMeta(dict, await read(this.#context.router, slot, ["HGET", key, "m"]));
  }

  #checkedMeta({ id }: OpenDict, meta: Reply): Buffer | null {
    if (meta === null || (meta instanceof Buffer && isShardMeta(meta))) return meta;
    throw foreignRecord(this.#context, `a shard of dict '${id}'`);
  }

  /** Makes sure that a dictionary is there. @throws `dict_not_found`, `data_loss` */
  async checkLive(dict: OpenDict): Promise<void> {
    if ((await this.end(dict)) === undefined) await this.absent(dict);
  }

  /** Forgets a dictionary that is gone. */
  drop(dictId: string): void {
    this.#known.delete(dictId);
  }

  #wait(dictId: string, waiter: Waiter, environmentId?: string): void {
    const waiters = this.#opening.get(dictId);
    if (waiters !== undefined) {
      waiters.push(waiter);
      return;
    }
    this.#opening.set(dictId, [waiter]);
    void this.#open(dictId, environmentId);
  }

  async #open(dictId: string, environmentId: string | undefined): Promise<void> {
    const { router, keys } = this.#context;
    const { slot, key } = keys.record(dictId);
    let dict: OpenDict | undefined;
    let failure: unknown;
    try {
      const text =
        textOf(await read(router, slot, ["GET", key])) ?? (await this.#restore(dictId, environmentId));
      const stored = text === undefined ? undefined : decodeDict(text);
      if (stored !== undefined) dict = this.#keep(new OpenDict(stored, keys));
      else if (text !== undefined) throw foreignRecord(this.#context, `the record of dict '${dictId}'`);
    } catch (error) {
      failure = error;
    }
    // Calls from now on find it known; those from before are served now, in order and without a pause.
    const waiters = this.#opening.get(dictId)!;
    this.#opening.delete(dictId);
    for (const waiter of waiters) waiter(dict, failure);
  }

  /** Makes the record of a registered dictionary again. An id does not say where it is registered. */
  async #restore(dictId: string, environmentId: string | undefined): Promise<string | undefined> {
    const { router, keys, counters } = this.#context;
    const all = environmentId === undefined ? await this.#environments.list() : [{ id: environmentId }];
    for (const { id } of all) {
      const registered = await this.#recordIn(id, dictId);
      if (registered === undefined) continue;
      counters.dataLoss++;
      const text = withoutCreationTime(registered);
      const { slot, key } = keys.record(dictId);
      await write(router, slot, ["SET", key, text]);
      return text;
    }
    return undefined;
  }

  #keep(dict: OpenDict): OpenDict {
    if (this.#known.size >= keptMax) {
      const [oldest = ""] = this.#known.keys();
      this.drop(oldest);
    }
    this.#known.set(dict.id, dict);
    return dict;
  }

  async #recordIn(environmentId: string, dictId: string): Promise<string | undefined> {
    const { router, keys } = this.#context;
    const { slot, registry } = keys.registry(environmentId);
    const [there, record] = itemsOf(await read(router, slot, ["HMGET", registry, "m", `r${dictId}`]));
    if (there !== null) return textOf(record);
    // No dictionary is in an environment that is being deleted, whatever is left of it.
    if (!(await this.#environments.isListed(environmentId))) return undefined;
    throw dataLoss(this.#context, `the registry of environment '${environmentId}'`);
  }
}

/** The error for a dictionary that is not there. */
function dictNotFound(dictId: string): Error {
  return createError("dict_not_found", `Dict '${dictId}' not found`);
}
