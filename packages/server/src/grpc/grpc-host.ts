import type { Logger } from "pino";
import type { ConnectionMemories } from "./connection-memories.ts";
import type { GrpcMethod } from "./grpc-method.ts";
import type { OpenCalls } from "./open-calls.ts";
import type { SignalPool } from "./signal-pool.ts";
import type { UnservedRpcs } from "./unserved-rpcs.ts";

/** What all calls of a server share. */
export interface GrpcHost {
  /** By path. */
  readonly methods: ReadonlyMap<string, GrpcMethod>;
  /** Largest request message, in bytes. */
  readonly requestMaxBytes: number;
  /** What its clients hold. */
  readonly memories: ConnectionMemories;
  readonly signals: SignalPool;
  readonly openCalls: OpenCalls;
  readonly unserved: UnservedRpcs;
  readonly logger: Logger;
}
