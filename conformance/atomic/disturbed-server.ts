import {
  type EverdictProcess,
  LoadBalancer,
  RedisCluster,
  startEverdict,
  type Token,
  temporaryDirectory,
  waitUntil,
} from "@everdict/testkit";

/** A place to keep entries that does not stay as it is. */
export interface DisturbedServer {
  /** Stays the same whatever happens. */
  readonly url: string;
  readonly token: Token;
  /** The variables that connect Python. */
  readonly env: Readonly<Record<string, string>>;
  /** Loses the replies under way, then kills what holds the entries, and waits until it serves again. */
  disturb(): Promise<void>;
}

/** Uses a server on the log; it is killed, and replies are lost. */
export async function withLog(use: (server: DisturbedServer) => Promise<void>): Promise<void> {
  let server = await startEverdict();
  await using balancer = await LoadBalancer.start([server.port]);
  try {
    await use({
      ...addressOf(server, balancer),
      async disturb() {
        balancer.cut();
        await server.kill9();
        server = await server.restart();
      },
    });
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** Uses two servers on a cluster of three masters and three replicas; masters are killed, and replies are lost. */
export async function withCluster(use: (server: DisturbedServer) => Promise<void>): Promise<void> {
  using directory = temporaryDirectory();
  await using cluster = await RedisCluster.start({ replicas: 1, nodeTimeoutMs: 1_000 });
  const start = { dataDirectory: directory.path, args: ["--store", `redis://${cluster.hosts}`] };
  const servers: EverdictProcess[] = [await startEverdict(start)];
  let round = 0;
  try {
    servers.push(await startEverdict({ ...start, token: servers[0]!.token }));
    await using balancer = await LoadBalancer.start(servers.map(({ port }) => port));
    await use({
      ...addressOf(servers[0]!, balancer),
      async disturb() {
        balancer.cut();
        await killMaster(cluster, round++);
      },
    });
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]();
  }
}

function addressOf({ token, env }: EverdictProcess, { port }: LoadBalancer) {
  const url = `http://127.0.0.1:${port}`;
  return { url, token, env: { ...env, MODAL_SERVER_URL: url } };
}

/** Kills one master after the other, each when all are whole, and has it come back as a replica. */
async function killMaster(cluster: RedisCluster, round: number): Promise<void> {
  const slots = [1, 6_000, 16_000];
  const slot = slots[round % slots.length]!;
  const master = await cluster.ownerOf(slot);
  await master.server.kill();
  await waitUntil("a replica took over", async () => (await cluster.ownerOf(slot)) !== master, {
    timeoutMs: 60_000,
    everyMs: 50,
  });
  await master.server.start();
  await cluster.waitUntilWhole();
}
