/**
 * Ends dictionaries and environments, or moves the end of a dictionary.
 *
 * A deletion goes from the top down: make the dictionary unknown, remove its content, note that nothing is left. A
 * sweep of any node finishes a deletion that did not end.
 */

import { read, runScript, write } from "../context/commands.ts";
import { keyLifeMs } from "../context/life-times.ts";
import { newNonce } from "../context/nonce.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { chunkKeys, largeValuesOf, removeLargeValues } from "../large-values/remove-large-values.ts";
import { itemsOf, textOf } from "../resp/reply.ts";
import { extendShardScript } from "../scripts/dict-scripts.ts";
import { beginDeletionScript, endDeletionScript } from "../scripts/registry-scripts.ts";
import type { DictDirectory } from "./dict-directory.ts";
import type { Environments } from "./environments.ts";
import type { OpenDict } from "./open-dict.ts";
import { claimMs, type Schedule } from "./schedule.ts";

/** What it takes to end dictionaries and environments. */
export interface DictEndsOptions {
  readonly context: StoreContext;
  readonly environments: Environments;
  readonly schedule: Schedule;
  readonly directory: DictDirectory;
}

/** Ends dictionaries, and environments with all that is in them. */
export class DictEnds {
  readonly #context: StoreContext;
  readonly #environments: Environments;
  readonly #schedule: Schedule;
  readonly #directory: DictDirectory;

  constructor({ context, environments, schedule, directory }: DictEndsOptions) {
    this.#context = context;
    this.#environments = environments;
    this.#schedule = schedule;
    this.#directory = directory;
  }

  /** See `Store.extendDict`. */
  extend(dictId: string, endsAtMs: number): Promise<void> {
    return this.#directory.with(dictId, async (dict) => {
      if (dict.isEphemeral) {
        await this.#extendParts(dict, endsAtMs);
        await this.#schedule.move(dict.environmentId, `e${dictId}`, endsAtMs);
      } else if (!(await this.#directory.isRegistered(dict))) await this.#directory.absent(dict);
    });
  }

  /** See `Store.deleteDict`. */
  delete(dictId: string): Promise<void> {
    return this.#directory.with(dictId, async (dict) => {
      // Lost shards are no obstacle: to delete a dictionary is how its loss is accepted.
      if ((await this.#directory.hasEnded(dict)) || !(await this.retire(dict)))
        await this.#directory.absent(dict);
    });
  }

  /** Removes a dictionary, whatever its state. Resolves to false if another call did. */
  async retire(dict: OpenDict): Promise<boolean> {
    const { router, keys } = this.#context;
    const { slot, registry, creations, schedule } = keys.registry(dict.environmentId);
    const args = [dict.id, dict.name, newNonce(), wholeMs(this.#context) + claimMs];
    const call = { slot, keys: [registry, creations, schedule], args };
    if ((await runScript(router, beginDeletionScript, call)) !== 1) return false;
    await this.finish(dict.environmentId, dict.id);
    return true;
  }

  /** Removes the parts of a dictionary that nobody can know of (any more), and notes that. Safe to repeat. */
  async finish(environmentId: string, dictId: string): Promise<void> {
    await this.#removeParts(environmentId, dictId);
    const { slot, registry, schedule } = this.#context.keys.registry(environmentId);
    const call = { slot, keys: [registry, schedule], args: [dictId] };
    await runScript(this.#context.router, endDeletionScript, call);
  }

  /** See `Store.deleteEnvironment`. */
  async deleteEnvironment(id: string): Promise<void> {
    await this.#environments.unlist(id);
    await this.#finishEnvironment(id);
  }

  /** Finishes the deletion of environments that others began. */
  async finishEnvironments(): Promise<void> {
    for (const id of await this.#environments.deleting()) await this.#finishEnvironment(id);
  }

  /** Removes everything in an environment that is in the list no more. Safe to repeat. */
  async #finishEnvironment(id: string): Promise<void> {
    const { router, keys } = this.#context;
    const { slot, registry, creations, schedule } = keys.registry(id);
    // From now on no dictionary can be created in it.
    await write(router, slot, ["HDEL", registry, "m"]);
    for (const dictId of await this.#allIds(id)) await this.#removeParts(id, dictId);
    await write(router, slot, ["UNLINK", registry, creations, schedule]);
    await this.#environments.noteDeleted(id);
  }

  async #extendParts(dict: OpenDict, endsAtMs: number): Promise<void> {
    const { router, keys } = this.#context;
    const nowMs = wholeMs(this.#context);
    const lifeMs = keyLifeMs(endsAtMs, nowMs);
    await Promise.all(
      dict.shards.map(async (shard) => {
        const { slot, key, indexKey } = shard;
        const call = { slot, keys: [key, indexKey], args: [nowMs, endsAtMs, lifeMs] };
        const large = Number(await runScript(router, extendShardScript, call));
        if (large < 0) await this.#directory.absent(dict);
        if (large === 0) return;
        for (const value of await largeValuesOf(this.#context, shard)) {
          const chunks = chunkKeys(this.#context, shard, value);
          await Promise.all(chunks.map((chunk) => write(router, slot, ["PEXPIRE", chunk, lifeMs])));
        }
      }),
    );
    const record = keys.record(dict.id);
    await write(router, record.slot, ["PEXPIRE", record.key, lifeMs]);
  }

  /** Every dictionary that has parts: known ones, and those under creation or deletion. */
  async #allIds(environmentId: string): Promise<ReadonlySet<string>> {
    const { router, keys } = this.#context;
    const { slot, registry, schedule } = keys.registry(environmentId);
    const fields = itemsOf(await read(router, slot, ["HKEYS", registry]));
    const items = itemsOf(await read(router, slot, ["ZRANGE", schedule, 0, -1]));
    const texts = [...fields, ...items].map((item) => textOf(item) ?? "");
    return new Set(texts.filter((text) => /^[rgpe]/.test(text)).map((text) => text.slice(1)));
  }

  /** Removes the shards and the record of a dictionary that is registered no more. Safe to repeat. */
  async #removeParts(environmentId: string, dictId: string): Promise<void> {
    const { router, keys } = this.#context;
    const dict = await this.#directory.find(dictId, environmentId);
    if (dict === undefined) return;
    await Promise.all(
      dict.shards.map(async (shard) => {
        // First the shard, so that nobody adds to the large values while they are removed.
        await write(router, shard.slot, ["UNLINK", shard.key]);
        await removeLargeValues(this.#context, shard);
      }),
    );
    const record = keys.record(dictId);
    await write(router, record.slot, ["DEL", record.key]);
    this.#directory.drop(dictId);
  }
}
