import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createError } from "@everdict/protocol";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "@everdict/protocol/health";
import { framePieces } from "../grpc/message-frame.ts";
import type { Health } from "../health.ts";

/** What the health services of gRPC tell about. */
export interface ProbedServer {
  readonly health: Pick<Health, "isReady" | "problems" | "onChange">;
  /** The full names of the services that the server has. */
  readonly services: ReadonlySet<string>;
}

/**
 * The name of the service that a request asks for; empty for the server as a whole.
 *
 * @throws `invalid_argument` for bytes that are no request
 */
export function askedService(message: Uint8Array): string {
  try {
    return fromBinary(HealthCheckRequestSchema, message, { readUnknownFields: false }).service;
  } catch {
    throw createError("invalid_argument", "the request is no HealthCheckRequest");
  }
}

/** Undefined if there is no such service. All services of a server are well, or none is. */
export function servingStatus(
  { health, services }: ProbedServer,
  service: string,
): ServingStatus | undefined {
  if (service !== "" && !services.has(service)) return undefined;
  return health.isReady ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
}

/** A response as it is sent. */
export function framedStatus(status: ServingStatus): Uint8Array {
  return framePieces(toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status })))[0];
}
