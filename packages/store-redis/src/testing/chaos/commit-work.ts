import { addToNumber } from "@everdict/store";
import { type SeededRandom, waitUntil } from "@everdict/testkit";
import type { RedisStore } from "../../store/redis-store.ts";

/** The int 1 as CPython pickles it. */
const one = Uint8Array.from([0x80, 4, 0x4b, 1, 0x2e]);
/** The int 0 in the form `LONG4`. */
const wideZero = Uint8Array.from([0x80, 4, 0x8b, 1, 0, 0, 0, 0, 0x2e]);
const accounts = 8;
const balance = 1_000;
const workers = 24;

/** Where the work is done. */
export interface CommitWorkOptions {
  readonly nodes: readonly RedisStore[];
  /** A dictionary of several shards, for counters. */
  readonly dictId: string;
  /** A dictionary of one shard, for accounts. */
  readonly bankId: string;
  readonly random: SeededRandom;
}

/**
 * Workers of three kinds: they count, they compare and set, and they move amounts between accounts. Each keeps account of
 * what was acknowledged to it, and every third has idempotency keys of its own.
 */
export class CommitWork {
  /** Commits that are through. */
  done = 0;
  /** What was not as it must be. */
  readonly wrong: string[] = [];
  /** How often each number was added to, or set one higher, as acknowledged. */
  readonly added = new Map<string, number>();
  /** Amounts moved. */
  moved = 0;
  readonly #options: CommitWorkOptions;
  readonly #running: Promise<unknown>;
  #next = 0;
  #stopping = false;

  private constructor(options: CommitWorkOptions) {
    this.#options = options;
    this.#running = Promise.all(Array.from({ length: workers }, (_, worker) => this.#work(worker)));
  }

  /** Begins, once the accounts have their money. */
  static async start(options: CommitWorkOptions): Promise<CommitWork> {
    const [node] = options.nodes;
    const entries = Array.from({ length: accounts }, (_, account) => ({
      key: bytes(`account ${account}`),
      value: bytes(String(balance)),
    }));
    await node!.update(options.bankId, entries);
    await node!.update(options.dictId, [{ key: bytes("wide 0"), value: wideZero }]);
    return new CommitWork(options);
  }

  /** Resolves once some more commits are through: the workers are at it. */
  async goesOn(): Promise<void> {
    const { done } = this;
    await waitUntil("the workers go on", () => this.done >= done + workers, { timeoutMs: 60_000 });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  /** Compares what is there with what was acknowledged. */
  async check(): Promise<void> {
    const { nodes, dictId, bankId } = this.#options;
    const [node] = nodes;
    for (const [name, count] of this.added) {
      const number = countedTo(count, name.startsWith("wide") ? wideZero : undefined);
      const wanted = name.startsWith("set") ? bytes(String(count)) : number!;
      const found = (await node!.get(dictId, bytes(name)))!;
      if (Buffer.compare(found, wanted) !== 0)
        this.wrong.push(`${name} is ${Buffer.from(found).toString("hex")} and not ${count}`);
    }
    let sum = 0;
    for (let account = 0; account < accounts; account++)
      sum += Number(textOf((await node!.get(bankId, bytes(`account ${account}`)))!));
    if (sum !== accounts * balance) this.wrong.push(`the bank has ${sum}`);
  }

  async #work(worker: number): Promise<void> {
    const steps = [this.#count, this.#compareAndSet, this.#transfer];
    while (!this.#stopping) {
      const number = this.#next++;
      const { nodes } = this.#options;
      const option = worker % 9 < 3 ? { idempotencyKey: `commit ${number}` } : {};
      try {
        await steps[worker % 3]!.call(this, nodes[number % nodes.length]!, worker, option);
      } catch (error) {
        this.wrong.push(`${number}: ${error}`);
      }
      this.done++;
    }
  }

  async #count(
    node: RedisStore,
    worker: number,
    option: { readonly idempotencyKey?: string },
  ): Promise<void> {
    const name = worker % 6 === 0 ? "wide 0" : `plain ${worker % 4}`;
    const changes = [{ kind: "add", key: bytes(name), by: one } as const];
    const outcome = await node.commit(this.#options.dictId, { conditions: [], changes }, option);
    if (!outcome.committed) this.wrong.push(`${name}: ${outcome.reason}`);
    this.#acknowledge(name);
  }

  async #compareAndSet(
    node: RedisStore,
    worker: number,
    option: { readonly idempotencyKey?: string },
  ): Promise<void> {
    const { dictId } = this.#options;
    const key = bytes(`set ${worker % 4}`);
    const found = await node.entry(dictId, key);
    const value = bytes(String(found === undefined ? 1 : Number(textOf(found.value)) + 1));
    const conditions = [{ key, expected: found?.version ?? "absent" }];
    const outcome = await node.commit(dictId, { conditions, changes: [{ kind: "put", key, value }] }, option);
    if (outcome.committed) this.#acknowledge(`set ${worker % 4}`);
  }

  async #transfer(node: RedisStore, _: number, option: { readonly idempotencyKey?: string }): Promise<void> {
    const { bankId, random } = this.#options;
    const from = random.integer(accounts);
    const to = (from + 1 + random.integer(accounts - 1)) % accounts;
    const keys = [from, to].map((account) => bytes(`account ${account}`));
    const found = await Promise.all(keys.map((key) => node.entry(bankId, key)));
    const amount = 1 + random.integer(9);
    const changes = keys.map((key, side) => {
      const value = bytes(String(Number(textOf(found[side]!.value)) + (side === 0 ? -amount : amount)));
      return { kind: "put", key, value } as const;
    });
    const conditions = keys.map((key, side) => ({ key, expected: found[side]!.version }));
    const outcome = await node.commit(bankId, { conditions, changes }, option);
    if (outcome.committed) this.moved++;
  }

  #acknowledge(name: string): void {
    this.added.set(name, (this.added.get(name) ?? 0) + 1);
  }
}

/** What a number is after so many additions. */
function countedTo(count: number, from: Uint8Array | undefined): Uint8Array | undefined {
  let number = from;
  for (let added = 0; added < count; added++) {
    const sum = addToNumber(number, { kind: "add", key: one, by: one });
    if ("value" in sum) number = sum.value;
  }
  return number;
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString();
}
