/**
 * A client of a store on a simulated disk, and what it knows.
 *
 * It does one thing after the other with entries that are its own, so what it was told determines what must be
 * there. The call that was under way when the power went happened as a whole or not at all.
 */

import type { EverdictError } from "@everdict/protocol";
import type { Store } from "@everdict/store";
import type { SeededRandom } from "@everdict/testkit";

/** What a client's dictionary holds; undefined: there is none. */
export type Holding = ReadonlyMap<string, string> | undefined;

interface Step {
  readonly title: string;
  /** What is there afterwards. */
  readonly after: Holding;
  /** What the call must answer. */
  readonly expected: unknown;
  /** The same call again, under the same token, is answered the same. */
  readonly isRepeatable: boolean;
  call(store: Store): Promise<unknown>;
}

const keys = ["a", "b", "c", "d", "e"];
const environmentId = "en-simulated";

/** See the top of the file. */
export class SimulatedClient {
  readonly #random: SeededRandom;
  readonly #name: string;
  #holding: Holding;
  #underWay: Step | undefined;
  #lastRepeatable: Step | undefined;
  #count = 0;

  constructor(random: SeededRandom, name: string) {
    this.#random = random;
    this.#name = name;
  }

  /** Works until a call fails or is never answered. @throws if an answer is wrong */
  async work(store: Store): Promise<void> {
    for (;;) {
      try {
        const step = this.#choose(store);
        this.#underWay = step;
        this.#check(step, await step.call(store));
        this.#settle(step);
        if (this.#random.chance(0.3)) this.#checkReads(store);
      } catch (error) {
        const { code } = error as EverdictError;
        if (code === "store_closed") return;
        if (code !== "store_full") throw error;
        // Refused: nothing of it happened, and nothing of it ever will.
        this.#underWay = undefined;
      }
    }
  }

  /** Compares what is found with what may be there, and goes on from that. @throws if it is neither */
  async recover(store: Store): Promise<void> {
    const found = await this.#read(store);
    const step = this.#underWay;
    if (step !== undefined && same(found, step.after)) this.#settle(step);
    else if (!same(found, this.#holding)) {
      throw new Error(
        `${this.#name} has ${show(found)}, expected ${show(this.#holding)}` +
          (step === undefined ? "" : ` or, after ${step.title}, ${show(step.after)}`),
      );
    } else if (step?.isRepeatable) {
      // It did not happen; under its token it may be tried again. Until that is answered it is still under way.
      this.#check(step, await step.call(store));
      this.#settle(step);
      return;
    }
    this.#underWay = undefined;
    const repeated = this.#lastRepeatable;
    if (repeated !== undefined) this.#check(repeated, await repeated.call(store));
  }

  #settle(step: Step): void {
    this.#holding = step.after;
    this.#underWay = undefined;
    // Tokens belong to a dictionary: a new one knows none of them.
    if (step.isRepeatable || step.after === undefined)
      this.#lastRepeatable = step.isRepeatable ? step : undefined;
  }

  #check(step: Step, answer: unknown): void {
    const text = answer instanceof Uint8Array ? Buffer.from(answer).toString() : answer;
    if (text !== step.expected) {
      throw new Error(`${this.#name}: ${step.title} answered ${text}, expected ${step.expected}`);
    }
  }

  #checkReads(store: Store): void {
    const dictId = this.#dictId(store);
    if (dictId === undefined) return;
    const len = store.len(dictId);
    if (len !== (this.#holding?.size ?? 0)) {
      throw new Error(`${this.#name}: len is ${len}, expected ${this.#holding?.size}`);
    }
  }

  #dictId(store: Store): string | undefined {
    return (store.findDict(environmentId, this.#name) as { id: string } | undefined)?.id;
  }

  async #read(store: Store): Promise<Holding> {
    const dictId = this.#dictId(store);
    if (dictId === undefined) return undefined;
    const found = new Map<string, string>();
    for await (const batch of store.contents(dictId, { keys: true, values: true })) {
      for (const { key, value } of batch) {
        if (found.has(Buffer.from(key).toString())) throw new Error(`${key} was shown twice`);
        found.set(Buffer.from(key).toString(), Buffer.from(value).toString());
      }
    }
    if (found.size !== (await store.len(dictId)))
      throw new Error(`len is ${await store.len(dictId)}, not ${found.size}`);
    return found;
  }

  #choose(store: Store): Step {
    const random = this.#random;
    const dictId = this.#dictId(store);
    if (dictId === undefined) return this.#createDict();
    const holding = this.#holding!;
    const token = random.chance(0.5) ? `${this.#name}-${this.#count++}` : undefined;
    const key = random.pick(keys);
    const roll = random.next();
    if (roll < 0.35) return this.#update(dictId, [key]);
    if (roll < 0.5)
      return this.#update(
        dictId,
        keys.filter(() => random.chance(0.7)),
      );
    if (roll < 0.65) {
      const value = this.#value();
      const isPresent = holding.has(key);
      return {
        title: `putIfAbsent ${key}`,
        after: isPresent ? holding : new Map(holding).set(key, value),
        expected: !isPresent,
        isRepeatable: token !== undefined,
        call: (at) => at.putIfAbsent(dictId, Buffer.from(key), Buffer.from(value), { token }),
      };
    }
    const without = new Map(holding);
    without.delete(key);
    if (roll < 0.94) {
      return {
        title: `pop ${key}`,
        after: without,
        expected: holding.get(key),
        isRepeatable: token !== undefined,
        call: (at) => at.pop(dictId, Buffer.from(key), { token }),
      };
    }
    if (roll < 0.97) return { ...nothing, title: "clear", after: new Map(), call: (at) => at.clear(dictId) };
    return { ...nothing, title: "deleteDict", after: undefined, call: (at) => at.deleteDict(dictId) };
  }

  #createDict(): Step {
    const id = `di-${this.#name}-${this.#count++}`;
    const value = this.#value();
    const data = [{ key: Buffer.from("a"), value: Buffer.from(value) }];
    const request = {
      id,
      environmentId,
      name: this.#name,
      createdBy: "",
      expiry: { policy: "never" },
      data,
    } as const;
    return {
      title: "createDict",
      after: new Map([["a", value]]),
      expected: true,
      isRepeatable: false,
      call: async (store) => (await store.createDict(request)).created,
    };
  }

  #update(dictId: string, written: readonly string[]): Step {
    const values = written.map((key) => [key, this.#value()] as const);
    const entries = values.map(([key, value]) => ({ key: Buffer.from(key), value: Buffer.from(value) }));
    return {
      ...nothing,
      title: `update ${written}`,
      after: new Map([...this.#holding!, ...values]),
      call: (store) => store.update(dictId, entries),
    };
  }

  /** A value that was never written before; now and then one that fills a segment. */
  #value(): string {
    const length = this.#random.chance(0.05) ? 6000 : this.#random.integer(200);
    return `${this.#name}/${this.#count++}/`.padEnd(length, "x");
  }
}

const nothing = { expected: undefined, isRepeatable: false };

/** Makes the environment that clients work in, if it is not there. */
export async function prepare(store: Store): Promise<void> {
  await store.createEnvironment(environmentId, "simulated");
}

function same(a: Holding, b: Holding): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

function show(holding: Holding): string {
  if (holding === undefined) return "no dictionary";
  return `{${[...holding].map(([key, value]) => `${key}: ${value.slice(0, 24)}`).join(", ")}}`;
}
