import { HealthCheckResponse_ServingStatus as ServingStatus } from "@everdict/protocol/health";
import type { GrpcRequest, ServerStreamMethod } from "../grpc/grpc-method.ts";
import { askedService, framedStatus, type ProbedServer, servingStatus } from "./health-status.ts";

/** Where `grpc.health.v1.Health/Watch` is called. */
export const healthWatchPath = "/grpc.health.v1.Health/Watch";

/**
 * Says at once whether the server is ready, and again at each change of that. The stream of a server that stops ends,
 * because nothing more is to be said and a stream would hold the stop up.
 */
export function healthWatch(server: ProbedServer): ServerStreamMethod {
  return { kind: "serverStream", name: "Watch", answer: (request) => statuses(server, request) };
}

async function* statuses(
  server: ProbedServer,
  { message, options: { signal } }: GrpcRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const service = askedService(message);
  const { health } = server;
  let told: ServingStatus | undefined;
  while (signal?.aborted !== true) {
    const changed = nextChange(health, signal);
    const status = servingStatus(server, service) ?? ServingStatus.SERVICE_UNKNOWN;
    if (status !== told) yield framedStatus(status);
    told = status;
    if (health.problems.get("server")?.state === "failed") return;
    await changed;
  }
}

/** Resolves when a part of the server reports, or when nobody listens any more. */
function nextChange(health: ProbedServer["health"], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      stop();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const stop = health.onChange(end);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) end();
  });
}
