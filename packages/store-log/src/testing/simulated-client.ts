/**
 * A client of a store on a simulated disk, and what it knows.
 *
 * It works on a dictionary that is its own, so what it called and what it was told determine what may be there
 * after the power went: the state after one of its calls, in their order. How far back that may be is what the
 * durability of its dictionary promises. Calls that were under way happened as a whole or not at all.
 */

import type { EverdictError } from "@everdict/protocol";
import type { Durability, Store } from "@everdict/store";
import type { SeededRandom } from "@everdict/testkit";
import { allKeys, ClientSteps, environmentId } from "./client-steps.ts";
import { accountKeys, numberOf } from "./commit-steps.ts";
import { type Holding, isSame, show, visible } from "./holding.ts";
import type { Step } from "./step.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** How old a write may be that `everysec` loses. */
export const everysecLossMaxMs = 2000;

/** Counts the calls and answers of all clients, so that what different clients find can be compared. */
export interface Order {
  next: number;
  /** Whether the disk was full in this life: then pops that were refused may have been decided once more, in another order. */
  wasFull: boolean;
}

interface Issued {
  readonly step: Step;
  /** What it must answer. */
  expected: unknown;
  /** If it is decided only then, it answers nothing instead. */
  answeredEndMs: number;
  after: Holding;
  /** Of a call that changes nothing nothing has to be found: its answer rests on others. */
  isChange: boolean;
  readonly order: number;
  answered?: { readonly order: number; readonly atMs: number };
}

/** A stretch of the common order: what was found holds if everything up to a point of it is there, and no more. */
export interface Stretch {
  readonly from: number;
  readonly before: number;
}

/** How the life before ended, and whether the present one has. */
export interface Recovery {
  readonly diedAtMs: number;
  /** The store was closed in order: nothing that was answered is lost. */
  readonly wasClosed: boolean;
  readonly isDead: () => boolean;
}

export interface SimulatedClientOptions {
  readonly random: SeededRandom;
  readonly name: string;
  readonly time: VirtualTime;
  readonly order: Order;
  readonly durability: Durability;
}

/** See the top of the file. */
export class SimulatedClient {
  readonly #options: SimulatedClientOptions;
  readonly #steps: ClientSteps;
  /** What was there before the calls of `#history`. */
  #base: Holding;
  #history: Issued[] = [];
  #lastRepeatable: Issued | undefined;
  #untried: Step | undefined;
  /** Whether the power is gone: what a store answers after that, nobody lives to hear. */
  #isDead = () => false;

  constructor(options: SimulatedClientOptions) {
    this.#options = options;
    this.#steps = new ClientSteps({ ...options, nowMs: options.time.clock });
  }

  /** Works until the store is closed or `isOver`. @throws if an answer is wrong */
  async work(store: Store, isOver: () => boolean): Promise<void> {
    const { random } = this.#options;
    while (!isOver()) {
      const before = this.#state;
      try {
        await (random.chance(0.25) ? this.#burst(store) : this.#one(store));
        if (random.chance(0.3)) await this.#checkReads(store);
      } catch (error) {
        const { code } = error as EverdictError;
        if (code === "store_closed") return;
        if (code !== "store_full") throw error;
      }
      // Calls that change nothing are answered at once: nobody else would get a turn.
      const isQuiet = random.chance(0.2) || this.#state === before;
      if (isQuiet) await turn();
    }
  }

  /**
   * Compares what is found with what may be there, and goes on from that. Answers which stretches of the common
   * order agree with it.
   *
   * @throws if nothing does
   */
  async recover(store: Store, recovery: Recovery): Promise<Stretch[]> {
    const { time } = this.#options;
    this.#isDead = recovery.isDead;
    const found = await this.#read(store);
    const holdings = [this.#base, ...this.#history.map(({ after }) => after)];
    const isNeeded = (issued: Issued) => issued.isChange && this.#mustSurvive(issued, recovery);
    const first = this.#history.findLastIndex(isNeeded) + 1;
    const matches = holdings.flatMap((holding, index) =>
      index >= first && isSame(found, visible(holding, time.nowMs)) ? [index] : [],
    );
    if (matches.length === 0) throw this.#surprise(found, first);
    const stretches = matches.map((index) => this.#stretch(index));
    this.#settle(matches[0]!, matches.at(-1)!, recovery);
    return stretches;
  }

  /** Repeats under its idempotency key what was answered before, and tries again what did not happen. @throws if an answer is wrong */
  async resume(store: Store): Promise<void> {
    const known = this.#lastRepeatable;
    if (known !== undefined) this.#check(known, await known.step.call(store));
    const untried = this.#untried;
    this.#untried = undefined;
    if (untried?.isRepeatable) await this.#finish(this.#push(untried), untried.call(store));
  }

  // ---- Calls ----

  async #one(store: Store): Promise<void> {
    const issued = this.#issue(store, true);
    await this.#finish(issued, issued.step.call(store));
  }

  /** Several calls of one turn: they take effect in their order. */
  async #burst(store: Store): Promise<void> {
    const calls: Promise<void>[] = [];
    for (let left = 1 + this.#options.random.integer(6); left > 0; left--) {
      if (this.#state === undefined) break;
      const issued = this.#issue(store, false);
      calls.push(this.#finish(issued, issued.step.call(store)));
    }
    const failed = (await Promise.allSettled(calls)).find(({ status }) => status === "rejected");
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
    if (calls.length === 0) await this.#one(store);
  }

  #issue(store: Store, mayDelete: boolean): Issued {
    const step = this.#steps.choose(this.#dictId(store), this.#state, mayDelete);
    return this.#push(step);
  }

  #push(step: Step): Issued {
    const issued: Issued = { step, ...outcome(step, this.#state), order: this.#options.order.next++ };
    this.#history.push(issued);
    return issued;
  }

  async #finish(issued: Issued, call: Promise<unknown>): Promise<void> {
    const isDead = this.#isDead;
    try {
      const answer = await call;
      if (isDead()) await never();
      const hasEnded = issued.answeredEndMs <= this.#options.time.nowMs;
      const isAbsent = answer === undefined || answer === false;
      if (isAbsent && hasEnded) Object.assign(issued, { expected: answer, isChange: false });
      this.#check(issued, answer);
    } catch (error) {
      if (isDead()) await never();
      if ((error as EverdictError).code === "store_full") {
        this.#options.order.wasFull = true;
        this.#refuse(issued);
      }
      throw error;
    }
    issued.answered = { order: this.#options.order.next++, atMs: this.#options.time.nowMs };
    if (issued.step.isRepeatable) this.#lastRepeatable = issued;
    // Idempotency keys belong to a dictionary: a new one knows none of them.
    if (issued.after === undefined) this.#lastRepeatable = undefined;
    if (this.#options.durability === "sync") this.#forgetHistory();
  }

  /** It was refused: nothing of it happened, and nothing of it ever will. */
  #refuse(refused: Issued): void {
    this.#history = this.#history.filter((issued) => issued !== refused);
    let holding = this.#base;
    for (const issued of this.#history) {
      const { expected, ...rest } = outcome(issued.step, holding);
      Object.assign(issued, issued.answered === undefined ? { expected, ...rest } : rest);
      holding = issued.after;
    }
  }

  /** Of what cannot be lost any more only the last counts. */
  #forgetHistory(): void {
    while (this.#history[0]?.answered !== undefined) this.#base = this.#history.shift()!.after;
  }

  #check({ step, expected }: Issued, answer: unknown): void {
    const text = answer instanceof Uint8Array ? textOf(answer) : answer;
    if (text === expected) return;
    throw new Error(
      `${this.#options.name}: ${step.title} answered ${abridged(text)}, expected ${abridged(expected)}`,
    );
  }

  // ---- Reads ----

  /** What the calls so far make of the dictionary. */
  get #state(): Holding {
    const last = this.#history.at(-1);
    return last === undefined ? this.#base : last.after;
  }

  /** With nothing under way, reads show exactly what was answered. */
  async #checkReads(store: Store): Promise<void> {
    const { name, random, time } = this.#options;
    const dictId = this.#dictId(store);
    if (dictId === undefined || this.#state === undefined) return;
    const content = visible(this.#state, time.nowMs)!;
    this.#checkLength(await store.len(dictId), content.size);
    if (!random.chance(0.3)) return;
    const key = random.pick(allKeys);
    const held = content.has(key) ? this.#state.get(key) : undefined;
    const found = await store.entry(dictId, Buffer.from(key));
    // An update may be decided once more on a full disk, and its entries then end later. A commit is not.
    const version = held?.version.text;
    const told =
      found && entryText(textOf(found.value), version && found.version, version && found.expiresAtMs);
    const endMs = held?.endMs === Number.POSITIVE_INFINITY ? undefined : held?.endMs;
    const expected = held && entryText(held.value, version, version && endMs);
    if (told !== expected) throw new Error(`${name}: entry ${key} answered ${told}, expected ${expected}`);
  }

  #checkLength(len: number, shown: number): void {
    // Entries past their end are counted until they are swept.
    if (len === shown || (this.#steps.areEntriesEnding && len > shown)) return;
    throw new Error(`${this.#options.name}: len is ${len}, but ${shown} entries are there`);
  }

  /** What is moved from account to account is there on one of them, unless accounts end by themselves. */
  #checkAccounts(found: ReadonlyMap<string, string>): void {
    if (this.#steps.areEntriesEnding) return;
    const amounts = accountKeys.map((key) => (found.has(key) ? numberOf(found.get(key)!) : 0));
    if (amounts.reduce((sum, amount) => sum + amount, 0) === 0) return;
    throw new Error(`${this.#options.name}: the accounts have ${amounts}, which is not 0 together`);
  }

  #dictId(store: Store): string | undefined {
    return (store.findDict(environmentId, this.#options.name) as { id: string } | undefined)?.id;
  }

  async #read(store: Store): Promise<ReadonlyMap<string, string> | undefined> {
    const dictId = this.#dictId(store);
    if (dictId === undefined) return undefined;
    const found = new Map<string, string>();
    for await (const batch of store.contents(dictId, { keys: true, values: true })) {
      for (const { key, value } of batch) {
        if (found.has(textOf(key))) throw new Error(`${key} was shown twice`);
        found.set(textOf(key), textOf(value));
      }
    }
    this.#checkAccounts(found);
    this.#checkLength(await store.len(dictId), found.size);
    return found;
  }

  // ---- After a loss of power ----

  /** Whether what was answered may not be lost. */
  #mustSurvive({ step, answered }: Issued, { diedAtMs, wasClosed }: Recovery): boolean {
    if (answered === undefined) return false;
    // A dictionary itself comes and goes as durably as the store can.
    const durability = step.isOfRegistry ? "sync" : this.#options.durability;
    const isOld = durability === "everysec" && answered.atMs <= diedAtMs - everysecLossMaxMs;
    return wasClosed || durability === "sync" || isOld;
  }

  #stretch(match: number): Stretch {
    const from = match === 0 ? 0 : this.#history[match - 1]!.order;
    const next = this.#history[match];
    if (next === undefined) return { from, before: Number.POSITIVE_INFINITY };
    if (next.answered === undefined && this.#options.order.wasFull)
      return { from, before: Number.POSITIVE_INFINITY };
    if (!next.step.isOfRegistry) return { from, before: next.order };
    return { from, before: next.answered?.order ?? Number.POSITIVE_INFINITY };
  }

  /** What is there may be the state after several calls, if one of them undid what another did. */
  #settle(earliest: number, latest: number, recovery: Recovery): void {
    const isClear = this.#history.slice(earliest, latest).every(({ isChange }) => !isChange);
    const match = isClear ? latest : earliest;
    // An entry that ended meanwhile changes what a call decides that did not happen yet.
    this.#untried = isClear && !this.#steps.areEntriesEnding ? this.#history[match]?.step : undefined;
    this.#untried?.forget?.();
    this.#lastRepeatable = this.#lastKnown(match, recovery);
    if (latest > 0) this.#base = this.#history[latest - 1]!.after;
    this.#history = [];
  }

  /** The last call with an idempotency key among those that survived; a new dictionary knows none of the idempotency keys of the old. */
  #lastKnown(match: number, recovery: Recovery): Issued | undefined {
    const lost = this.#history.slice(match);
    let known = this.#lastRepeatable;
    if (known !== undefined && lost.includes(known)) known = undefined;
    for (const issued of this.#history.slice(0, match)) {
      // With entries that end by themselves the state does not tell whether a call is still known.
      const isKnown = this.#mustSurvive(issued, recovery) || !this.#steps.areEntriesEnding;
      if (issued.step.isRepeatable) known = isKnown ? issued : undefined;
      if (issued.after === undefined) known = undefined;
    }
    return known;
  }

  #surprise(found: ReadonlyMap<string, string> | undefined, first: number): Error {
    const { name, durability, time } = this.#options;
    const states = [this.#base, ...this.#history.map(({ after }) => after)].map((holding, index) => {
      const title = index === 0 ? "before" : this.#history[index - 1]!.step.title;
      return `${index < first ? "(too old) " : ""}${title}: ${show(visible(holding, time.nowMs))}`;
    });
    return new Error(
      `${name} (${durability}) has ${show(found)}; possible, oldest first:\n${states.slice(-12).join("\n")}`,
    );
  }
}

/** What a step does to what was there before it. */
function outcome(step: Step, before: Holding): Omit<Issued, "step" | "order" | "answered"> {
  const after = step.apply(before);
  const answeredEndMs = step.answeredEndMs?.(before) ?? Number.POSITIVE_INFINITY;
  return { expected: step.expected(before), answeredEndMs, after, isChange: after !== before };
}

/** A promise of its own each time: one for all would keep every waiter alive. */
function never(): Promise<never> {
  return new Promise(() => {});
}

/** Lets others run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function abridged(value: unknown): string {
  return String(value).slice(0, 40);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function entryText(value: string, ...known: readonly unknown[]): string {
  return `${abridged(value)} ${known}`;
}
