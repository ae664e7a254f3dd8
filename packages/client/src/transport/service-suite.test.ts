// Every rule of DictService, over real gRPC against our server, on the memory and the log store.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMemoryEngine } from "@everdict/embedded";
import { openLogEngine } from "@everdict/embedded/log";
import { type ServiceSuiteOptions, type SuiteOpenOptions, serviceSuite } from "@everdict/engine/suite";
import { type Authenticator, startServer } from "@everdict/server";
import { describe, test, vi } from "vitest";
import { parseServerUrl } from "../connection/server-address.ts";
import { connectGrpc } from "./connect-grpc.ts";

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
  describe: (tokenId) => (callers.has(tokenId) ? { tokenId, name: tokenId, createdAtSeconds: 0 } : undefined),
};

function through(openEngine: OpenEngine): ServiceSuiteOptions["open"] {
  return async (options) => {
    let nowMs = Date.UTC(2026, 0, 1);
    const { engine, remove } = await openEngine({ ...options, clock: () => nowMs, sweepIntervalMs: 0 });
    const server = await startServer({ engine, authenticator, port: 0, shutdownGraceMs: 1000 });
    const { address } = parseServerUrl(server.url, "test");
    const [one, two] = names.map((name) =>
      connectGrpc(
        {
          kind: "grpc",
          addresses: [address],
          credentials: { tokenId: name, tokenSecret: `${name}-secret` },
          maxThrottleWaitMs: undefined,
        },
        { timeoutMs: 120_000 },
      ),
    );
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

serviceSuite({
  describe,
  test,
  name: "gRPC to a server on memory",
  open: through(async (options) => ({ engine: await openMemoryEngine(options), remove: async () => {} })),
});

serviceSuite({
  describe,
  test,
  name: "gRPC to a server on the log store",
  open: through(async (options) => {
    const directory = await mkdtemp(join(tmpdir(), "everdict-suite-"));
    const engine = await openLogEngine({ ...options, directory });
    return { engine, remove: () => rm(directory, { recursive: true }) };
  }),
});
