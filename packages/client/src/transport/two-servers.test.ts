// Every rule of DictService through two real servers (`everdict serve --store redis://…`) on one 3+6 cluster. Each call
// goes to one of them at random, over gRPC or over a session, also at random.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type SuiteOpenOptions, serviceSuite, suiteDefaults } from "@everdict/engine/suite";
import type { DictService } from "@everdict/protocol";
import {
  CallSpreader,
  type EverdictProcess,
  RedisCluster,
  redisCommand,
  redisIsSetUp,
  repositoryRoot,
  seededRandom,
  startEverdict,
  type TemporaryDirectory,
  type Token,
  temporaryDirectory,
} from "@everdict/testkit";
import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { parseServerUrl } from "../connection/server-address.ts";
import { platform } from "../platform/node.ts";
import type { ServiceConnection } from "../platform/platform.ts";
import { connectServer } from "./connect-server.ts";

// Some cases make thousands of calls, each of which takes grpc-js a while on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const random = seededRandom();

/** What two servers that were started with the same options are asked through. */
interface Servers {
  readonly service: DictService;
  readonly otherCaller: DictService;
}

describe.skipIf(!redisIsSetUp())(`two servers on a cluster, seed ${random.seed}`, () => {
  let directory: TemporaryDirectory;
  let cluster: RedisCluster;
  let tokens: readonly Token[];
  const processes: EverdictProcess[] = [];
  const connections: ServiceConnection[] = [];
  const started = new Map<string, Promise<Servers>>();
  let casesBegun = 0;

  beforeAll(async () => {
    directory = temporaryDirectory();
    tokens = ["one", "two"].map((name) => createToken(directory.path, name));
    cluster = await RedisCluster.start({ nodeTimeoutMs: 5_000, replicas: 2 });
  });
  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await Promise.all(processes.map((server) => server[Symbol.asyncDispose]()));
    await cluster[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  const onEachMaster = (script: string) =>
    Promise.all(cluster.members.slice(0, 3).map(({ port }) => redisCommand(port, "EVAL", script, 0)));

  const start = async (options: SuiteOpenOptions): Promise<Servers> => {
    const args = ["--store", `redis://${cluster.hosts}`, ...flagsOf(options)];
    const common = { dataDirectory: directory.path, token: tokens[0]!, args };
    const both = await Promise.all([startEverdict(common), startEverdict(common)]);
    processes.push(...both);
    const spreader = new CallSpreader((count) => random.integer(count));
    const callers = tokens.map(async (token) => {
      const ways = both.flatMap((server) => [
        connect(server, token, "grpc"),
        connect(server, token, "session"),
      ]);
      const made = await Promise.all(ways);
      connections.push(...made);
      return spreader.over(made.map(({ service }) => service));
    });
    const [service, otherCaller] = await Promise.all(callers);
    return { service: service!, otherCaller: otherCaller! };
  };

  serviceSuite({
    describe,
    test,
    name: "two servers at random",
    // The clocks of real servers stand in nobody's power, nor do their sweeps.
    without: ["advance", "sweep"],
    open: async (options) => {
      await onEachMaster(backToTheStart);
      const name = JSON.stringify(options);
      const servers = started.get(name) ?? start(options);
      started.set(name, servers);
      await (await servers).service.getOrCreateEnvironment("", "createIfMissing");
      await onEachMaster(keepTheStart);
      const { service, otherCaller } = await servers;
      const number = casesBegun++;
      return {
        service: withOwnKeys(service, number),
        otherCaller: withOwnKeys(otherCaller, number),
        destroy: () => {},
      };
    },
  });
});

// An emptied cluster is a loss of data, so each case goes back to what the first servers began with: a copy of it is kept
// beside, under names that no server looks at and that lie in the same slots.
const keepTheStart = `
  if #redis.call('KEYS', 'start:*') > 0 then return 0 end
  for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('COPY', key, 'start:' .. key) end
  return 1`;
const backToTheStart = `
  local kept = redis.call('KEYS', 'start:*')
  if #kept == 0 then return 0 end
  for _, key in ipairs(redis.call('KEYS', '*')) do
    if string.sub(key, 1, 6) ~= 'start:' then redis.call('DEL', key) end
  end
  for _, key in ipairs(kept) do redis.call('COPY', key, string.sub(key, 7)) end
  return 1`;

/**
 * Cases use the same idempotency keys, and all of them the same default environment, of which the servers remember for a
 * while what was created under which key. So each case has keys of its own, of the same length.
 */
function withOwnKeys(service: DictService, number: number): DictService {
  const mark = String(number).padStart(4, "0");
  const own = (argument: unknown): unknown => {
    const { idempotencyKey: key } = (argument ?? {}) as { idempotencyKey?: unknown };
    if (typeof key !== "string" || key.length <= mark.length) return argument;
    return { ...(argument as object), idempotencyKey: mark + key.slice(mark.length) };
  };
  return new Proxy(service, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...request: unknown[]) => method.apply(target, request.map(own));
    },
  });
}

function flagsOf({ limits, defaultExpiry, ephemeralGraceMs }: SuiteOpenOptions): string[] {
  if (defaultExpiry !== undefined || ephemeralGraceMs !== suiteDefaults.ephemeralGraceMs)
    throw new Error("a case that moves no clock wants another expiry: give the servers a flag for it");
  return Object.entries(limits).flatMap(([name, limit]) => [
    `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(limit),
  ]);
}

function createToken(directory: string, name: string): Token {
  const program = join(repositoryRoot, "packages", "cli", "bin", "everdict.js");
  const args = [program, "token", "create", name, "--data-dir", directory, "--json"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  const { token_id: tokenId, token_secret: tokenSecret } = JSON.parse(stdout);
  return { tokenId, tokenSecret };
}

function connect(
  { serverUrl }: EverdictProcess,
  credentials: Token,
  transport: "grpc" | "session",
): Promise<ServiceConnection> {
  const { address } = parseServerUrl(serverUrl, "test");
  const target = { kind: "server", addresses: [address], credentials, maxThrottleWaitMs: undefined } as const;
  return connectServer(target, { timeoutMs: 120_000, transport }, platform);
}
