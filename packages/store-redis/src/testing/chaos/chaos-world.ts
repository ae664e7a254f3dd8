import type { Entry } from "@everdict/protocol";
import {
  type ClusterMember,
  RedisCluster,
  type RedisClusterOptions,
  redisCommand,
  type SeededRandom,
  waitUntil,
} from "@everdict/testkit";
import { Keyspace } from "../../keys/keyspace.ts";
import { openRedisStore, openStoreOver } from "../../store/open-redis-store.ts";
import type { RedisStoreOptions } from "../../store/redis-options.ts";
import type { RedisStore } from "../../store/redis-store.ts";

const shards = 16;

/** A cluster that is about to have a bad time, and stores on it. */
export class ChaosWorld implements AsyncDisposable {
  readonly cluster: RedisCluster;
  readonly dictId = "di-chaos";
  /** The slots of the dictionary's shards. */
  readonly slots: readonly number[] = Array.from(
    { length: shards },
    (_, shard) => new Keyspace("everdict:").shard(this.dictId, shard, shards).slot,
  );
  /** One of them, whose owner has the bad time. */
  slot: number;
  readonly #random: SeededRandom;
  readonly #options: Partial<RedisStoreOptions>;
  readonly #opened: RedisStore[] = [];

  private constructor(cluster: RedisCluster, random: SeededRandom, options: Partial<RedisStoreOptions>) {
    this.cluster = cluster;
    this.#random = random;
    this.#options = options;
    this.slot = random.pick(this.slots);
  }

  /** Starts a cluster; the seed decides who has the bad time. */
  static async start(
    random: SeededRandom,
    cluster: RedisClusterOptions = {},
    options: Partial<RedisStoreOptions> = {},
  ): Promise<ChaosWorld> {
    return new ChaosWorld(await RedisCluster.start(cluster), random, options);
  }

  /** Opens a store, as another node would; over other connections than sockets if that is asked for. */
  async open(
    options: Partial<RedisStoreOptions> = {},
    connections?: Parameters<typeof openStoreOver>[0],
  ): Promise<RedisStore> {
    const servers = this.cluster.hosts.split(",");
    const all = { servers, commandTimeoutMs: 500, ...this.#options, ...options };
    const store = await (connections === undefined ? openRedisStore(all) : openStoreOver(connections, all));
    this.#opened.push(store);
    return store;
  }

  /** Opens a store and creates the dictionary in it. */
  async openWithDict(data: readonly Entry[] = []): Promise<RedisStore> {
    const store = await this.open();
    await this.createDict(store, data);
    return store;
  }

  /** Creates the dictionary, or another one. */
  async createDict(
    store: RedisStore,
    data: readonly Entry[] = [],
    another: { readonly id?: string; readonly name?: string; readonly shards?: number } = {},
  ): Promise<void> {
    await store.createEnvironment("en-chaos", "main");
    await store.createDict({
      id: this.dictId,
      environmentId: "en-chaos",
      name: "chaos",
      createdBy: "somebody",
      expiry: { policy: "never" },
      data: [],
      ...another,
    });
    for (let start = 0; start < data.length; start += 5_000) {
      await store.update(this.dictId, data.slice(start, start + 5_000));
    }
  }

  /** The masters that own a part of the dictionary. */
  async owners(): Promise<readonly ClusterMember[]> {
    return [...new Set(await Promise.all(this.slots.map((slot) => this.cluster.ownerOf(slot))))];
  }

  /** The slots of the dictionary that a master owns. */
  async slotsOf(master: ClusterMember): Promise<readonly number[]> {
    const owners = await Promise.all(this.slots.map((slot) => this.cluster.ownerOf(slot)));
    return this.slots.filter((_, index) => owners[index] === master);
  }

  /** Makes another part of the dictionary the one whose owner has the bad time. */
  chooseAnother(): void {
    this.slot = this.#random.pick(this.slots);
  }

  /** The master that owns that part, and its replicas. */
  async victim(): Promise<{ readonly master: ClusterMember; readonly replicas: readonly ClusterMember[] }> {
    const master = await this.cluster.ownerOf(this.slot);
    return { master, replicas: await this.cluster.replicasOf(master) };
  }

  /** How many bytes a master has written for its replicas, whether they have them or not. */
  async replicationOffset(master: ClusterMember): Promise<number> {
    const text = await redisCommand(master.port, "INFO", "replication");
    const offset = /master_repl_offset:(\d+)/.exec(text)?.[1];
    if (offset === undefined) throw new Error("the master does not say how much it has written");
    return Number(offset);
  }

  /**
   * Waits until a master has handed its log to the system. While a flush is under way it keeps what it writes to itself
   * for up to two seconds, so that even a kill of the process loses it.
   */
  async logIsWritten({ port }: ClusterMember): Promise<void> {
    await waitUntil("the log is written", async () =>
      /aof_buffer_length:0\b/.test(await redisCommand(port, "INFO", "persistence")),
    );
  }

  /** Waits until somebody else owns what a member owned. */
  async failedOver(from: ClusterMember): Promise<void> {
    await waitUntil(
      "a replica took over",
      async () => (await this.cluster.ownerOf(this.slot)).port !== from.port,
      {
        timeoutMs: 30_000,
        everyMs: 50,
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Servers that are paused would keep a close waiting.
    for (const { server } of this.cluster.members) server.resume();
    await Promise.all(this.#opened.map((store) => store.close()));
    await this.cluster[Symbol.asyncDispose]();
  }
}
