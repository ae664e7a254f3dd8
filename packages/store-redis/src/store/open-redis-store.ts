import { createError, type EverdictError, limitDefaults } from "@everdict/protocol";
import type { Address } from "../cluster/address.ts";
import { Router } from "../cluster/router.ts";
import { SocketTransport, type SocketTransportOptions } from "../cluster/socket-transport.ts";
import type { Transport } from "../cluster/transport.ts";
import { foreignRecord } from "../context/data-loss.ts";
import { deadlineMaxMs } from "../context/life-times.ts";
import { newCounters } from "../context/store-context.ts";
import { Keyspace } from "../keys/keyspace.ts";
import { allScripts } from "../scripts/all-scripts.ts";
import { checkServers, refuseUnsafe, type ServerFindings } from "../servers/check-servers.ts";
import { profiles } from "../servers/profiles.ts";
import { ServerWatch } from "../servers/server-watch.ts";
import { assembleStore } from "./assemble-store.ts";
import type { RedisStoreOptions } from "./redis-options.ts";
import { ClusterStore, type RedisStore } from "./redis-store.ts";

const mib = 1024 * 1024;
const shardsMax = 16_384;
const defaultShards = 16;

/**
 * Opens a store on a Redis or Valkey server or cluster. Any number of processes may have it open at once.
 *
 * An acknowledged write has survived what the profile says. While a server fails over, calls are held, and repeated
 * where needed, so that each takes effect once. After `deadlineMs` they fail with `unavailable`, and their outcome is
 * unknown.
 *
 * @throws `unavailable` if no server answers, `permission_denied` if they refuse the user, `conflict` if they are not
 *   set up to keep what the profile promises, `invalid_argument` for an option out of range.
 * @example
 * const store = await openRedisStore({ servers: ["10.0.0.1:6379", "10.0.0.2:6379"] });
 */
export function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  return openStoreOver((socketOptions) => new SocketTransport(socketOptions), options);
}

/** As `openRedisStore`, but with other connections: for tests, which put something in between. */
export async function openStoreOver(
  connections: (options: SocketTransportOptions) => Transport,
  options: RedisStoreOptions,
): Promise<RedisStore> {
  const { prefix = "everdict:", profile: profileName = "replicated", clock = Date.now } = options;
  const { connectTimeoutMs = 1_000, commandTimeoutMs = 1_500, lanes = 2, deadlineMs = 20_000 } = options;
  checkOptions(options, prefix);
  const profile = profiles[profileName];
  const { user, password, tls } = options;
  const greeting = allScripts.map(({ text }) => ["SCRIPT", "LOAD", text]);
  const access = { user, password, tls, connectTimeoutMs };
  const transport = connections({ ...access, greeting });
  const told = { counters: newCounters(), clock, warn: options.onWarning ?? (() => {}), said: new Map() };
  const router = new Router({
    onForeign: (what) => foreignRecord(told, what),
    transport,
    seeds: options.servers,
    lanes,
    waitReplicas: profile.waitReplicas,
    commandTimeoutMs,
    deadlineMs,
    pendingMaxBytes: options.pendingMaxBytes ?? 256 * mib,
  });
  await router.open();
  const asking = { transport: connections({ ...access, greeting: [] }), profile, profileName, clock };
  const check = (): Promise<ServerFindings> => {
    const { isCluster } = router;
    return checkServers({ ...asking, servers: router.servers(), isCluster, commandTimeoutMs, deadlineMs });
  };
  let findings: ServerFindings;
  try {
    findings = await check();
    if (options.allowUnsafe !== true) refuseUnsafe(findings, profileName);
    for (const warning of [...findings.refusals, ...findings.warnings]) options.onWarning?.(warning);
  } catch (error) {
    router.close();
    throw error;
  }
  const parts = assembleStore({
    context: { router, keys: new Keyspace(prefix), ...told },
    recordedAnswersMaxBytes: options.recordedAnswersMaxBytes ?? limitDefaults.recordedAnswersMaxBytes,
    shardsOf: shardChooser(options.shards ?? defaultShards),
  });
  const { allowUnsafe = false, recheckMs: everyMs = 30_000 } = options;
  const checkMarks = (): Promise<void> => parts.environments.checkMarks();
  const refuse = (errors: ReadonlyMap<Address, EverdictError>): void => router.refuse(errors);
  const { warn } = told;
  const watch = new ServerWatch({ check, checkMarks, refuse, warn, allowUnsafe, everyMs }, findings);
  return new ClusterStore({ parts, watch, durability: profile.durability });
}

function shardChooser(
  shards: NonNullable<RedisStoreOptions["shards"]>,
): (dict: { readonly name: string }) => number {
  return (dict) => {
    if (typeof shards === "function") return checkedShards(shards(dict));
    return dict.name === "" ? 1 : shards;
  };
}

function checkOptions(options: RedisStoreOptions, prefix: string): void {
  const { servers, shards, profile, deadlineMs } = options;
  if (servers.length === 0) throw createError("invalid_argument", "no server of the cluster is named");
  if (/[{}]/.test(prefix))
    throw createError("invalid_argument", "the prefix of keys must not contain braces");
  if (typeof shards === "number") checkedShards(shards);
  if (deadlineMs !== undefined && !(deadlineMs > 0 && deadlineMs <= deadlineMaxMs)) {
    const limit = `it must be above 0 and at most ${deadlineMaxMs}`;
    throw createError("invalid_argument", `deadlineMs is ${deadlineMs}, ${limit}`);
  }
  if (profile !== undefined && !(profile in profiles)) {
    const known = Object.keys(profiles).join(", ");
    throw createError("invalid_argument", `there is no profile '${profile}'; there are ${known}`);
  }
}

function checkedShards(shards: number): number {
  if (Number.isInteger(shards) && shards >= 1 && shards <= shardsMax) return shards;
  throw createError("invalid_argument", `shards is ${shards}, it must be from 1 to ${shardsMax}`);
}
