/**
 * One run of commands on a store and on the memory store side by side, comparing every answer.
 *
 * Both see the same calls with the same ids at the same moments, so their answers must be equal to the last
 * bit, errors included. What is up to a store is kept out of the comparison: in which order a stream shows
 * entries; whether an expired entry is still counted right after the store was opened again; whether an idempotency key is
 * remembered past its retention or, unless idempotency keys are durable, past the end of the store.
 */

import { setImmediate } from "node:timers/promises";
import { idempotencyRetentionMs } from "@everdict/protocol";
import { createMemoryStore } from "../../memory-store.ts";
import type { CreatedDict, DictRecord, Store } from "../../store.ts";
import type { Suite } from "../suite.ts";
import { sweepAll, type World } from "../world.ts";
import { answerOf, answerText } from "./answer-text.ts";
import { type Command, type CommitSpec, type EntryChange, policies, tickMs } from "./command.ts";
import { change, contents, entries, key, keysCount, pages, value } from "./command-values.ts";
import { foundAnswer, outcomeAnswer, ToldVersions, withNamedVersions } from "./told-versions.ts";

/** Two answers that ought to be equal. */
export interface Answers {
  readonly expected: string;
  readonly actual: string;
}

type Call = (store: Store, told: ToldVersions) => unknown;
type CommandOf<Kind extends Command["do"]> = Extract<Command, { readonly do: Kind }>;

const sweepMaxEntries = 7;
const dictNamePrefix = "dict-";

/** The state of a run: the two stores and what the numbers in commands stand for. */
export class ModelRun {
  readonly #world: World;
  readonly #model: Store;
  readonly #suite: Suite;
  readonly #environmentIds: string[] = [];
  readonly #dicts: DictRecord[] = [];
  /** The versions that the model told, and those that the store told. */
  readonly #told = { model: new ToldVersions(), store: new ToldVersions() };
  readonly #keys = new Map<number, { readonly idempotencyKey: string; readonly firstUsedAtMs: number }>();
  #keysMade = 0;

  constructor(world: World, suite: Suite) {
    this.#world = world;
    this.#suite = suite;
    this.#model = createMemoryStore({ clock: () => world.nowMs });
  }

  /** Makes the model what the world already is. */
  async start(): Promise<void> {
    await this.#model.createEnvironment(this.#world.environmentId, "main");
  }

  /** Runs a command on both; answers what differs, if anything does. */
  async step(command: Command): Promise<Answers | undefined> {
    switch (command.do) {
      case "advance":
        this.#world.advance(command.ticks * tickMs);
        return undefined;
      case "rest":
        for (let left = command.turns; left > 0; left--) await setImmediate();
        return undefined;
      case "reopen":
        return await this.#reopen(command.how);
      case "createEnvironment":
        return await this.#createEnvironment(command);
      case "createDict":
        return await this.#createDict(command);
      default:
        return await this.#compare(this.#call(command));
    }
  }

  /** Compares everything that can be seen; answers what differs, if anything does. */
  async compareAll(): Promise<Answers | undefined> {
    const calls: Call[] = [(store) => store.listEnvironments()];
    // Commands that were left out may have left places empty.
    for (const environmentId of this.#environmentIds.filter(Boolean))
      calls.push((store) => store.listDicts({ environmentId }));
    for (const { id } of this.#dicts.filter(Boolean)) {
      calls.push(
        (store) => store.getDict(id),
        (store) => store.len(id),
        (store) => contents(store, id),
      );
      for (let index = 0; index < keysCount; index++) calls.push(entryCall(id, index));
    }
    return await this.#compare(together(calls));
  }

  async #compare(call: Call): Promise<Answers | undefined> {
    const text = (store: Store, told: ToldVersions) =>
      answerText(async () => withNamedVersions(await call(store, told), told));
    const expected = await text(this.#model, this.#told.model);
    const actual = await text(this.#world.store, this.#told.store);
    return expected === actual ? undefined : { expected, actual };
  }

  async #reopen(how: number): Promise<Answers | undefined> {
    await this.#suite.reopenings[how]!.reopen(this.#world);
    if (!this.#suite.capabilities.durableAnswers) this.#keys.clear();
    // Opening may or may not have dropped what was due.
    await sweepAll(this.#world.store, sweepMaxEntries);
    await sweepAll(this.#model, sweepMaxEntries);
    return await this.compareAll();
  }

  async #createEnvironment({
    environment,
    name,
  }: CommandOf<"createEnvironment">): Promise<Answers | undefined> {
    const id = this.#world.newId("en");
    const difference = await this.#compare((store) => store.createEnvironment(id, environmentName(name)));
    this.#environmentIds[environment] = (await this.#model.findEnvironment(environmentName(name)))!.id;
    return difference;
  }

  async #createDict(command: CommandOf<"createDict">): Promise<Answers | undefined> {
    const anonymous = command.name === undefined;
    const request = {
      id: this.#world.newId("di"),
      environmentId: this.#environmentId(command.environment),
      name: anonymous ? "" : `${dictNamePrefix}${command.name}`,
      createdBy: "somebody",
      expiry: policies[command.policy]!,
      expiresAtMs: anonymous ? this.#world.nowMs + command.lifeTicks * tickMs : undefined,
      ...(hasOneShard(command.name) ? { shards: 1 } : {}),
      data: entries(command.data),
    };
    const idempotencyKey = this.#idempotencyKey(command.idempotencyKey);
    let answer: CreatedDict | undefined;
    const difference = await this.#compare(async (store) => {
      answer = await store.createDict(request, { idempotencyKey });
      return answer;
    });
    if (answer !== undefined) this.#dicts[command.dict] = answer.dict;
    return difference;
  }

  #call(
    command: Exclude<Command, CommandOf<"advance" | "rest" | "reopen" | "createEnvironment" | "createDict">>,
  ): Call {
    switch (command.do) {
      case "together": {
        return together(command.changes.map((each) => this.#changeCall(each)));
      }
      case "update":
      case "putIfAbsent":
      case "pop":
      case "remove":
      case "removeMany":
      case "commit":
      case "clear":
        return this.#changeCall(command);
      case "get":
      case "entry":
      case "getMany":
      case "pages":
      case "contains":
      case "len":
      case "contents":
      case "getDict":
      case "deleteDict":
      case "extendDict":
        return this.#dictCall(command);
      case "sweep":
        return (store) => sweepAll(store, sweepMaxEntries);
      default:
        return this.#registryCall(command);
    }
  }

  #changeCall(command: EntryChange): Call {
    const dictId = this.#dictId(command.dict);
    switch (command.do) {
      case "update": {
        const data = entries(command.entries);
        return (store) => store.update(dictId, data);
      }
      case "putIfAbsent": {
        const idempotencyKey = this.#idempotencyKeyFor([command.key], command);
        return (store) =>
          store.putIfAbsent(dictId, key(command.key), value(command.value), { idempotencyKey });
      }
      case "removeMany": {
        const idempotencyKey = this.#idempotencyKeyFor(command.keys, command);
        return (store) => store.removeMany(dictId, command.keys.map(key), { idempotencyKey });
      }
      case "commit":
        return this.#commitCall(command);
      case "clear":
        return (store) => store.clear(dictId);
      default: {
        const idempotencyKey = this.#idempotencyKeyFor([command.key], command);
        return (store) => store[command.do](dictId, key(command.key), { idempotencyKey });
      }
    }
  }

  #commitCall(command: CommitSpec): Call {
    const dictId = this.#dictId(command.dict);
    const { conditions, changes } = this.#allowedCommit(command);
    const checked = conditions.map((each) => each.key);
    const changed = changes.map((each) => each.key);
    const idempotencyKey = this.#idempotencyKeyFor([...checked, ...changed], command);
    return async (store, told) => {
      const request = {
        conditions: conditions.map(({ key: index, expected }) => {
          const isWord = expected === "absent" || expected === "present";
          const version = () => told.version(dictId, index, expected === "last" ? 0 : 1);
          return { key: key(index), expected: isWord ? expected : version() };
        }),
        changes: changes.map(change),
      };
      const outcome = await store.commit(dictId, request, { idempotencyKey });
      return outcomeAnswer(dictId, checked, changed, outcome);
    };
  }

  /** The part of a commit that the store can do in one step: of one key, if others may be in other shards. */
  #allowedCommit(command: CommitSpec): Pick<CommitSpec, "conditions" | "changes"> {
    const record = this.#dicts[command.dict];
    if (this.#suite.capabilities.commitsAnyKeys || record === undefined) return command;
    if (hasOneShard(nameNumber(record))) return command;
    const only = (command.changes[0] ?? command.conditions[0])?.key;
    return {
      conditions: command.conditions.filter((each) => each.key === only),
      changes: command.changes.filter((each) => each.key === only),
    };
  }

  #dictCall(
    command:
      | CommandOf<"get" | "contains" | "entry" | "getMany" | "pages" | "extendDict">
      | CommandOf<"len" | "contents" | "getDict" | "deleteDict">,
  ): Call {
    const dictId = this.#dictId(command.dict);
    switch (command.do) {
      case "get":
        return (store) => store.get(dictId, key(command.key));
      case "contains":
        return (store) => store.contains(dictId, key(command.key));
      case "entry":
        return entryCall(dictId, command.key);
      case "getMany":
        return (store) => store.getMany(dictId, command.keys.map(key));
      case "pages":
        return (store) => pages(store, dictId, command.limit, command.prefix);
      case "extendDict": {
        const expiresAtMs = this.#world.nowMs + command.lifeTicks * tickMs;
        return (store) => store.extendDict(dictId, expiresAtMs);
      }
      case "len":
        return (store) => store.len(dictId);
      case "contents":
        return (store) => contents(store, dictId);
      case "getDict":
        return (store) => store.getDict(dictId);
      case "deleteDict":
        return (store) => store.deleteDict(dictId);
    }
  }

  #registryCall(
    command: CommandOf<
      | "listEnvironments"
      | "findEnvironment"
      | "updateEnvironment"
      | "deleteEnvironment"
      | "findDict"
      | "listDicts"
    >,
  ): Call {
    switch (command.do) {
      case "listEnvironments":
        return (store) => store.listEnvironments();
      case "findEnvironment":
        return (store) => store.findEnvironment(environmentName(command.name));
      case "updateEnvironment": {
        const id = this.#environmentId(command.environment);
        const name = command.name === undefined ? undefined : environmentName(command.name);
        const webSuffix = command.webSuffix === undefined ? undefined : `suffix-${command.webSuffix}`;
        return (store) => store.updateEnvironment(id, { name, webSuffix });
      }
      case "deleteEnvironment": {
        const id = this.#environmentId(command.environment);
        return (store) => store.deleteEnvironment(id);
      }
      case "findDict": {
        const environmentId = this.#environmentId(command.environment);
        return (store) => store.findDict(environmentId, `${dictNamePrefix}${command.name}`);
      }
      case "listDicts": {
        const environmentId = this.#environmentId(command.environment);
        const before =
          command.before === undefined ? undefined : this.#dicts[command.before]?.createdAtSeconds;
        const page = { environmentId, maxObjects: command.maxObjects, createdBeforeSeconds: before };
        return (store) => store.listDicts(page);
      }
    }
  }

  #environmentId(place: number): string {
    return this.#environmentIds[place] ?? "en-nowhere";
  }

  #dictId(place: number): string {
    return this.#dicts[place]?.id ?? "di-nowhere";
  }

  /** A repeat is of the same keys: what the idempotency key of a call on other keys does is up to a store. */
  #idempotencyKeyFor(
    keys: readonly number[],
    { idempotencyKey }: { readonly idempotencyKey?: number | undefined },
  ): string | undefined {
    const name = this.#idempotencyKey(idempotencyKey);
    return name === undefined ? undefined : `${name} for keys ${keys}`;
  }

  #idempotencyKey(place: number | undefined): string | undefined {
    if (place === undefined) return undefined;
    const known = this.#keys.get(place);
    const { nowMs } = this.#world;
    if (known !== undefined && nowMs - known.firstUsedAtMs < idempotencyRetentionMs)
      return known.idempotencyKey;
    const idempotencyKey = `key-${this.#keysMade++}`;
    this.#keys.set(place, { idempotencyKey, firstUsedAtMs: nowMs });
    return idempotencyKey;
  }
}

function environmentName(name: number): string {
  return `environment-${name}`;
}

function entryCall(dictId: string, index: number): Call {
  return async (store) => foundAnswer(dictId, index, await store.entry(dictId, key(index)));
}

/** Calls that do not wait for each other. */
function together(calls: readonly Call[]): Call {
  return (store, told) => Promise.all(calls.map((call) => answerOf(() => call(store, told))));
}

/** Whether a dictionary of that name, or without one, is created with one shard. */
function hasOneShard(name: number | undefined): boolean {
  return name === undefined || name % 2 === 0;
}

function nameNumber({ name }: DictRecord): number | undefined {
  return name === "" ? undefined : Number(name.slice(dictNamePrefix.length));
}
