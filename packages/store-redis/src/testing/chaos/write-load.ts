import type { RedisStore } from "../../store/redis-store.ts";

/** How a load is made. */
export interface WriteLoadOptions {
  readonly store: RedisStore;
  readonly dictId: string;
  /** Writers that each wait for their answer before they write again. Default: 32. */
  readonly writers?: number | undefined;
  /** Bytes of each value. Default: 100. */
  readonly valueBytes?: number | undefined;
}

/** A key of the load. Each is written once, so a lost write cannot hide behind a later one. */
export function loadKey(number: number): Uint8Array {
  return Uint8Array.from(Buffer.from(`key ${number}`));
}

/** Writers that go on until they are stopped, and a ledger of what was acknowledged to them. */
export class WriteLoad {
  /** Numbers of the keys whose writes were acknowledged. */
  readonly acknowledged: number[] = [];
  /** What writers were told instead. */
  readonly errors: Error[] = [];
  /** The longest time that a write took, in milliseconds. */
  slowestMs = 0;
  readonly #options: WriteLoadOptions;
  readonly #value: Uint8Array;
  #next = 0;
  #stopping = false;
  readonly #running: Promise<unknown>;

  constructor(options: WriteLoadOptions) {
    this.#options = options;
    this.#value = new Uint8Array(options.valueBytes ?? 100).fill(97);
    this.#running = Promise.all(Array.from({ length: options.writers ?? 32 }, () => this.#write()));
  }

  /** Lets every writer finish what it is at. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  /** Looks up every acknowledged write; answers the numbers of those that are not there. */
  async lost(store: RedisStore): Promise<number[]> {
    const missing: number[] = [];
    const together = 500;
    for (let start = 0; start < this.acknowledged.length; start += together) {
      const part = this.acknowledged.slice(start, start + together);
      const found = await Promise.all(
        part.map((number) => store.contains(this.#options.dictId, loadKey(number))),
      );
      for (const [index, number] of part.entries()) if (!found[index]) missing.push(number);
    }
    return missing;
  }

  async #write(): Promise<void> {
    const { store, dictId } = this.#options;
    while (!this.#stopping) {
      const number = this.#next++;
      const beganAtMs = performance.now();
      try {
        await store.update(dictId, [{ key: loadKey(number), value: this.#value }]);
        this.acknowledged.push(number);
      } catch (error) {
        this.errors.push(error as Error);
      }
      this.slowestMs = Math.max(this.slowestMs, performance.now() - beganAtMs);
    }
  }
}
