/**
 * Chooses the transport of a server.
 *
 * Modal's cloud and Unix sockets are gRPC, `ws:` and `wss:` are sessions. For any other URL a session is asked for, and
 * gRPC used if the server there serves none: an older server of ours, or another program. That is decided once, before
 * the first call; a session that is lost later is opened again and never becomes gRPC.
 */

import { createError, EverdictError } from "@everdict/protocol";
import { SessionClient } from "@everdict/session";
import type { ServerTarget } from "../connection/resolve-target.ts";
import { isLoopback } from "../connection/server-address.ts";
import {
  connectTimeoutMs,
  defaultTimeoutMs,
  type NetworkOptions,
  type Platform,
  type ServiceConnection,
  type Transport,
  waitForServer,
} from "../platform/platform.ts";
import { clientVersion } from "./client-version.ts";
import { explainFailure } from "./explain-failure.ts";
import { isModalCloud } from "./modal-cloud.ts";
import { SessionCarriers } from "./session-carriers.ts";

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
  options.onTrouble?.(notYetAnswered(target));
  if (transport === "grpc") return platform.connectGrpc(target, options);
  // gRPC finds its way through an HTTP proxy, sessions do not: then there is nothing to wait for.
  const mayNeedProxy = transport === undefined && usesProxy(target, platform);
  const client = sessionClient(target, mayNeedProxy ? { ...options, waitForServerMs: 0 } : options, platform);
  const close = (closeMs?: number) => client.close(closeMs);
  const giveUp = () => void client.close(0);
  options.signal?.addEventListener("abort", giveUp, { once: true });
  try {
    await client.ready();
    options.onTrouble?.(undefined);
    const isLesser = () => (client.knowsAllCalls ? undefined : "older");
    return { service: client, close, isLesser, role: () => client.role };
  } catch (error) {
    giveUp();
    if (transport === "session" || !mayBeGrpc(error, mayNeedProxy)) throw error;
    return platform.connectGrpc(target, { ...options, refusedSession: error });
  } finally {
    options.signal?.removeEventListener("abort", giveUp);
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
  target: ServerTarget,
  options: NetworkOptions,
  platform: NetworkPlatform,
): SessionClient {
  const { addresses, credentials, source, maxThrottleWaitMs } = target;
  const { timeoutMs, lowLatency, ca, onTrouble } = options;
  const urls = addresses.map(({ sessionUrl }) => sessionUrl!);
  const open = (url: string, signal: AbortSignal) => platform.openSession(url, { signal, ca });
  const carriers = new SessionCarriers(urls, open, source);
  return new SessionClient({
    connect: (attempt) => carriers.connect(attempt),
    connectTimeoutMs: connectTimeoutMs + carriers.turnsMs,
    waitForServerMs: waitForServer(options),
    explain: (error) => explainFailure(error, target),
    onDisconnect: onTrouble,
    tokenId: credentials?.tokenId,
    tokenSecret: credentials?.tokenSecret,
    agent: `everdict-js/${clientVersion}`,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    lowLatency,
    maxThrottleWaitMs,
  });
}

/** What there is to say before the first attempt has failed. */
function notYetAnswered(target: ServerTarget): EverdictError {
  return explainFailure(createError("unavailable", "ETIMEDOUT"), target);
}

function mayBeGrpc(error: unknown, mayNeedProxy: boolean): error is EverdictError {
  if (!(error instanceof EverdictError)) return false;
  return error.code === "unimplemented" || (error.code === "unavailable" && mayNeedProxy);
}

function usesProxy({ addresses }: ServerTarget, { env }: NetworkPlatform): boolean {
  if (addresses.every(({ host }) => isLoopback(host))) return false;
  return ["grpc_proxy", "https_proxy", "http_proxy"].some((name) => env(name));
}
