/**
 * What the client needs of the place it runs in.
 *
 * The core uses no built-in module of Node. It imports `#platform`, and the package's `imports` map decides at
 * build time which file that is: `node.ts` for Node (also Bun and Deno), `default.ts` for browsers and the like.
 * These files are also the only ones that name an engine.
 */

import type { DictService } from "@everdict/protocol";
import type { ProfileFile } from "../connection/modal-profile.ts";
import type { GrpcTarget } from "../connection/resolve-target.ts";

/** A service and the way to let go of it. */
export interface ServiceConnection {
  readonly service: DictService;
  /** Lets go. Safe to repeat. */
  close(): Promise<void>;
}

/** How calls over a network behave unless they say otherwise. */
export interface NetworkOptions {
  /** How long a call may take, in milliseconds; undefined: the transport's default. */
  readonly timeoutMs: number | undefined;
}

/** The place the client runs in. */
export interface Platform {
  /** An environment variable; undefined if it is not set or there are none. */
  env(name: string): string | undefined;
  /** Modal's profile file; undefined if there is none. @throws `not_configured` if it cannot be read */
  readProfileFile(): Promise<ProfileFile | undefined>;
  /** Opens, or shares, this process's engine in memory of that name. */
  openMemory(name: string): Promise<ServiceConnection>;
  /** Opens, or shares, the engine that keeps its data in a directory. @throws `store_locked` */
  openDirectory(directory: string): Promise<ServiceConnection>;
  /** Prepares a connection to a server over gRPC; nothing is sent before the first call. */
  connectGrpc(target: GrpcTarget, options: NetworkOptions): Promise<ServiceConnection>;
}
