/**
 * Commits that a simulated client may make: several changes under conditions, additions, times to live. What they must
 * answer and what they leave behind follows from what was there before them.
 *
 * Each commit adds something, so a full disk refuses it for good: nothing is decided once more at a later time.
 */

import type { AddChange, Change, CommitOutcome, CommitRequest, Condition } from "@everdict/protocol";
import { addToNumber, type Store } from "@everdict/store";
import type { SeededRandom } from "@everdict/testkit";
import { type Held, type HeldVersion, type Holding, isLiveAt } from "./holding.ts";
import type { Step } from "./step.ts";

const frame = 0x95;
const frameEnd = 11;

/** Keys of numbers. */
export const numberKeys = ["n1", "n2", "n3"];
/** Keys of numbers whose sum is always zero. */
export const accountKeys = ["x", "y", "z"];

export interface CommitStepsOptions {
  readonly random: SeededRandom;
  readonly nowMs: () => number;
  /** A value that was never written before. */
  readonly newValue: () => string;
  /** When an entry ends that is written now and has no time to live of its own. */
  readonly endMs: () => number;
  /** Whether entries may have times to live of their own. */
  readonly isTimed: boolean;
  readonly newIdempotencyKey: () => string | undefined;
}

/** What a commit makes of a holding. */
interface Decision {
  readonly after: Holding;
  /** What it must answer, but for versions. */
  readonly answer: string;
  /** The entries that the changes leave, in the order of the changes. */
  readonly held: readonly (Held | undefined)[];
}

/** See the top of the file. */
export class CommitSteps {
  readonly #options: CommitStepsOptions;
  /** Every version that was told, and of what. */
  readonly #told = new Map<string, HeldVersion>();

  constructor(options: CommitStepsOptions) {
    this.#options = options;
  }

  /** Adds one to a number. */
  increment(dictId: string): Step {
    const { random } = this.#options;
    const change = this.#addition(random.pick(numberKeys), 1);
    return this.#commit("increment", dictId, { conditions: [], changes: [change] });
  }

  /** Moves an amount from one account to another. */
  transfer(dictId: string): Step {
    const { random } = this.#options;
    const [from, to] = shuffled(random, accountKeys);
    const amount = 1 + random.integer(300);
    const changes = [this.#addition(from!, -amount), this.#addition(to!, amount)];
    return this.#commit("transfer", dictId, { conditions: [], changes });
  }

  /** Changes several entries under conditions. @param holding - what is there for all that the client knows */
  mixed(dictId: string, holding: Holding, keys: readonly string[]): Step {
    const { random } = this.#options;
    const conditions = shuffled(random, keys)
      .slice(0, random.integer(3))
      .map((key) => this.#condition(key, holding));
    const [first, ...others] = shuffled(random, keys);
    const changes = others.slice(0, random.integer(4)).map((key) => this.#change(key));
    changes.splice(random.integer(changes.length + 1), 0, this.#put(first!));
    return this.#commit("commit", dictId, { conditions, changes });
  }

  #commit(kind: string, dictId: string, request: CommitRequest): Step {
    const nowMs = this.#options.nowMs();
    const policyEndMs = this.#options.endMs();
    const idempotencyKey = this.#options.newIdempotencyKey();
    // It writes each entry once, whatever was there before it.
    let versions: readonly HeldVersion[] = request.changes.map(() => ({}));
    let last: Decision | undefined;
    const decided = (before: Holding): Decision => {
      last = decide({ request, before, nowMs, policyEndMs, versions });
      return last;
    };
    const titles = request.changes.map(({ kind: change, key }) => `${change} ${textOf(key)}`);
    return {
      title: `${kind} ${titles}`,
      isRepeatable: idempotencyKey !== undefined,
      isOfRegistry: false,
      expected: (before) => decided(before).answer,
      apply: (before) => decided(before).after,
      call: async (store: Store) => {
        const outcome = await store.commit(dictId, request, { idempotencyKey });
        const answer = answerOf(outcome);
        if (answer === last?.answer) this.#tell(last, outcome);
        return answer;
      },
      forget: () => {
        versions = request.changes.map(() => ({}));
      },
    };
  }

  /** Versions of what was written are told for the first time, or told again. @throws if one was told of something else */
  #tell({ held }: Decision, outcome: CommitOutcome): void {
    if (!outcome.committed) return;
    for (const [index, { version }] of outcome.results.entries()) {
      const known = held[index]?.version;
      if (known === undefined || version === undefined) continue;
      if ((known.text ?? version) !== version) throw new Error(`version ${known.text} has become ${version}`);
      if ((this.#told.get(version) ?? known) !== known) throw new Error(`version ${version} came again`);
      known.text = version;
      this.#told.set(version, known);
    }
  }

  #condition(key: string, holding: Holding): Condition {
    const { random } = this.#options;
    const version = holding?.get(key)?.version.text;
    const present = version !== undefined && random.chance(0.7) ? version : "present";
    const isThere = isLiveAt(holding?.get(key), this.#options.nowMs());
    const isTrue = random.chance(0.8);
    return { key: Buffer.from(key), expected: isThere === isTrue ? present : "absent" };
  }

  #change(name: string): Change {
    const { random } = this.#options;
    const key = Buffer.from(name);
    const fate = random.next();
    if (fate < 0.3) return { kind: "remove", key };
    if (fate < 0.6) return { kind: "touch", key, ttlMs: this.#ttlMs() };
    if (fate < 0.8) return this.#addition(name, random.integer(100_000));
    return this.#put(name);
  }

  #put(key: string): Change {
    const value = Buffer.from(this.#options.newValue());
    return { kind: "put", key: Buffer.from(key), value, ttlMs: this.#ttlMs() };
  }

  #addition(key: string, by: number): AddChange {
    return { kind: "add", key: Buffer.from(key), by: pickleOf(by), ttlOnCreateMs: this.#ttlMs() };
  }

  #ttlMs(): number | null | undefined {
    const { random, isTimed } = this.#options;
    return isTimed
      ? random.pick([undefined, null, 1 + random.integer(50), 1 + random.integer(3000)])
      : undefined;
  }
}

/** The number in a value that additions of these steps left. */
export function numberOf(value: string): number {
  const bytes = Buffer.from(value, "latin1");
  const start = bytes[2] === frame ? frameEnd : 2;
  const length = bytes.length - start - 2;
  return length === 4 ? bytes.readInt32LE(start + 1) : bytes.readUIntLE(start + 1, length);
}

interface Situation {
  readonly request: CommitRequest;
  readonly before: Holding;
  readonly nowMs: number;
  /** When an entry ends that has no time to live of its own. */
  readonly policyEndMs: number;
  /** Of what is written, in the order of the changes. */
  readonly versions: readonly HeldVersion[];
}

function decide({ request, before, nowMs, policyEndMs, versions }: Situation): Decision {
  const refused = (reason: string, index: number): Decision => {
    return { after: before, answer: `refused: ${reason} ${index}`, held: [] };
  };
  const find = (key: Uint8Array): Held | undefined => {
    const held = before?.get(textOf(key));
    return isLiveAt(held, nowMs) ? held : undefined;
  };
  for (const [index, { key, expected }] of request.conditions.entries()) {
    const held = find(key);
    const isMet =
      expected === "absent"
        ? held === undefined
        : held !== undefined && (expected === "present" || held.version.text === expected);
    if (!isMet) return refused("condition", index);
  }
  const endMs = (ttlMs: number | null | undefined): number => {
    if (ttlMs === undefined) return policyEndMs;
    return ttlMs === null ? Number.POSITIVE_INFINITY : nowMs + ttlMs;
  };
  const after = new Map(before);
  const held: (Held | undefined)[] = [];
  const sums: string[] = [];
  for (const [index, change] of request.changes.entries()) {
    const present = find(change.key);
    const next = changed(change, present, versions[index]!, endMs);
    if (typeof next === "string") return refused(next, index);
    held.push(next);
    if (change.kind === "add") sums.push(next!.value);
    if (change.kind === "remove" || present !== undefined || next !== undefined)
      after.delete(textOf(change.key));
    if (next !== undefined) after.set(textOf(change.key), next);
  }
  return { after, answer: `done: ${sums}`, held };
}

/** What a change makes of an entry, or why it makes nothing. */
function changed(
  change: Change,
  present: Held | undefined,
  version: HeldVersion,
  endMs: (ttlMs: number | null | undefined) => number,
): Held | string | undefined {
  switch (change.kind) {
    case "put":
      return { value: change.value.toString(), endMs: endMs(change.ttlMs), version };
    case "remove":
      return undefined;
    case "touch":
      return present && { ...present, endMs: endMs(change.ttlMs) };
    case "add": {
      const sum = addToNumber(present && Buffer.from(present.value, "latin1"), change);
      if ("refused" in sum) return sum.refused;
      const value = textOf(sum.value);
      return { value, endMs: present?.endMs ?? endMs(change.ttlOnCreateMs), version };
    }
  }
}

function answerOf(outcome: CommitOutcome): string {
  if (!outcome.committed) return `refused: ${outcome.reason} ${outcome.index}`;
  const sums = outcome.results.flatMap(({ value }) => (value === undefined ? [] : [textOf(value)]));
  return `done: ${sums}`;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** As CPython pickles an int of four bytes. */
function pickleOf(number: number): Buffer {
  const bytes = Buffer.from("80044a000000002e", "hex");
  bytes.writeInt32LE(number, 3);
  return bytes;
}

function shuffled<Item>(random: SeededRandom, items: readonly Item[]): Item[] {
  const left = [...items];
  return items.map(() => left.splice(random.integer(left.length), 1)[0]!);
}
