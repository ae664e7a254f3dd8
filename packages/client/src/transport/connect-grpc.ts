import type { GrpcTarget } from "../connection/resolve-target.ts";
import type { NetworkOptions, ServiceConnection } from "../platform/platform.ts";
import { firstConnected } from "./first-connected.ts";
import { GrpcChannel } from "./grpc-channel.ts";
import { GrpcDictService } from "./grpc-dict-service.ts";
import { GrpcTransport } from "./grpc-transport.ts";
import { systemClock } from "./system-clock.ts";

/** How long a call may take if nobody says otherwise: ample for a value of 100 MiB on a slow line. */
export const defaultTimeoutMs = 120_000;

/** Prepares a connection to a Modal-compatible server; nothing is sent before the first call. */
export function connectGrpc(target: GrpcTarget, options: NetworkOptions): ServiceConnection {
  const transport = new GrpcTransport({
    openChannel: () => firstConnected(target.addresses, (address) => new GrpcChannel(address)),
    credentials: target.credentials,
    needsAuthToken: target.addresses.some(({ host }) => isModalCloud(host)),
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    maxThrottleWaitMs: target.maxThrottleWaitMs,
    clock: systemClock,
  });
  return { service: new GrpcDictService(transport), close: () => transport.close() };
}

function isModalCloud(host: string): boolean {
  return /(^|\.)modal2?\.com$/i.test(host);
}
