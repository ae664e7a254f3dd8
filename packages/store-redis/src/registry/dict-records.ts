/** Dictionaries as their environment's registry knows them: finding and listing. */

import { EverdictError } from "@everdict/protocol";
import type { DictRecord, ListDicts } from "@everdict/store";
import { reading, runScript } from "../context/commands.ts";
import { dataLoss, foreignRecord } from "../context/data-loss.ts";
import type { StoreContext } from "../context/store-context.ts";
import { decodeRecord } from "../formats/stored-dict.ts";
import { type Reply, textOf } from "../resp/reply.ts";
import { findDictScript, listDictsScript } from "../scripts/registry-scripts.ts";
import { registryAnswer } from "../scripts/script-answers.ts";
import type { DictDirectory } from "./dict-directory.ts";
import type { Environments } from "./environments.ts";

/** Records fetched at a time. */
const pageRecords = 1_000;

/** The records of all environments. */
export class DictRecords {
  readonly #context: StoreContext;
  readonly #environments: Environments;
  readonly #directory: DictDirectory;

  constructor(context: StoreContext, environments: Environments, directory: DictDirectory) {
    this.#context = context;
    this.#environments = environments;
    this.#directory = directory;
  }

  /** See `Store.findDict`. */
  async find(environmentId: string, name: string): Promise<DictRecord | undefined> {
    // The empty name is no name.
    if (name === "") return undefined;
    const { slot, registry } = this.#context.keys.registry(environmentId);
    const call = { slot, keys: [registry], args: [name] };
    const reply = await runScript(this.#context.router, findDictScript, call, reading);
    if (reply === registryAnswer.noEnvironment) await this.checkUnlisted(environmentId);
    if (typeof reply !== "number") return this.decode(reply, environmentId);
    await this.#environments.checkThere();
    return undefined;
  }

  /** See `Store.getDict`. */
  async get(dictId: string): Promise<DictRecord | undefined> {
    const directory = this.#directory;
    const dict = await directory.find(dictId);
    // `with` looks into what is not there; absence is an answer here.
    if (dict === undefined) return await absence(directory.with(dictId, async () => undefined));
    const text = await directory.registered(dict);
    if (text === undefined) return await absence(directory.absent(dict));
    const record = this.decode(text, dict.environmentId);
    if (!dict.isEphemeral) return record;
    const expiresAtMs = await directory.end(dict);
    return expiresAtMs === undefined ? await absence(directory.absent(dict)) : { ...record, expiresAtMs };
  }

  /** See `Store.listDicts`. */
  async list({ environmentId, createdBeforeSeconds, maxObjects }: ListDicts): Promise<DictRecord[]> {
    const { router, keys } = this.#context;
    const { slot, registry, creations } = keys.registry(environmentId);
    const wanted = maxObjects ?? Number.POSITIVE_INFINITY;
    const records: DictRecord[] = [];
    let latest: number | string =
      createdBeforeSeconds === undefined ? "+inf" : microsBefore(createdBeforeSeconds);
    while (records.length < wanted) {
      const count = Math.min(pageRecords, wanted - records.length);
      const call = { slot, keys: [registry, creations], args: [latest, count] };
      const page = await runScript(router, listDictsScript, call, reading);
      if (page === registryAnswer.noEnvironment) await this.checkUnlisted(environmentId);
      if (!Array.isArray(page)) return [];
      for (const text of page) records.push(this.decode(text, environmentId));
      if (page.length < count) break;
      latest = microsBefore(records.at(-1)!.createdAtSeconds);
    }
    await this.#environments.checkThere();
    return records;
  }

  /** Reads an entry of a registry. @throws `data_loss` */
  decode(entry: Reply, environmentId: string): DictRecord {
    const record = decodeRecord(textOf(entry) ?? "");
    if (record !== undefined) return record;
    throw foreignRecord(this.#context, `a record in the registry of environment '${environmentId}'`);
  }

  /** An environment without a registry must not be in the list. @throws `data_loss` */
  async checkUnlisted(environmentId: string): Promise<void> {
    if (!(await this.#environments.isListed(environmentId))) return;
    throw dataLoss(this.#context, `the registry of environment '${environmentId}'`);
  }
}

/** The latest whole microsecond whose double is below a bound: clients send back the very double they were sent. */
function microsBefore(seconds: number): number {
  let micros = Math.ceil(seconds * 1e6);
  while (micros / 1e6 >= seconds) micros--;
  return micros;
}

async function absence(failing: Promise<unknown>): Promise<undefined> {
  try {
    await failing;
  } catch (error) {
    if (!(error instanceof EverdictError && error.code === "dict_not_found")) throw error;
  }
}
