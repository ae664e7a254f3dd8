// Every rule of DictService, over each transport against our server, on the memory and the log store.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryEngine } from "@everdict/embedded";
import { openLogEngine } from "@everdict/embedded/log";
import { type ServiceSuiteOptions, type SuiteOpenOptions, serviceSuite } from "@everdict/engine/suite";
import { type Authenticator, startServer } from "@everdict/server";
import { describe, test, vi } from "vitest";
import { parseServerUrl } from "../connection/server-address.ts";
import { platform } from "../platform/node.ts";
import { connectServer } from "./connect-server.ts";

// Some cases make thousands of calls, each of which takes grpc-js a while on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

type OpenEngine = (options: SuiteOpenOptions & { clock: () => number; sweepIntervalMs: number }) => Promise<{
  engine: Awaited<ReturnType<typeof openMemoryEngine>>;
  remove: () => Promise<void>;
}>;

const names = ["one", "two"];
const callers = new Map(names.map((name) => [name, { id: name, name }]));
const authenticator: Authenticator = {
  authenticate: (tokenId, tokenSecret) =>
    tokenSecret === `${tokenId}-secret` ? callers.get(tokenId) : undefined,
  isCurrent: () => true,
  describe: (tokenId) => (callers.has(tokenId) ? { tokenId, name: tokenId, createdAtSeconds: 0 } : undefined),
};

const transports = {
  gRPC: ["http", "grpc"],
  "a session of bare frames": ["http", "session"],
  "a session by WebSocket": ["ws", "session"],
} as const;

function through(name: keyof typeof transports, openEngine: OpenEngine): ServiceSuiteOptions["open"] {
  const [scheme, transport] = transports[name];
  return async (options) => {
    let nowMs = Date.UTC(2026, 0, 1);
    const { engine, remove } = await openEngine({ ...options, clock: () => nowMs, sweepIntervalMs: 0 });
    const server = await startServer({ engine, authenticator, port: 0, shutdownGraceMs: 1000 });
    const { address } = parseServerUrl(server.url.replace("http", scheme), "test");
    const connect = (tokenId: string) => {
      const credentials = { tokenId, tokenSecret: `${tokenId}-secret` };
      const target = {
        kind: "server",
        addresses: [address],
        credentials,
        maxThrottleWaitMs: undefined,
      } as const;
      return connectServer(target, { timeoutMs: 120_000, transport }, platform);
    };
    const [one, two] = await Promise.all(names.map(connect));
    return {
      service: one!.service,
      otherCaller: two!.service,
      advance: (ms) => {
        nowMs += ms;
      },
      sweep: () => engine.sweep(),
      destroy: async () => {
        await Promise.all([one!.close(), two!.close()]);
        await server.close();
        await engine.close();
        await remove();
      },
    };
  };
}

for (const name of Object.keys(transports) as (keyof typeof transports)[]) {
  serviceSuite({
    describe,
    test,
    name: `${name} to a server on memory`,
    open: through(name, async (options) => ({
      engine: await openMemoryEngine(options),
      remove: async () => {},
    })),
  });

  serviceSuite({
    describe,
    test,
    name: `${name} to a server on the log store`,
    open: through(name, async (options) => {
      const directory = await mkdtemp(join(tmpdir(), "everdict-suite-"));
      const engine = await openLogEngine({ ...options, directory });
      return { engine, remove: () => rm(directory, { recursive: true }) };
    }),
  });
}
