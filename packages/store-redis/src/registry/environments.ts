/**
 * Environments: one hash for all of them, and a registry for each, in a slot of its own.
 *
 * An environment is created from the bottom up (registry, then the list) and deleted from the top down
 * (`dict-ends.ts`), so that an environment that can be found is whole. A deletion is noted in the list until it ends.
 *
 * Everything depends on the list, so its loss must not look like a new cluster: keys in eight slots far from each other
 * say that there is a list. The loss of everything must not look like absence either: a process that has seen the list
 * knows its name, and a new list has another name.
 */

import { createError } from "@everdict/protocol";
import type { EnvironmentRecord } from "@everdict/store";
import { read, runScript, write } from "../context/commands.ts";
import { dataLoss, foreignRecord } from "../context/data-loss.ts";
import { newNonce } from "../context/nonce.ts";
import type { StoreContext } from "../context/store-context.ts";
import {
  decodeEnvironment,
  environmentRecord,
  type StoredEnvironment,
} from "../formats/stored-environment.ts";
import type { KeyPlace } from "../keys/keyspace.ts";
import { itemsOf, type Reply, textOf, textPairsOf } from "../resp/reply.ts";
import {
  changeEnvironmentScript,
  createEnvironmentScript,
  deleteEnvironmentScript,
} from "../scripts/environment-scripts.ts";
import type { Script } from "../scripts/script.ts";
import { environmentAnswer } from "../scripts/script-answers.ts";

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
      field.startsWith("e") ? [environmentRecord(this.#decode(text))] : [],
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
    return text === undefined ? undefined : environmentRecord(this.#decode(text));
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
    return { environment: environmentRecord(present), created: present.nonce === stored.nonce };
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
      if (reply === environmentAnswer.done) return environmentRecord(changed);
      if (reply === environmentAnswer.nameTaken)
        throw createError("environment_exists", `Environment '${changed.name}' already exists`);
      // Somebody else changed it meanwhile: read again.
    }
  }

  /** Takes an environment out of the list, and notes there that its deletion is under way. @throws `environment_not_found` */
  async unlist(id: string): Promise<void> {
    const who = newNonce();
    for (;;) {
      const [text, { name }] = await this.#require(id);
      const reply = await this.#run(deleteEnvironmentScript, [id, text, name, who]);
      if (reply === environmentAnswer.done) return;
    }
  }

  /** Notes that a deletion has ended. */
  async noteDeleted(id: string): Promise<void> {
    const { slot, key } = this.#place;
    await write(this.#context.router, slot, ["HDEL", key, `d${id}`]);
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
    const fields = new Map(textPairsOf(reply));
    if (!this.#isSame(fields.get("m"))) await this.checkThere();
    return fields;
  }

  /** A field of the list. @throws `data_loss` */
  async #get(field: string): Promise<Reply> {
    const { slot, key } = this.#place;
    const reply = await read(this.#context.router, slot, ["HMGET", key, "m", field]);
    const [called, value = null] = itemsOf(reply);
    if (!this.#isSame(textOf(called))) await this.checkThere();
    return value;
  }

  /** @throws `data_loss` */
  #decode(text: string): StoredEnvironment {
    const stored = decodeEnvironment(text);
    if (stored !== undefined) return stored;
    throw foreignRecord(this.#context, "an environment in the list of environments");
  }

  async #readCalled(): Promise<string | undefined> {
    const { slot, key } = this.#place;
    return textOf(await read(this.#context.router, slot, ["HGET", key, "m"]));
  }

  #run(script: Script, args: readonly string[]): Promise<Reply> {
    return runScript(this.#context.router, script, { slot: this.#place.slot, keys: [this.#place.key], args });
  }
}

/** The error for an environment that is not there. */
export function environmentNotFound(id: string): Error {
  return createError("environment_not_found", `Environment '${id}' not found`);
}
