import type { ClientSpec, StoreKind } from "./clients/dict-client.ts";
import type { RunningServer, ServerSpec } from "./servers/running-server.ts";

/** What an acknowledged write survives. Only candidates with the same promise are compared. */
export type DurabilityPromise = "fsync" | "everysec" | "memory";

/** One way to keep entries that a user might choose: a server with its settings, and a client. */
export interface Candidate {
  /** Short, stable, for options and results. */
  readonly id: string;
  /** As it appears in tables. */
  readonly name: string;
  readonly promise: DurabilityPromise;
  /** Undefined: the store is in the client's process. */
  readonly server: ServerSpec | undefined;
  /** The client, for the server once it runs. `db` is a number of its own among the candidates of one server. */
  client(place: { server: RunningServer | undefined; directory: string; db: number }): ClientSpec;
}

/** What the others with the same promise are compared to. */
export const baseOf: Readonly<Record<DurabilityPromise, string>> = {
  fsync: "redis-always-ioredis-auto",
  everysec: "redis-everysec-ioredis-auto",
  memory: "redis-noaof-ioredis-auto",
};

/** How the promises are called in tables. */
export const promiseTitles: Readonly<Record<DurabilityPromise, string>> = {
  fsync: "on disk before the answer",
  everysec: "on disk within a second",
  memory: "in memory only",
};

const storePromise: Record<StoreKind, DurabilityPromise> = {
  sync: "fsync",
  everysec: "everysec",
  memory: "memory",
};

function everdict(
  store: StoreKind,
  transport: "session" | "websocket" | "grpc",
  lowLatency = false,
): Candidate {
  const way = { session: "session", websocket: "session over WebSocket", grpc: "gRPC" }[transport];
  return {
    id: `everdict-${store}-${transport}${lowLatency ? "-spin" : ""}`,
    name: `Everdict ${store}, ${way}${lowLatency ? ", lowLatency" : ""}`,
    promise: storePromise[store],
    server: { kind: "everdict", store },
    client: ({ server }) => ({ kind: "everdict", transport, lowLatency, server: addressOf(server) }),
  };
}

function inProcess(store: StoreKind): Candidate {
  return {
    id: `everdict-${store}-inprocess`,
    name: `Everdict ${store}, in-process`,
    promise: storePromise[store],
    server: undefined,
    client: ({ directory }) => ({ kind: "in-process", store, directory }),
  };
}

function redis(
  appendfsync: "always" | "everysec" | "no AOF",
  library: "ioredis-auto" | "ioredis" | "node-redis",
): Candidate {
  const client = {
    "ioredis-auto": "ioredis auto-pipelining",
    ioredis: "ioredis",
    "node-redis": "node-redis",
  };
  return {
    id: `redis-${appendfsync.toLowerCase().replace(" ", "")}-${library}`,
    name: `Redis ${appendfsync}, ${client[library]}`,
    promise: ({ always: "fsync", everysec: "everysec", "no AOF": "memory" } as const)[appendfsync],
    server: { kind: "redis", appendfsync },
    client({ server, db }) {
      const address = addressOf(server);
      if (library === "node-redis") return { kind: "node-redis", server: address, db };
      return { kind: "ioredis", autoPipelining: library === "ioredis-auto", server: address, db };
    },
  };
}

const grpcJs: Candidate = {
  id: "grpcjs-memory-grpc",
  name: "same handlers on grpc-js, gRPC",
  promise: "memory",
  server: { kind: "grpc-js" },
  client: ({ server }) => ({
    kind: "everdict",
    transport: "grpc",
    lowLatency: false,
    server: addressOf(server),
  }),
};

/** Everything that is measured, the base of each promise first. */
export const candidates: readonly Candidate[] = [
  redis("always", "ioredis-auto"),
  redis("always", "ioredis"),
  redis("always", "node-redis"),
  everdict("sync", "session"),
  everdict("sync", "session", true),
  everdict("sync", "websocket"),
  everdict("sync", "grpc"),
  inProcess("sync"),
  redis("everysec", "ioredis-auto"),
  redis("everysec", "ioredis"),
  redis("everysec", "node-redis"),
  everdict("everysec", "session"),
  everdict("everysec", "session", true),
  inProcess("everysec"),
  redis("no AOF", "ioredis-auto"),
  everdict("memory", "session"),
  everdict("memory", "websocket"),
  everdict("memory", "grpc"),
  grpcJs,
  inProcess("memory"),
];

/** One of each kind: what a smoke run takes. */
export const smokeCandidates: readonly string[] = [
  baseOf.fsync,
  baseOf.everysec,
  baseOf.memory,
  "redis-always-node-redis",
  "everdict-sync-session",
  "everdict-sync-session-spin",
  "everdict-sync-websocket",
  "everdict-sync-grpc",
  "everdict-sync-inprocess",
  "everdict-everysec-session",
  "everdict-memory-session",
  "everdict-memory-inprocess",
  "grpcjs-memory-grpc",
];

function addressOf(server: RunningServer | undefined): {
  port: number;
  tokenId: string;
  tokenSecret: string;
} {
  if (server === undefined) throw new Error("this client needs a server");
  const { port, tokenId, tokenSecret } = server;
  return { port, tokenId, tokenSecret };
}
