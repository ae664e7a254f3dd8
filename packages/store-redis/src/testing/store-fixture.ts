import type { Entry, ExpiryPolicy } from "@everdict/protocol";
import type { DictRecord } from "@everdict/store";
import { type FakeClock, fakeClock, redisCommand } from "@everdict/testkit";
import { openRedisStore } from "../store/open-redis-store.ts";
import type { RedisStoreOptions } from "../store/redis-options.ts";
import type { RedisStore } from "../store/redis-store.ts";

/** The text's bytes. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

/** The bytes' text. */
export function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString();
}

let prefixesMade = 0;
let idsMade = 0;

/** Stores that share one key space and one clock, and direct access to what they store. */
export class StoreFixture {
  readonly clock: FakeClock = fakeClock();
  readonly prefix = `fixture-${process.pid}-${prefixesMade++}:`;
  readonly environmentId = `en-${String(idsMade++).padStart(22, "0")}`;
  readonly #options: () => RedisStoreOptions;
  readonly #ports: () => readonly number[];
  readonly #opened: RedisStore[] = [];

  /** @param ports of every server that may have keys. */
  constructor(options: () => RedisStoreOptions, ports: () => readonly number[]) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Opens another store on the same keys. */
  async open(options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
    const store = await openRedisStore({
      ...this.#options(),
      prefix: this.prefix,
      clock: this.clock,
      ...options,
    });
    this.#opened.push(store);
    await store.createEnvironment(this.environmentId, "main");
    return store;
  }

  /** Creates a dictionary, ephemeral without a name. */
  async createDict(
    store: RedisStore,
    wanted: {
      readonly name?: string;
      readonly expiry?: ExpiryPolicy;
      readonly data?: readonly Entry[];
      readonly lifeMs?: number;
      readonly shards?: number;
    } = {},
  ): Promise<DictRecord> {
    const id = `di-${String(idsMade++).padStart(22, "0")}`;
    const { name = `dict-${id.slice(-6)}`, expiry = { policy: "never" }, data = [], lifeMs, shards } = wanted;
    const { environmentId } = this;
    const expiresAtMs = lifeMs === undefined ? undefined : this.clock() + lifeMs;
    const request = { id, environmentId, createdBy: "somebody", expiry, data, expiresAtMs, shards };
    return (await store.createDict({ ...request, name: lifeMs === undefined ? name : "" })).dict;
  }

  /** Every key of this fixture whose name begins so, on all servers. */
  async keys(kind = ""): Promise<string[]> {
    const lists = await Promise.all(
      this.#ports().map((port) => redisCommand(port, "KEYS", `${this.prefix}${kind}*`)),
    );
    return [...new Set(lists.flatMap((list) => list.split("\n")).filter((key) => key !== ""))].sort();
  }

  /** Sends a command about one key to the server that has it. */
  async command(...command: readonly (string | number)[]): Promise<string> {
    for (const port of this.#ports()) {
      try {
        return await redisCommand(port, ...command);
      } catch (error) {
        if (!String(error).includes("MOVED")) throw error;
      }
    }
    throw new Error("no server has the key");
  }

  /** Closes every store. */
  async close(): Promise<void> {
    await Promise.all(this.#opened.map((store) => store.close()));
  }
}
