/**
 * Environments: one hash for all of them, and a registry for each, in a slot of its own.
 *
 * An environment is created from the bottom up (registry, then the list) and deleted from the top down (list, registry,
 * dictionaries), so that what can be found is whole. A deletion that does not end is noted in the list and finished
 * by a sweep, whichever node does it.
 *
 * The list is the one thing that everything hangs from, so its loss must not pass for a new cluster: keys in eight
 * slots far from each other say that there is a list.
 */

import { createError } from "@everdict/protocol";
import type { EnvironmentRecord } from "@everdict/store";
import { dataLoss } from "./data-loss.ts";
import type { DictDirectory } from "./dict-directory.ts";
import type { DictRegistry } from "./dict-registry.ts";
import type { KeyPlace } from "./keyspace.ts";
import { newNonce } from "./nonce.ts";
import type { Reply } from "./resp/reply.ts";
import {
  changeEnvironmentScript,
  createEnvironmentScript,
  deleteEnvironmentScript,
} from "./scripts/environment-scripts.ts";
import { read, runScript, type StoreContext, textOf, write } from "./store-context.ts";

/** An environment as stored; `nonce` tells whose creation it was. */
type StoredEnvironment = EnvironmentRecord & { readonly nonce: string };

/** Environments in the cluster. */
export class Environments {
  readonly #context: StoreContext;
  readonly #place: KeyPlace;

  constructor(context: StoreContext) {
    this.#context = context;
    this.#place = context.keys.environments();
  }

  /** All, ordered by name. @throws `data_loss` */
  async list(): Promise<EnvironmentRecord[]> {
    const stored = await this.#fields();
    const records = [...stored].flatMap(([field, text]) => (field.startsWith("e") ? [decode(text)] : []));
    return records.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  }

  /** Ids of environments whose deletion has not ended. */
  async deleting(): Promise<string[]> {
    return [...(await this.#fields()).keys()].flatMap((field) =>
      field.startsWith("d") ? [field.slice(1)] : [],
    );
  }

  /** The one of that name. @throws `data_loss` */
  async find(name: string): Promise<EnvironmentRecord | undefined> {
    const id = textOf(await this.#get(`n${name}`));
    if (id === undefined) {
      await this.#checkThere();
      return undefined;
    }
    return await this.get(id);
  }

  /** The one of that id. */
  async get(id: string): Promise<EnvironmentRecord | undefined> {
    const text = textOf(await this.#get(`e${id}`));
    return text === undefined ? undefined : decode(text);
  }

  /** Whether the list has that id: an environment in the list must have a registry. @throws `data_loss` */
  async isListed(id: string): Promise<boolean> {
    if ((await this.#get(`e${id}`)) !== null) return true;
    await this.#checkThere();
    return false;
  }

  /** See `Store.createEnvironment`. */
  async create(id: string, name: string): Promise<{ environment: EnvironmentRecord; created: boolean }> {
    const { router, keys, clock } = this.#context;
    await this.#checkThere();
    const { slot, registry } = keys.registry(id);
    await write(router, slot, ["HSETNX", registry, "m", "0"]);
    const createdAtSeconds = Math.floor(clock() * 1000) / 1e6;
    const stored: StoredEnvironment = { id, name, webSuffix: "", createdAtSeconds, nonce: newNonce() };
    const args = [id, name, JSON.stringify(stored)];
    const reply = await this.#run(createEnvironmentScript, args);
    // Only now: a list that is about to be made must not pass for a lost one.
    await Promise.all(keys.markers().map((marker) => write(router, marker.slot, ["SET", marker.key, "1"])));
    const present = JSON.parse(textOf(reply)!) as StoredEnvironment;
    if (present.id !== id) await write(router, slot, ["UNLINK", registry]);
    return { environment: decode(textOf(reply)!), created: present.nonce === stored.nonce };
  }

  /** See `Store.updateEnvironment`. */
  async update(
    id: string,
    change: { readonly name?: string | undefined; readonly webSuffix?: string | undefined },
  ): Promise<EnvironmentRecord> {
    for (;;) {
      const [text, stored] = await this.#require(id);
      const changed = {
        ...stored,
        name: change.name ?? stored.name,
        webSuffix: change.webSuffix ?? stored.webSuffix,
      };
      const args = [id, text, stored.name, JSON.stringify(changed), changed.name];
      const reply = await this.#run(changeEnvironmentScript, args);
      if (reply === 1) return decode(args[3]!);
      if (reply === -1)
        throw createError("environment_exists", `Environment '${changed.name}' already exists`);
      // Somebody else changed it meanwhile: read again.
    }
  }

  /** See `Store.deleteEnvironment`. */
  async delete(id: string, registry: DictRegistry, directory: DictDirectory): Promise<void> {
    const who = newNonce();
    for (;;) {
      const [text, { name }] = await this.#require(id);
      if ((await this.#run(deleteEnvironmentScript, [id, text, name, who])) === 1) break;
    }
    await this.finishDeletion(id, registry, directory);
  }

  /** Removes everything in an environment that is in the list no more. Safe to repeat. */
  async finishDeletion(id: string, registry: DictRegistry, directory: DictDirectory): Promise<void> {
    const { router, keys } = this.#context;
    const place = keys.registry(id);
    // From now on no dictionary can be created in it.
    await write(router, place.slot, ["HDEL", place.registry, "m"]);
    for (const dictId of await registry.allIds(id)) await directory.removeParts(id, dictId);
    await write(router, place.slot, ["UNLINK", place.registry, place.creations, place.agenda]);
    await write(router, this.#place.slot, ["HDEL", this.#place.key, `d${id}`]);
  }

  async #require(id: string): Promise<[string, StoredEnvironment]> {
    const text = textOf(await this.#get(`e${id}`));
    if (text !== undefined) return [text, JSON.parse(text) as StoredEnvironment];
    await this.#checkThere();
    throw environmentNotFound(id);
  }

  /** Whether the list is gone although there was one. @throws `data_loss` */
  async #checkThere(): Promise<void> {
    const { router, keys } = this.#context;
    if ((await read(router, this.#place.slot, ["EXISTS", this.#place.key])) === 1) return;
    const found = await Promise.all(
      keys.markers().map((marker) => read(router, marker.slot, ["EXISTS", marker.key])),
    );
    if (!found.includes(1)) return;
    // Markers are made after the list, which somebody may have made since it was looked for.
    if ((await read(router, this.#place.slot, ["EXISTS", this.#place.key])) === 1) return;
    throw dataLoss(this.#context, "the list of environments");
  }

  async #fields(): Promise<Map<string, string>> {
    const { slot, key } = this.#place;
    const reply = await read(this.#context.router, slot, ["HGETALL", key]);
    const items = (reply as Reply[]).map((item) => textOf(item)!);
    if (items.length === 0) await this.#checkThere();
    const fields = new Map<string, string>();
    for (let index = 0; index < items.length; index += 2) fields.set(items[index]!, items[index + 1]!);
    return fields;
  }

  #get(field: string): Promise<Reply> {
    return read(this.#context.router, this.#place.slot, ["HGET", this.#place.key, field]);
  }

  #run(script: Parameters<typeof runScript>[1], args: readonly string[]): Promise<Reply> {
    return runScript(this.#context.router, script, { slot: this.#place.slot, keys: [this.#place.key], args });
  }
}

/** The error for an environment that is not there. */
export function environmentNotFound(id: string): Error {
  return createError("environment_not_found", `Environment '${id}' not found`);
}

function decode(text: string): EnvironmentRecord {
  const { id, name, webSuffix, createdAtSeconds } = JSON.parse(text) as StoredEnvironment;
  return { id, name, webSuffix, createdAtSeconds };
}
