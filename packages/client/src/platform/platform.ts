/**
 * What the client needs from the platform it runs on.
 *
 * The core uses no built-in module of Node. It imports `#platform`, and the package's `imports` map decides at
 * build time which file that is: `node.ts` for Node (also Bun and Deno), `default.ts` for browsers and the like.
 * These files are also the only ones that name an engine.
 */

import type { DictService, EverdictError, Role } from "@everdict/protocol";
import type { Carrier } from "@everdict/session";
import type { ProfileFile } from "../connection/modal-profile.ts";
import type { ServerTarget } from "../connection/resolve-target.ts";
import type { LesserPlace } from "../features.ts";

/** A service and the way to close it. */
export interface ServiceConnection {
  readonly service: DictService;
  /** What makes the place know less than this client; undefined, or absent: nothing, as far as it has said. */
  readonly isLesser?: (() => LesserPlace | undefined) | undefined;
  /** What the token may do there, as the server said; undefined: it said nothing. Absent: there are no tokens. */
  readonly role?: (() => Role | undefined) | undefined;
  /**
   * Closes the connection or engine. Safe to repeat.
   *
   * @param timeoutMs how long to wait for calls under way, and for the engine if this was its last client.
   */
  close(timeoutMs?: number): Promise<void>;
}

/** How calls travel over a network. */
export type Transport = "session" | "grpc";

/** The defaults of calls over a network. */
export interface NetworkOptions {
  /** How long a call may take, in milliseconds; undefined: {@link defaultTimeoutMs}. */
  readonly timeoutMs: number | undefined;
  /** Undefined: what suits the server. */
  readonly transport?: Transport | undefined;
  /** Whether to wait actively for answers over a session. */
  readonly lowLatency?: boolean | undefined;
  /** How long a server that was never reached is tried, in milliseconds; undefined: see {@link waitForServer}. */
  readonly waitForServerMs?: number | undefined;
  /** Certificates to trust instead of the platform's, PEM. */
  readonly ca?: string | undefined;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
  /** Told why there is no connection yet, each time an attempt has failed; undefined: now there is one. */
  readonly onTrouble?: ((trouble: EverdictError | undefined) => void) | undefined;
  /** Why there is no session where gRPC is tried instead. */
  readonly refusedSession?: EverdictError | undefined;
}

/** How long a server that was never reached is tried if nobody says otherwise: services start together. */
const defaultWaitForServerMs = 30_000;

/** How long a server that was never reached is tried. A client whose calls have more or less time has it here, too. */
export function waitForServer({ waitForServerMs, timeoutMs }: NetworkOptions): number {
  return waitForServerMs ?? timeoutMs ?? defaultWaitForServerMs;
}

/** How long one attempt to connect may take, in milliseconds. */
export const connectTimeoutMs = 5000;

/** How long a call may take if nobody says otherwise: ample for a value of 100 MiB on a slow line. */
export const defaultTimeoutMs = 120_000;

/** The platform that the client runs on. */
export interface Platform {
  /** An environment variable; undefined if it is not set or there are none. */
  env(name: string): string | undefined;
  /** Modal's profile file; undefined if there is none. @throws `not_configured` if it cannot be read */
  readProfileFile(): Promise<ProfileFile | undefined>;
  /** Opens, or shares, this process's engine in memory of that name. */
  openMemory(name: string): Promise<ServiceConnection>;
  /** Opens, or shares, the engine that keeps its data in a directory. @throws `store_locked`, and what `directoryError` makes of it */
  openDirectory(directory: string): Promise<ServiceConnection>;
  /** Opens, or shares, the engine on the Redis or Valkey cluster of that URL. @throws `unavailable`, `conflict` */
  openRedis(url: string, options: NetworkOptions): Promise<ServiceConnection>;
  /** Prepares a connection to a server over gRPC; nothing is sent before the first call. */
  connectGrpc(target: ServerTarget, options: NetworkOptions): Promise<ServiceConnection>;
  /**
   * Opens a connection for sessions, unless the signal is aborted before it is there.
   *
   * @throws `unavailable`, `unimplemented` if nobody serves sessions there
   */
  openSession(
    url: string,
    options: { readonly signal: AbortSignal; readonly ca?: string | undefined },
  ): Promise<Carrier>;
}
