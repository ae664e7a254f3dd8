import type { ServerTarget } from "../connection/resolve-target.ts";
import { defaultTimeoutMs, type NetworkOptions, type ServiceConnection } from "../platform/platform.ts";
import { firstConnected } from "./first-connected.ts";
import { GrpcChannel } from "./grpc-channel.ts";
import { GrpcDictService } from "./grpc-dict-service.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { isModalCloud } from "./modal-cloud.ts";
import { systemClock } from "./system-clock.ts";

/** Prepares a connection to a Modal-compatible server; nothing is sent before the first call. */
export function connectGrpc(target: ServerTarget, options: NetworkOptions): ServiceConnection {
  const transport = new GrpcTransport({
    openChannel: () => firstConnected(target.addresses, (address) => new GrpcChannel(address)),
    credentials: target.credentials,
    needsAuthToken: isModalCloud(target.addresses),
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    maxThrottleWaitMs: target.maxThrottleWaitMs,
    clock: systemClock,
  });
  return { service: new GrpcDictService(transport), close: () => transport.close() };
}
