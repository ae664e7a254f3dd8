/**
 * Dictionaries as objects: creating, finding, listing, deleting them.
 *
 * Creation in three steps, each of which may be the last: note in the environment's registry that shards are about
 * to be made; make the record and the shards, content included, which nobody can know of; make the dictionary known,
 * in one step with its name, its creation time and the answer for the caller's token. What lost the race for the name,
 * or was never made known, is removed, by a sweep if need be.
 *
 * Deletion the other way round: make it unknown, remove the shards, note that nothing is left.
 */

import { createError, type Entry, EverdictError, idempotencyRetentionMs } from "@everdict/protocol";
import {
  type CreateDict,
  type CreatedDict,
  creationDigest,
  type DictRecord,
  type IdempotencyOption,
  type ListDicts,
  otherArguments,
} from "@everdict/store";
import { type CallerCall, type CallerTokens, tokenName } from "./caller-tokens.ts";
import { dataLoss, foreignRecord } from "./data-loss.ts";
import type { DictDirectory } from "./dict-directory.ts";
import { decodeDict, decodeRecord, encodeDict } from "./dict-json.ts";
import { type Environments, environmentNotFound } from "./environments.ts";
import type { RegistryPlace } from "./keyspace.ts";
import { keyLifeMs, pendingMs } from "./life-times.ts";
import { newNonce } from "./nonce.ts";
import { OpenDict } from "./open-dict.ts";
import { chunkKeys, largeValuesOf } from "./remove-large-values.ts";
import type { Argument } from "./resp/command-writer.ts";
import type { Reply } from "./resp/reply.ts";
import { createShardScript, extendShardScript } from "./scripts/dict-scripts.ts";
import {
  beginCreationScript,
  beginDeletionScript,
  endCreationScript,
  endDeletionScript,
  findDictScript,
  listDictsScript,
} from "./scripts/registry-scripts.ts";
import type { Script } from "./scripts/script.ts";
import { encodeShardMeta } from "./shard-meta.ts";
import { read, readScript, runScript, type StoreContext, textOf, write } from "./store-context.ts";

/** What a registry needs besides the context. */
export interface DictRegistryOptions {
  readonly context: StoreContext;
  readonly environments: Environments;
  readonly directory: DictDirectory;
  readonly tokens: CallerTokens;
  /** How many shards a new dictionary gets. */
  readonly shardsOf: (dict: { readonly name: string }) => number;
  /** Writes initial content. */
  readonly fill: (dict: OpenDict, entries: readonly Entry[]) => Promise<void>;
}

/** A creation under a caller's token. */
interface CreationToken {
  readonly key: string;
  /** Under which this node remembers it. */
  readonly name: string;
  readonly call: CallerCall;
  readonly mayRecord: boolean;
}

/** Records fetched at a time. */
const pageRecords = 1_000;

/** The dictionaries of all environments. */
export class DictRegistry {
  readonly #options: DictRegistryOptions;
  readonly #context: StoreContext;

  constructor(options: DictRegistryOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** See `Store.createDict`. */
  async create(request: CreateDict, option: IdempotencyOption): Promise<CreatedDict> {
    const { keys, clock } = this.#context;
    const place = keys.registry(request.environmentId);
    const creation = { token: this.#tokenOf(request, option), request, place };
    const giveUpAtMs = Math.floor(clock()) + pendingMs;
    const begun = await this.#step(beginCreationScript, creation, [request.id, request.name, giveUpAtMs]);
    if (begun !== undefined) return begun;
    const dict = await this.#makeParts(request);
    const nowMs = Math.floor(clock());
    const { expiry, expiresAtMs } = request;
    const ended = await this.#step(endCreationScript, creation, [
      request.id,
      request.name,
      encodeDict(request, dict.shards.length),
      Math.floor(clock() * 1000),
      expiry.policy === "never" ? "" : nowMs + Math.floor(expiry.ttlMs),
      dict.isEphemeral ? (expiresAtMs ?? "") : "",
    ]);
    if (ended === undefined) throw createError("unavailable", "the creation took too long and was given up");
    if (ended.dict.id !== request.id) await this.finishRemoval(dict.environmentId, dict.id);
    return ended;
  }

  /** See `Store.findDict`. */
  async find(environmentId: string, name: string): Promise<DictRecord | undefined> {
    // The empty name is no name.
    if (name === "") return undefined;
    const { slot, registry } = this.#context.keys.registry(environmentId);
    const call = { slot, keys: [registry], args: [name] };
    const reply = await readScript(this.#context.router, findDictScript, call);
    if (reply === -1) await this.#checkUnlisted(environmentId);
    const text = textOf(reply);
    if (text !== undefined) return this.#decode(text, environmentId);
    await this.#options.environments.checkThere();
    return undefined;
  }

  /** See `Store.getDict`. */
  async get(dictId: string): Promise<DictRecord | undefined> {
    const { directory } = this.#options;
    const dict = await directory.find(dictId);
    // `with` looks into what is not there; absence is an answer here.
    if (dict === undefined) return await absence(directory.with(dictId, async () => undefined));
    const text = await directory.registered(dict);
    if (text === undefined) return await absence(directory.absent(dict));
    if (!dict.isEphemeral) return this.#decode(text, dict.environmentId);
    const endsAtMs = await directory.end(dict);
    if (endsAtMs === undefined) return await absence(directory.absent(dict));
    return { ...this.#decode(text, dict.environmentId), expiresAtMs: endsAtMs };
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
      const page = await readScript(router, listDictsScript, call);
      if (page === -1) await this.#checkUnlisted(environmentId);
      if (!Array.isArray(page)) return [];
      for (const text of page) records.push(this.#decode(textOf(text), environmentId));
      if (page.length < count) break;
      latest = microsBefore(records.at(-1)!.createdAtSeconds);
    }
    await this.#options.environments.checkThere();
    return records;
  }

  /** See `Store.deleteDict`. */
  delete(dictId: string): Promise<void> {
    const { directory } = this.#options;
    return directory.with(dictId, async (dict) => {
      // Lost shards are no obstacle: to delete a dictionary is how its loss is accepted.
      if ((await directory.hasEnded(dict)) || !(await this.retire(dict))) await directory.absent(dict);
    });
  }

  /** Removes a dictionary, whatever its state. Answers whether this call did. */
  async retire(dict: OpenDict): Promise<boolean> {
    const { router, keys, clock } = this.#context;
    const { slot, registry, creations, agenda } = keys.registry(dict.environmentId);
    const othersFinishAtMs = Math.floor(clock()) + 60_000;
    const args = [dict.id, dict.name, newNonce(), othersFinishAtMs];
    const call = { slot, keys: [registry, creations, agenda], args };
    if ((await runScript(router, beginDeletionScript, call)) !== 1) return false;
    await this.finishRemoval(dict.environmentId, dict.id);
    return true;
  }

  /** Removes the parts of a dictionary that nobody can know of (any more), and notes that. Safe to repeat. */
  async finishRemoval(environmentId: string, dictId: string): Promise<void> {
    await this.#options.directory.removeParts(environmentId, dictId);
    const { slot, registry, agenda } = this.#context.keys.registry(environmentId);
    const call = { slot, keys: [registry, agenda], args: [dictId] };
    await runScript(this.#context.router, endDeletionScript, call);
  }

  /** See `Store.extendDict`. */
  extend(dictId: string, endsAtMs: number): Promise<void> {
    const { directory } = this.#options;
    return directory.with(dictId, async (dict) => {
      if (!dict.isEphemeral) {
        if (!(await directory.isRegistered(dict))) await directory.absent(dict);
        return;
      }
      await this.#extendShards(dict, endsAtMs);
      const { slot, agenda } = this.#context.keys.registry(dict.environmentId);
      await write(this.#context.router, slot, ["ZADD", agenda, "XX", endsAtMs, `e${dictId}`]);
    });
  }

  /** Every dictionary that has parts: known ones, and those under creation or deletion. */
  async allIds(environmentId: string): Promise<string[]> {
    const { router, keys } = this.#context;
    const { slot, registry, agenda } = keys.registry(environmentId);
    const ids = new Set<string>();
    const fields = (await read(router, slot, ["HKEYS", registry])) as Reply[];
    const items = (await read(router, slot, ["ZRANGE", agenda, 0, -1])) as Reply[];
    for (const field of [...fields, ...items]) {
      const text = textOf(field)!;
      if ("rgpe".includes(text[0]!)) ids.add(text.slice(1));
    }
    return [...ids];
  }

  #tokenOf(request: CreateDict, { idempotencyKey, caller }: IdempotencyOption): CreationToken | undefined {
    if (idempotencyKey === undefined) return undefined;
    const { environmentId } = request;
    const place = this.#context.keys.creationToken(environmentId, idempotencyKey);
    const name = tokenName("createDict", environmentId, idempotencyKey);
    const digest = creationDigest(request);
    const call = { operation: "createDict", token: idempotencyKey, caller, digest, answer: "flag" } as const;
    return { key: place.key, name, call, mayRecord: this.#options.tokens.admit(name, { ...call, place }) };
  }

  /** One of the two steps in the registry: the answer, or undefined if there is none yet. */
  async #step(
    script: Script,
    creation: {
      readonly request: CreateDict;
      readonly place: RegistryPlace;
      readonly token: CreationToken | undefined;
    },
    args: readonly Argument[],
  ): Promise<CreatedDict | undefined> {
    const { request, place, token } = creation;
    const { slot, registry, creations, agenda } = place;
    const keys = [registry, creations, agenda, token?.key ?? registry];
    const ofToken =
      token === undefined
        ? ["", "1", ""]
        : [String(idempotencyRetentionMs), token.mayRecord ? "1" : "0", String(token.call.digest)];
    const call = { slot, keys, args: [...ofToken, ...args] };
    const [what, answer] = (await runScript(this.#context.router, script, call)) as [Reply, Reply];
    switch (textOf(what)) {
      case "no environment":
        await this.#checkUnlisted(request.environmentId);
        throw environmentNotFound(request.environmentId);
      case "no room":
        throw this.#options.tokens.refusal(token!.call);
      case "other call":
        throw otherArguments();
      case "answer":
        break;
      default:
        return undefined;
    }
    const text = textOf(answer)!;
    if (token !== undefined) this.#options.tokens.recorded(token.name, text.length, token.call);
    return { dict: this.#decode(text.slice(1), request.environmentId), created: text.startsWith("1") };
  }

  async #makeParts(request: CreateDict): Promise<OpenDict> {
    const { router, keys, clock } = this.#context;
    const { id, name, expiry, expiresAtMs, data } = request;
    const shards = this.#options.shardsOf({ name });
    const text = encodeDict(request, shards);
    const dict = new OpenDict(decodeDict(text)!, keys);
    const lifeMs = dict.isEphemeral ? keyLifeMs(expiresAtMs, clock()) : 0;
    const meta = encodeShardMeta({ shards, expiry, endsAtMs: dict.isEphemeral ? expiresAtMs : undefined });
    const record = keys.record(id);
    const life = lifeMs > 0 ? ["PX", lifeMs] : [];
    await Promise.all([
      write(router, record.slot, ["SET", record.key, text, ...life]),
      ...dict.shards.map(({ slot, key }) => {
        return runScript(router, createShardScript, { slot, keys: [key], args: [meta, String(lifeMs)] });
      }),
      // Behind the shards on the same lanes.
      this.#options.fill(dict, data),
    ]);
    return dict;
  }

  async #extendShards(dict: OpenDict, endsAtMs: number): Promise<void> {
    const { router, keys, clock } = this.#context;
    const nowMs = Math.floor(clock());
    const lifeMs = keyLifeMs(endsAtMs, nowMs);
    const record = keys.record(dict.id);
    await Promise.all(
      dict.shards.map(async (shard) => {
        const { slot, key, indexKey } = shard;
        const call = { slot, keys: [key, indexKey], args: [nowMs, endsAtMs, lifeMs] };
        const large = (await runScript(router, extendShardScript, call)) as number;
        if (large < 0) await this.#options.directory.absent(dict);
        if (large === 0) return;
        for (const value of await largeValuesOf(this.#context, shard)) {
          const chunks = chunkKeys(this.#context, shard, value);
          await Promise.all(chunks.map((chunk) => write(router, slot, ["PEXPIRE", chunk, lifeMs])));
        }
      }),
    );
    await write(router, record.slot, ["PEXPIRE", record.key, lifeMs]);
  }

  /** @throws `data_loss` */
  #decode(text: string | undefined, environmentId: string): DictRecord {
    const record = text === undefined ? undefined : decodeRecord(text);
    if (record !== undefined) return record;
    throw foreignRecord(this.#context, `a record in the registry of environment '${environmentId}'`);
  }

  /** An environment without a registry must not be in the list. @throws `data_loss` */
  async #checkUnlisted(environmentId: string): Promise<void> {
    if (!(await this.#options.environments.isListed(environmentId))) return;
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
