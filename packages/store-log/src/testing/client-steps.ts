/**
 * What a simulated client may do next: by seed, with weights that differ from client to client, so that each has a
 * character of its own (one only ever clears and writes, another pops what it has put).
 */

import type { Durability } from "@everdict/store";
import type { SeededRandom } from "@everdict/testkit";
import { accountKeys, CommitSteps, numberKeys } from "./commit-steps.ts";
import { type Held, type Holding, isLiveAt } from "./holding.ts";
import type { Step } from "./step.ts";

/** The environment that clients work in. */
export const environmentId = "en-simulated";

const keys = ["a", "b", "c", "d", "e"];

/** Every key that a client may use. */
export const allKeys = [...keys, ...numberKeys, ...accountKeys];
const none = { expected: () => undefined, isRepeatable: false, isOfRegistry: false } as const;

type Kind =
  | "put"
  | "update"
  | "putIfAbsent"
  | "pop"
  | "remove"
  | "clear"
  | "deleteDict"
  | "increment"
  | "transfer"
  | "commit";
const usualWeights: readonly (readonly [Kind, number])[] = [
  ["put", 35],
  ["update", 15],
  ["putIfAbsent", 15],
  ["pop", 21],
  ["remove", 8],
  ["clear", 3],
  ["deleteDict", 3],
  ["increment", 8],
  ["transfer", 8],
  ["commit", 20],
];

export interface ClientStepsOptions {
  readonly random: SeededRandom;
  /** Of the client; its dictionary has it too. */
  readonly name: string;
  readonly nowMs: () => number;
  /** How durable its dictionaries are. */
  readonly durability: Durability;
}

/** See the top of the file. */
export class ClientSteps {
  readonly #options: ClientStepsOptions;
  readonly #weights: readonly (readonly [Kind, number])[];
  readonly #ttlMs: number | undefined;
  readonly #hasTimedEntries: boolean;
  readonly #commits: CommitSteps;
  #count = 0;

  constructor(options: ClientStepsOptions) {
    this.#options = options;
    const { random } = options;
    this.#weights = usualWeights.map(([kind, weight]) => [kind, weight * random.pick([0, 1, 1, 2, 5])]);
    this.#ttlMs = random.chance(0.3) ? 200 + random.integer(2000) : undefined;
    this.#hasTimedEntries = random.chance(0.3);
    this.#commits = new CommitSteps({
      random,
      nowMs: options.nowMs,
      newValue: () => this.#value(),
      endMs: () => this.#endMs(),
      isTimed: this.#hasTimedEntries,
      newIdempotencyKey: () => this.#idempotencyKey(),
    });
  }

  /** Whether entries end by themselves. */
  get areEntriesEnding(): boolean {
    return this.#ttlMs !== undefined || this.#hasTimedEntries;
  }

  /** A step for a client whose dictionary has that id and holds that. */
  choose(dictId: string | undefined, holding: Holding, mayDelete: boolean): Step {
    if (dictId === undefined || holding === undefined) return this.#createDict();
    const { random } = this.#options;
    const kind = this.#kind();
    if (kind === "put") return this.#update(dictId, [random.pick(keys)]);
    if (kind === "update") {
      const some = keys.filter(() => random.chance(0.7));
      return this.#update(dictId, some);
    }
    if (kind === "putIfAbsent") return this.#putIfAbsent(dictId);
    if (kind === "remove") return this.#removal(dictId, "remove");
    if (kind === "pop" || (kind === "deleteDict" && !mayDelete)) return this.#removal(dictId, "pop");
    if (kind === "increment") return this.#commits.increment(dictId);
    if (kind === "transfer") return this.#commits.transfer(dictId);
    if (kind === "commit") return this.#commits.mixed(dictId, holding, [...keys, ...numberKeys]);
    if (kind === "clear") {
      return { ...none, title: "clear", apply: () => new Map(), call: (store) => store.clear(dictId) };
    }
    return {
      ...none,
      title: "deleteDict",
      isOfRegistry: true,
      apply: () => undefined,
      call: (store) => store.deleteDict(dictId),
    };
  }

  #kind(): Kind {
    const total = this.#weights.reduce((sum, [, weight]) => sum + weight, 0);
    let place = this.#options.random.next() * total;
    for (const [kind, weight] of this.#weights) {
      if (place < weight) return kind;
      place -= weight;
    }
    return "put";
  }

  #createDict(): Step {
    const { name, durability } = this.#options;
    const id = `di-${name}-${this.#count++}`;
    const ttlMs = this.#ttlMs;
    const value = this.#value();
    // When a creation is decided is up to the store, so entries that end do not come with it.
    const data = ttlMs === undefined ? [{ key: Buffer.from("a"), value: Buffer.from(value) }] : [];
    const expiry =
      ttlMs === undefined ? ({ policy: "never" } as const) : ({ policy: "afterWrite", ttlMs } as const);
    const held: Held = { value, endMs: this.#endMs(), version: {} };
    const request = { id, environmentId, name, createdBy: "", expiry, data, durability };
    return {
      ...none,
      title: "createDict",
      isOfRegistry: true,
      expected: () => true,
      apply: () => new Map(ttlMs === undefined ? [["a", held]] : []),
      call: async (store) => (await store.createDict(request)).created,
    };
  }

  #update(dictId: string, written: readonly string[]): Step {
    const endMs = this.#endMs();
    const values = written.map((key) => [key, { value: this.#value(), endMs, version: {} }] as const);
    const entries = values.map(([key, { value }]) => ({ key: Buffer.from(key), value: Buffer.from(value) }));
    return {
      ...none,
      title: `update ${written}`,
      apply: (holding) => (values.length === 0 ? holding : new Map([...holding!, ...values])),
      call: (store) => store.update(dictId, entries),
    };
  }

  #putIfAbsent(dictId: string): Step {
    const key = this.#options.random.pick(keys);
    const idempotencyKey = this.#idempotencyKey();
    const value = this.#value();
    let held: Held = { value, endMs: this.#endMs(), version: {} };
    const isPresent = this.#isLiveNow(key);
    return {
      ...none,
      title: `putIfAbsent ${key}`,
      expected: (before) => !isPresent(before),
      isRepeatable: idempotencyKey !== undefined,
      apply: (before) => (isPresent(before) ? before : new Map(before).set(key, held)),
      forget: () => {
        held = { ...held, version: {} };
      },
      call: (store) => store.putIfAbsent(dictId, Buffer.from(key), Buffer.from(value), { idempotencyKey }),
    };
  }

  #removal(dictId: string, method: "pop" | "remove"): Step {
    const key = this.#options.random.pick(keys);
    const idempotencyKey = this.#idempotencyKey();
    const isPresent = this.#isLiveNow(key);
    return {
      ...none,
      title: `${method} ${key}`,
      expected: (before) => {
        if (method === "remove") return isPresent(before);
        return isPresent(before) ? before!.get(key)!.value : undefined;
      },
      answeredEndMs: (before) => before?.get(key)?.endMs,
      isRepeatable: idempotencyKey !== undefined,
      apply: (before) => {
        if (!isPresent(before)) return before;
        const after = new Map(before);
        after.delete(key);
        return after;
      },
      call: (store) => store[method](dictId, Buffer.from(key), { idempotencyKey }),
    };
  }

  /** Whether a key is there for a call that is decided now. */
  #isLiveNow(key: string): (holding: Holding) => boolean {
    const nowMs = this.#options.nowMs();
    return (holding) => isLiveAt(holding?.get(key), nowMs);
  }

  #endMs(): number {
    return this.#ttlMs === undefined ? Number.POSITIVE_INFINITY : this.#options.nowMs() + this.#ttlMs;
  }

  #idempotencyKey(): string | undefined {
    const { random, name } = this.#options;
    return random.chance(0.5) ? `${name}-${this.#count++}` : undefined;
  }

  /** A value that was never written before; now and then one that fills a segment. */
  #value(): string {
    const { random, name } = this.#options;
    const length = random.chance(0.05) ? 6000 : random.integer(200);
    return `${name}/${this.#count++}/`.padEnd(length, "x");
  }
}
