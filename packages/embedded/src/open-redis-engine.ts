import { uptime } from "node:os";
import { type Engine, type EngineOptions, openEngine } from "@everdict/engine";
import { type Clock, steadyClock } from "@everdict/store";
import {
  openRedisStore,
  parseRedisUrl,
  type RedisStoreOptions,
  type RedisStoreStats,
  type RedisUrlOptions,
} from "@everdict/store-redis";

/** What {@link openRedisEngine} takes: where the cluster is, and all options of an engine but its store. */
export interface RedisEngineOptions extends Omit<EngineOptions, "store" | "clock"> {
  /** Milliseconds since the Unix epoch. Default: the system's, unless it jumps. See `steadyClock`. */
  readonly clock?: Clock | undefined;
  /** `redis://…` or `rediss://…`, as `parseRedisUrl` of `@everdict/store-redis` reads it. */
  readonly url: string;
  /**
   * Certificates of authorities to trust instead of Node's, PEM, for `rediss:`. Files that the URL names take
   * precedence.
   */
  readonly ca?: string | undefined;
  /** More options of the store. The URL takes precedence. */
  readonly redis?: Omit<RedisStoreOptions, "clock" | "servers"> | undefined;
}

/** An engine on a cluster. */
export interface RedisEngine extends Engine {
  /** Cheap counters of the store since it was opened. */
  storeStats(): RedisStoreStats;
}

/**
 * Opens an engine on a Redis or Valkey server or cluster. Any number of processes may share it; all of them see what
 * one has acknowledged.
 *
 * @throws `unavailable` if no server answers, `permission_denied` if they refuse the user, `conflict` if they are not
 *   set up to keep what the profile promises, and `invalid_argument` or `invalid_name` for an option out of range.
 * @example
 * const engine = await openRedisEngine({ url: "redis://10.0.0.1,10.0.0.2" });
 * const service = engine.serviceFor({ id: "local", name: "local" });
 */
export async function openRedisEngine(options: RedisEngineOptions): Promise<RedisEngine> {
  const { url, ca, redis, ...engineOptions } = options;
  const clock =
    options.clock ?? steadyClock({ uptimeMs: () => uptime() * 1000, onWarning: redis?.onWarning });
  const store = await openRedisStore({ ...redis, ...saidBy(url, ca), clock });
  const engine = await openEngine({ ...engineOptions, clock, store });
  return Object.assign(engine, { storeStats: () => store.counters() });
}

/** The options that a URL names, without absent ones. */
function saidBy(url: string, ca: string | undefined): RedisUrlOptions {
  const { servers, tls, ...rest } = parseRedisUrl(url);
  const trusting = tls && ca !== undefined ? { ca, ...tls } : tls;
  const said = Object.entries({ ...rest, tls: trusting }).filter(([, value]) => value !== undefined);
  return { servers, ...Object.fromEntries(said) };
}
