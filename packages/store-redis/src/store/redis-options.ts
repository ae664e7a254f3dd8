import type { ConnectionOptions } from "node:tls";
import type { Clock } from "@everdict/store";
import type { ProfileName } from "../servers/profiles.ts";

/** The options of `openRedisStore`. */
export interface RedisStoreOptions {
  /** Some servers of the cluster, or the one server, as `host:port`; they name the others. */
  readonly servers: readonly string[];
  /** Absent: a password alone, or none. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Present: TLS, with these options of `node:tls`. */
  readonly tls?: ConnectionOptions | undefined;
  /** Before every key, so that several stores can share a cluster. Without braces. Default: `everdict:`. */
  readonly prefix?: string | undefined;
  /** What an acknowledged write has survived. Default: `replicated`. */
  readonly profile?: ProfileName | undefined;
  /**
   * How many shards a new dictionary gets, or a function of it; ephemeral ones (empty name) get 1. More shards hold
   * more entries (25,000 a shard is a good size), one shard makes an update of up to 500 entries atomic. From 1 to
   * 16,384. Default: 16.
   */
  readonly shards?: number | ((dict: { readonly name: string }) => number) | undefined;
  /** Where time comes from. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
  /** How many bytes the answers recorded under callers' idempotency keys by this process may take. Default: 256 MiB. */
  readonly recordedAnswersMaxBytes?: number | undefined;
  /** Connections a server for writes, and as many for reads. Default: 2. */
  readonly lanes?: number | undefined;
  /** How long a connection may take to be ready, in milliseconds. Default: 1,000. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * A server that owes a reply for so long, in milliseconds, is given up and asked anew. Default: 1,500; keep it
   * below the cluster's node timeout.
   */
  readonly commandTimeoutMs?: number | undefined;
  /**
   * How long one call may take in all, in milliseconds, so that a failover fits in. At most 60,000: answers are
   * remembered for twice as long. Default: 20,000.
   */
  readonly deadlineMs?: number | undefined;
  /** How many bytes of calls may be pending for one server; beyond, calls are refused. Default: 256 MiB. */
  readonly pendingMaxBytes?: number | undefined;
  /** Open although the servers' settings do not keep what the profile promises. Default: false. */
  readonly allowUnsafe?: boolean | undefined;
  /** How often the servers' settings are looked at again, in milliseconds. Default: 30,000. */
  readonly recheckMs?: number | undefined;
  /** Told what is not as it should be, when it is opened and later on. Default: nobody. */
  readonly onWarning?: ((message: string) => void) | undefined;
}
