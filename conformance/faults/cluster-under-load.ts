import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ClusterMember,
  type EverdictProcess,
  LoadBalancer,
  RedisCluster,
  type RedisClusterOptions,
  redisCommand,
  startEverdict,
  startPython,
  temporaryDirectory,
} from "@everdict/testkit";
import { Client, Dict } from "everdict";
import { type LoadOutcome, pythonLoad, pythonOutcome, TypescriptLoad } from "./known-answers-load.ts";

const dictName = "tested";

/** A cluster, two servers on it behind a balancer, and load from both languages on one dictionary. */
export interface ClusterUnderLoad {
  readonly cluster: RedisCluster;
  /** To be replaced by those who restart one. */
  readonly servers: EverdictProcess[];
  readonly balancer: LoadBalancer;
  readonly load: TypescriptLoad;
  /** The slots that the dictionary's shards are in. */
  slotsOfDict(): Promise<readonly number[]>;
}

/** What both languages met. */
export interface Outcomes {
  readonly python: LoadOutcome;
  readonly typescript: LoadOutcome;
}

/** Lets something happen to a cluster, and to servers on it, under load from both languages from beginning to end. */
export async function clusterUnderLoad(
  options: RedisClusterOptions,
  happens: (world: ClusterUnderLoad) => Promise<void>,
): Promise<Outcomes> {
  using directory = temporaryDirectory();
  await using cluster = await RedisCluster.start(options);
  const start = { dataDirectory: directory.path, args: ["--store", `redis://${cluster.hosts}`] };
  const servers: EverdictProcess[] = [await startEverdict(start)];
  servers.push(await startEverdict({ ...start, token: servers[0]!.token }));
  await using balancer = await LoadBalancer.start(servers.map(({ port }) => port));
  const url = `http://127.0.0.1:${balancer.port}`;
  await using python = startPython("newest", { ...servers[0]!.env, MODAL_SERVER_URL: url });
  await using client = Client.connect({ url, ...servers[0]!.token });
  try {
    const dict = Dict.fromName<string, number>(dictName, { client, createIfMissing: true });
    await dict.hydrate();
    const load = new TypescriptLoad(dict);
    const stop = join(directory.path, "stop");
    const inPython = python.run(pythonLoad, { variables: { name: dictName, stop }, timeoutMs: 380_000 });
    // Looked at when it is awaited.
    inPython.catch(() => {});
    await happens({
      cluster,
      servers,
      balancer,
      load,
      slotsOfDict: () => slotsOf(cluster.members, dict.objectId),
    });
    writeFileSync(stop, "");
    return { python: pythonOutcome((await inPython).json), typescript: await load.stop() };
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
}

/** Found by the keys themselves: where a dictionary is put is the store's own business. */
async function slotsOf(members: readonly ClusterMember[], dictId: string): Promise<number[]> {
  const lists = members.map(({ port }) => redisCommand(port, "KEYS", `*:d:*:${dictId}:*`).catch(() => ""));
  const keys = new Set(
    (await Promise.all(lists)).flatMap((list) => list.split("\n").filter((key) => key !== "")),
  );
  const { port } = members[0]!;
  return await Promise.all(
    [...keys].map(async (key) => Number(await redisCommand(port, "CLUSTER", "KEYSLOT", key))),
  );
}
