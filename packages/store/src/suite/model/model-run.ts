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
import type { CreatedDict, Store } from "../../store.ts";
import { type BytesLike, bytes, patternedBytes } from "../bytes.ts";
import type { Suite } from "../suite.ts";
import { sweepAll, type World } from "../world.ts";
import { answerText } from "./answer-text.ts";
import {
  type Command,
  type EntryChange,
  type EntrySpec,
  policies,
  tickMs,
  type ValueSpec,
} from "./command.ts";

/** Two answers that ought to be equal. */
export interface Answers {
  readonly expected: string;
  readonly actual: string;
}

type Call = (store: Store) => unknown;
type CommandOf<Kind extends Command["do"]> = Extract<Command, { readonly do: Kind }>;

// Chosen to be awkward: empty, zeros, prefixes of each other, no UTF-8, equal under CRC-32, long.
const keys = [
  "",
  "\0",
  "\0\0",
  "a",
  "a\0",
  "ab",
  "\xff",
  "\xc3(",
  "plumless",
  "buckeroo",
  "k",
  "k".repeat(900),
];
const sweepMaxEntries = 7;

/** The state of a run: the two stores and what the numbers in commands stand for. */
export class ModelRun {
  readonly #world: World;
  readonly #model: Store;
  readonly #suite: Suite;
  readonly #environmentIds: string[] = [];
  readonly #dicts: { id: string; createdAtSeconds: number }[] = [];
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
    }
    return await this.#compare((store) => Promise.all(calls.map((call) => answerText(() => call(store)))));
  }

  async #compare(call: Call): Promise<Answers | undefined> {
    const expected = await answerText(() => call(this.#model));
    const actual = await answerText(() => call(this.#world.store));
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
      name: anonymous ? "" : `dict-${command.name}`,
      createdBy: "somebody",
      expiry: policies[command.policy]!,
      expiresAtMs: anonymous ? this.#world.nowMs + command.lifeTicks * tickMs : undefined,
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
        const calls = command.changes.map((change) => this.#changeCall(change));
        return (store) => Promise.all(calls.map((call) => answerText(() => call(store))));
      }
      case "update":
      case "putIfAbsent":
      case "pop":
      case "remove":
      case "clear":
        return this.#changeCall(command);
      case "get":
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

  #changeCall(change: EntryChange): Call {
    const dictId = this.#dictId(change.dict);
    switch (change.do) {
      case "update": {
        const data = entries(change.entries);
        return (store) => store.update(dictId, data);
      }
      case "putIfAbsent": {
        const idempotencyKey = this.#idempotencyKeyFor(change);
        return (store) => store.putIfAbsent(dictId, key(change.key), value(change.value), { idempotencyKey });
      }
      case "clear":
        return (store) => store.clear(dictId);
      default: {
        const idempotencyKey = this.#idempotencyKeyFor(change);
        return (store) => store[change.do](dictId, key(change.key), { idempotencyKey });
      }
    }
  }

  #dictCall(
    command:
      | CommandOf<"get" | "contains" | "extendDict">
      | CommandOf<"len" | "contents" | "getDict" | "deleteDict">,
  ): Call {
    const dictId = this.#dictId(command.dict);
    switch (command.do) {
      case "get":
        return (store) => store.get(dictId, key(command.key));
      case "contains":
        return (store) => store.contains(dictId, key(command.key));
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
        return (store) => store.findDict(environmentId, `dict-${command.name}`);
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

  /** A repeat is of the same key: what the idempotency key of a call on another key does is up to a store. */
  #idempotencyKeyFor({
    key: index,
    idempotencyKey,
  }: {
    readonly key: number;
    readonly idempotencyKey?: number | undefined;
  }) {
    const name = this.#idempotencyKey(idempotencyKey);
    return name === undefined ? undefined : `${name} for key ${index}`;
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

function key(index: number): Uint8Array {
  return bytes(keys[index]! as BytesLike);
}

function value({ length, seed }: ValueSpec): Uint8Array {
  return patternedBytes(length, seed);
}

function entries(specs: readonly EntrySpec[]) {
  return specs.map(([index, spec]) => ({ key: key(index), value: value(spec) }));
}

async function contents(store: Store, dictId: string): Promise<string[]> {
  const shown: string[] = [];
  for await (const batch of store.contents(dictId, { keys: true, values: true })) {
    for (const entry of batch) shown.push(await answerText(() => entry));
  }
  return shown.sort();
}
