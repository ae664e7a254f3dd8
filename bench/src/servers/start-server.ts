import { startEverdict } from "./everdict-server.ts";
import { startGrpcJs } from "./grpc-js-server.ts";
import { startRedis } from "./redis-server.ts";
import type { RunningServer, ServerOptions, ServerSpec } from "./running-server.ts";

/** Starts the server of a specification. @throws {Unavailable} if something is not installed */
export function startServerOf(spec: ServerSpec, options: ServerOptions): Promise<RunningServer> {
  switch (spec.kind) {
    case "everdict":
      return startEverdict(spec.store, options);
    case "redis":
      return startRedis(spec.appendfsync, options);
    case "grpc-js":
      return startGrpcJs(options);
  }
}
