/**
 * Creates dictionaries in three steps. A crash may come after each of them. First, note in the environment's registry
 * that shards are about to be made. Second, make the record and the shards with their content; nobody can know of them
 * yet. Third, make the dictionary known, in one step with its name, its creation time and the answer for the caller's
 * idempotency key. Shards that lost the race for the name, or were never made known, are removed, by a sweep if needed.
 */

import { createError, type Entry, idempotencyRetentionMs } from "@everdict/protocol";
import {
  type CreateDict,
  type CreatedDict,
  creationDigest,
  type IdempotencyOption,
  otherArguments,
} from "@everdict/store";
import { type KeyedCall, keyedCall, type RecordedAnswers } from "../answers/recorded-answers.ts";
import { runScript, write } from "../context/commands.ts";
import { keyLifeMs, pendingMs } from "../context/life-times.ts";
import { type StoreContext, wholeMs } from "../context/store-context.ts";
import { encodeShardMeta } from "../formats/shard-meta.ts";
import { storedDict } from "../formats/stored-dict.ts";
import type { Argument } from "../resp/command-writer.ts";
import { itemsOf, textOf } from "../resp/reply.ts";
import { createShardScript } from "../scripts/dict-scripts.ts";
import { beginCreationScript, endCreationScript } from "../scripts/registry-scripts.ts";
import type { Script } from "../scripts/script.ts";
import { creationAnswer } from "../scripts/script-answers.ts";
import type { DictEnds } from "./dict-ends.ts";
import type { DictRecords } from "./dict-records.ts";
import { environmentNotFound } from "./environments.ts";
import { OpenDict } from "./open-dict.ts";

/** What creating dictionaries takes. */
export interface DictCreationOptions {
  readonly context: StoreContext;
  readonly records: DictRecords;
  readonly ends: DictEnds;
  readonly answers: RecordedAnswers;
  /** How many shards a new dictionary gets. */
  readonly shardsOf: (dict: { readonly name: string }) => number;
  /** Writes initial content. */
  readonly fill: (dict: OpenDict, entries: readonly Entry[]) => Promise<void>;
}

/** What both steps in the registry are about. */
interface Creation {
  readonly request: CreateDict;
  /** Present if it has an idempotency key. */
  readonly call: KeyedCall | undefined;
  /** The keys of the registry, and that of the recorded answer. */
  readonly keys: readonly string[];
  /** Whether an answer is recorded, and what of the call. */
  readonly recordArgs: readonly Argument[];
}

/** Makes dictionaries. */
export class DictCreation {
  readonly #options: DictCreationOptions;
  readonly #context: StoreContext;

  constructor(options: DictCreationOptions) {
    this.#options = options;
    this.#context = options.context;
  }

  /** See `Store.createDict`. */
  async create(request: CreateDict, option: IdempotencyOption): Promise<CreatedDict> {
    const creation = this.#begin(request, option);
    const { id, name, environmentId, expiry, expiresAtMs } = request;
    const giveUpAtMs = wholeMs(this.#context) + pendingMs;
    const begun = await this.#step(beginCreationScript, creation, [giveUpAtMs]);
    if (begun !== undefined) return begun;
    const shards = request.shards ?? this.#options.shardsOf({ name });
    const stored = storedDict(request, shards);
    const text = JSON.stringify(stored);
    await this.#makeParts(request, new OpenDict(stored, this.#context.keys), text);
    const ended = await this.#step(endCreationScript, creation, [
      text,
      Math.floor(this.#context.clock() * 1000),
      expiry.policy === "never" ? "" : wholeMs(this.#context) + Math.floor(expiry.ttlMs),
      name === "" ? (expiresAtMs ?? "") : "",
    ]);
    if (ended === undefined) throw createError("unavailable", "the creation took too long and was given up");
    if (ended.dict.id !== id) await this.#options.ends.finish(environmentId, id);
    return ended;
  }

  #begin(request: CreateDict, option: IdempotencyOption): Creation {
    const { keys } = this.#context;
    const { environmentId } = request;
    const { slot, registry, creations, schedule } = keys.registry(environmentId);
    const call = keyedCall("createDict", environmentId, option, () => creationDigest(request));
    if (call === undefined) {
      // Scripts are given as many keys in any case.
      return { request, call, keys: [registry, creations, schedule, registry], recordArgs: ["", "1", ""] };
    }
    const key = keys.callerAnswer({ slot }, environmentId, "createDict", call.idempotencyKey);
    const mayRecord = this.#options.answers.admit(call, [{ slot, key }]) ? "1" : "0";
    const recordArgs = [String(idempotencyRetentionMs), mayRecord, String(call.digest)];
    return { request, call, keys: [registry, creations, schedule, key], recordArgs };
  }

  /** One of the two steps in the registry: the answer, or undefined if there is none yet. */
  async #step(
    script: Script,
    { request, call, keys, recordArgs }: Creation,
    ownArgs: readonly Argument[],
  ): Promise<CreatedDict | undefined> {
    const { answers, records } = this.#options;
    const { id, name, environmentId } = request;
    const { slot } = this.#context.keys.registry(environmentId);
    const args = [...recordArgs, id, name, ...ownArgs];
    const reply = await runScript(this.#context.router, script, { slot, keys, args });
    const [what, text = ""] = itemsOf(reply).map(textOf);
    switch (what) {
      case creationAnswer.noEnvironment:
        await records.checkUnlisted(environmentId);
        throw environmentNotFound(environmentId);
      case creationAnswer.noRoom:
        throw answers.refusal(call!);
      case creationAnswer.otherArguments:
        throw otherArguments();
      case creationAnswer.answer:
        if (call !== undefined) answers.recorded(call, text.length);
        return { dict: records.decode(text.slice(1), environmentId), created: text.startsWith("1") };
      default:
        return undefined;
    }
  }

  async #makeParts(request: CreateDict, dict: OpenDict, text: string): Promise<void> {
    const { router, keys, clock } = this.#context;
    const { expiry, expiresAtMs, data } = request;
    const lifeMs = dict.isEphemeral ? keyLifeMs(expiresAtMs, clock()) : 0;
    const endsAtMs = dict.isEphemeral ? expiresAtMs : undefined;
    const meta = encodeShardMeta({ shards: dict.shards.length, expiry, endsAtMs });
    const record = keys.record(dict.id);
    const life = lifeMs > 0 ? ["PX", lifeMs] : [];
    await Promise.all([
      write(router, record.slot, ["SET", record.key, text, ...life]),
      ...dict.shards.map(({ slot, key }) => {
        return runScript(router, createShardScript, { slot, keys: [key], args: [meta, String(lifeMs)] });
      }),
      // Behind the shards on the same lanes.
      this.#options.fill(dict, data),
    ]);
  }
}
