/**
 * Environments: one hash for all of them, and a registry for each, in a slot of its own.
 *
 * An environment is created from the bottom up (registry, then the list) and deleted from the top down (list, registry,
 * dictionaries), so that what can be found is whole. A deletion that does not end is noted in the list and finished
 * by a sweep, whichever node does it.
 *
 * The list is the one thing that everything hangs from, so its loss must not pass for a new cluster: keys in eight
 * slots far from each other say that there is a list. Nor may the loss of everything pass for absence: a process that has
 * seen the list knows what it is called, and a new one is called otherwise.
 */

import { createError } from "@everdict/protocol";
import type { EnvironmentRecord } from "@everdict/store";
import { dataLoss, foreignRecord } from "./data-loss.ts";
import type { DictDirectory } from "./dict-directory.ts";
import { parsed } from "./dict-json.ts";
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

/** What older versions call every list. */
const anyList = "1";

/** Environments in the cluster. */
export class Environments {
  readonly #context: StoreContext;
  readonly #place: KeyPlace;
  /** What the list is called; undefined as long as it was not seen. */
  #called: string | undefined;
  #marksWereMissing = false;

  constructor(context: StoreContext) {
    this.#context = context;
    this.#place = context.keys.environments();
  }

  /** All, ordered by name. @throws `data_loss` */
  async list(): Promise<EnvironmentRecord[]> {
    const stored = await this.#fields();
    const records = [...stored].flatMap(([field, text]) =>
      field.startsWith("e") ? [recordOf(this.#decode(text))] : [],
    );
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
    return id === undefined ? undefined : await this.get(id);
  }

  /** The one of that id. */
  async get(id: string): Promise<EnvironmentRecord | undefined> {
    const text = textOf(await this.#get(`e${id}`));
    return text === undefined ? undefined : recordOf(this.#decode(text));
  }

  /** Whether the list has that id: an environment in the list must have a registry. @throws `data_loss` */
  async isListed(id: string): Promise<boolean> {
    return (await this.#get(`e${id}`)) !== null;
  }

  /** See `Store.createEnvironment`. */
  async create(id: string, name: string): Promise<{ environment: EnvironmentRecord; created: boolean }> {
    const { router, keys, clock } = this.#context;
    // One that is there must not have its registry made again, if that is lost.
    const known = (await this.find(name)) ?? (await this.get(id));
    if (known !== undefined) return { environment: known, created: false };
    const { slot, registry } = keys.registry(id);
    await write(router, slot, ["HSETNX", registry, "m", "0"]);
    const createdAtSeconds = Math.floor(clock() * 1000) / 1e6;
    const stored: StoredEnvironment = { id, name, webSuffix: "", createdAtSeconds, nonce: newNonce() };
    const args = [id, name, JSON.stringify(stored), newNonce()];
    const reply = await this.#run(createEnvironmentScript, args);
    // Only now: a list that is about to be made must not pass for a lost one.
    await Promise.all(keys.markers().map((marker) => write(router, marker.slot, ["SET", marker.key, "1"])));
    await this.checkThere();
    const present = this.#decode(textOf(reply)!);
    if (present.id !== id) await write(router, slot, ["UNLINK", registry]);
    return { environment: recordOf(present), created: present.nonce === stored.nonce };
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
      if (reply === 1) return recordOf(changed);
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
    if (text !== undefined) return [text, this.#decode(text)];
    throw environmentNotFound(id);
  }

  /**
   * Whether the list is gone although there was one, or another one is in its place. To be asked before absence is
   * answered of anything that hangs from it.
   *
   * @throws `data_loss`
   */
  async checkThere(): Promise<void> {
    const { router, keys } = this.#context;
    if (this.#isSame(await this.#readCalled())) return;
    const found = await Promise.all(
      keys.markers().map((marker) => read(router, marker.slot, ["EXISTS", marker.key])),
    );
    if (this.#called === undefined && !found.includes(1)) return;
    // Markers are made after the list, which somebody may have made since it was looked for.
    if (this.#isSame(await this.#readCalled())) return;
    throw dataLoss(this.#context, "the list of environments");
  }

  /**
   * Looks whether the marks in other slots are still there, says so if they are not, and makes them again. Twice, since
   * they are made a moment after the list.
   *
   * @throws `data_loss` if it is the list that is gone
   */
  async checkMarks(): Promise<void> {
    if (this.#called === undefined) return;
    await this.checkThere();
    const { router, keys } = this.#context;
    const marks = await Promise.all(
      keys.markers().map(async (mark) => {
        return { mark, isThere: (await read(router, mark.slot, ["EXISTS", mark.key])) === 1 };
      }),
    );
    const missing = marks.filter(({ isThere }) => !isThere).map(({ mark }) => mark);
    const isCertain = this.#marksWereMissing;
    this.#marksWereMissing = missing.length > 0;
    if (missing.length === 0 || !isCertain) return;
    this.#marksWereMissing = false;
    dataLoss(this.#context, `a mark in slot ${missing.map(({ slot }) => slot).join(", ")}`);
    await Promise.all(missing.map((mark) => write(router, mark.slot, ["SET", mark.key, "1"])));
  }

  /** Whether a list that is called so is there and the one that was seen before. */
  #isSame(called: string | undefined): boolean {
    if (called === undefined) return false;
    this.#called ??= called;
    return called === this.#called || called === anyList;
  }

  async #fields(): Promise<Map<string, string>> {
    const { slot, key } = this.#place;
    const reply = await read(this.#context.router, slot, ["HGETALL", key]);
    const items = (reply as Reply[]).map((item) => textOf(item)!);
    const fields = new Map<string, string>();
    for (let index = 0; index < items.length; index += 2) fields.set(items[index]!, items[index + 1]!);
    if (!this.#isSame(fields.get("m"))) await this.checkThere();
    return fields;
  }

  /** A field of the list. @throws `data_loss` */
  async #get(field: string): Promise<Reply> {
    const { slot, key } = this.#place;
    const reply = await read(this.#context.router, slot, ["HMGET", key, "m", field]);
    const [called, value] = reply as [Reply, Reply];
    if (!this.#isSame(textOf(called))) await this.checkThere();
    return value;
  }

  /** @throws `data_loss` */
  #decode(text: string): StoredEnvironment {
    const stored = parsed(text) as StoredEnvironment | undefined;
    const { id, name, webSuffix } = stored ?? {};
    if ([id, name, webSuffix].every((each) => typeof each === "string")) return stored!;
    throw foreignRecord(this.#context, "an environment in the list of environments");
  }

  async #readCalled(): Promise<string | undefined> {
    const { slot, key } = this.#place;
    return textOf(await read(this.#context.router, slot, ["HGET", key, "m"]));
  }

  #run(script: Parameters<typeof runScript>[1], args: readonly string[]): Promise<Reply> {
    return runScript(this.#context.router, script, { slot: this.#place.slot, keys: [this.#place.key], args });
  }
}

/** The error for an environment that is not there. */
export function environmentNotFound(id: string): Error {
  return createError("environment_not_found", `Environment '${id}' not found`);
}

function recordOf({ id, name, webSuffix, createdAtSeconds }: StoredEnvironment): EnvironmentRecord {
  return { id, name, webSuffix, createdAtSeconds };
}
