/**
 * Which transport a server gets.
 *
 * Modal's cloud and Unix sockets are gRPC, `ws:` and `wss:` are sessions. For any other URL a session is asked for,
 * and gRPC used if whoever is there serves none: an older server of ours, or a server of somebody else. That is
 * decided once, before the first call; a session that is lost later is opened again and never becomes gRPC.
 */

import { createError, EverdictError } from "@everdict/protocol";
import { SessionClient } from "@everdict/session";
import type { ServerTarget } from "../connection/resolve-target.ts";
import {
  defaultTimeoutMs,
  type NetworkOptions,
  type Platform,
  type ServiceConnection,
  type Transport,
} from "../platform/platform.ts";
import { clientVersion } from "./client-version.ts";
import { isModalCloud } from "./modal-cloud.ts";
import { SessionCarriers } from "./session-carriers.ts";

/** How long the last server in turn has to take a connection. */
const connectTimeoutMs = 5000;

/** What this needs of the place it runs in. */
export type NetworkPlatform = Pick<Platform, "env" | "connectGrpc" | "openSession">;

/**
 * Connects to a server by the transport that suits it. Over gRPC nothing is sent before the first call.
 *
 * @throws what the server refuses with; `unavailable` if nobody is there; `invalid_argument` for a transport that
 *   does not go with the URL
 */
export async function connectServer(
  target: ServerTarget,
  options: NetworkOptions,
  platform: NetworkPlatform,
): Promise<ServiceConnection> {
  const transport = options.transport ?? usualTransport(target);
  assertPossible(target, transport);
  if (transport === "grpc") return platform.connectGrpc(target, options);
  const client = sessionClient(target, options, platform);
  const close = () => client.close();
  options.signal?.addEventListener("abort", close, { once: true });
  try {
    await client.ready();
    return { service: client, close };
  } catch (error) {
    void close();
    if (transport === "session" || !mayBeGrpc(error, target, platform)) throw error;
    return platform.connectGrpc(target, options);
  } finally {
    options.signal?.removeEventListener("abort", close);
  }
}

/** Undefined: a session if there is one to be had, else gRPC. */
function usualTransport({ addresses }: ServerTarget): Transport | undefined {
  if (isModalCloud(addresses) || addresses.some(({ sessionUrl }) => sessionUrl === undefined)) return "grpc";
  return addresses.some(isWebSocket) ? "session" : undefined;
}

function isWebSocket({ sessionUrl }: { readonly sessionUrl: string | undefined }): boolean {
  return sessionUrl?.startsWith("ws") ?? false;
}

function assertPossible({ addresses }: ServerTarget, transport: Transport | undefined): void {
  if (transport === "session" && addresses.some(({ sessionUrl }) => sessionUrl === undefined)) {
    throw createError("invalid_argument", "a Unix socket carries gRPC only, no sessions");
  }
  if (transport === "grpc" && addresses.some(isWebSocket)) {
    throw createError("invalid_argument", "ws: and wss: carry sessions only; use http: or https: for gRPC");
  }
}

function sessionClient(
  { addresses, credentials, maxThrottleWaitMs }: ServerTarget,
  { timeoutMs, lowLatency }: NetworkOptions,
  platform: NetworkPlatform,
): SessionClient {
  const urls = addresses.map(({ sessionUrl }) => sessionUrl!);
  const carriers = new SessionCarriers(urls, platform.openSession);
  return new SessionClient({
    connect: (attempt) => carriers.connect(attempt),
    connectTimeoutMs: connectTimeoutMs + carriers.turnsMs,
    tokenId: credentials?.tokenId,
    tokenSecret: credentials?.tokenSecret,
    agent: `everdict-js/${clientVersion}`,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    lowLatency,
    maxThrottleWaitMs,
  });
}

function mayBeGrpc(error: unknown, { addresses }: ServerTarget, platform: NetworkPlatform): boolean {
  if (!(error instanceof EverdictError)) return false;
  if (error.code === "unimplemented") return true;
  // gRPC finds its way through an HTTP proxy, sessions do not.
  return (
    error.code === "unavailable" && usesProxy(platform) && !addresses.every(({ host }) => isLoopback(host))
  );
}

function usesProxy({ env }: NetworkPlatform): boolean {
  return ["grpc_proxy", "https_proxy", "http_proxy"].some((name) => env(name));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}
