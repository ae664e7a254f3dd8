import type { EverdictError } from "@everdict/protocol";
import type { ServerTarget } from "../connection/resolve-target.ts";
import {
  defaultTimeoutMs,
  type NetworkOptions,
  type ServiceConnection,
  waitForServer,
} from "../platform/platform.ts";
import { explainFailure } from "./explain-failure.ts";
import { firstConnected } from "./first-connected.ts";
import { GrpcChannel } from "./grpc-channel.ts";
import { GrpcDictService } from "./grpc-dict-service.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { isModalCloud } from "./modal-cloud.ts";
import { ModalCloudService } from "./modal-cloud-service.ts";
import { systemClock } from "./system-clock.ts";

/** Prepares a connection to a Modal-compatible server; nothing is sent before the first call. */
export function connectGrpc(target: ServerTarget, options: NetworkOptions): ServiceConnection {
  const isCloud = isModalCloud(target.addresses);
  const transport = new GrpcTransport({
    openChannel: () => firstConnected(target.addresses, (address) => new GrpcChannel(address, options.ca)),
    credentials: target.credentials,
    needsAuthToken: isCloud,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    waitForServerMs: waitForServer(options),
    explain: (error) => explained(error, target, options.refusedSession),
    onTrouble: options.onTrouble,
    maxThrottleWaitMs: target.maxThrottleWaitMs,
    clock: systemClock,
  });
  return {
    service: isCloud ? new ModalCloudService(transport) : new GrpcDictService(transport),
    close: (timeoutMs) => transport.close(timeoutMs),
    isLesser: () => (isCloud ? "modal" : undefined),
    role: () => undefined,
  };
}

/** Where neither gRPC nor a session was to be had, the session's answer says more of who is there. */
function explained(
  error: EverdictError,
  target: ServerTarget,
  refusedSession: EverdictError | undefined,
): EverdictError {
  const own = explainFailure(error, target);
  return own.code === "unimplemented" && own !== error ? (refusedSession ?? own) : own;
}
