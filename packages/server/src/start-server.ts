import type { Caller, Engine } from "@everdict/engine";
import type { TokenAdmin } from "@everdict/protocol";
import type { SessionLimits } from "@everdict/session";
import { type Logger, pino } from "pino";
import type { Authenticator } from "./authenticator.ts";
import { ConnectionAccount } from "./connections/connection-account.ts";
import { descriptorShares } from "./connections/descriptor-limit.ts";
import { FailedLogins } from "./connections/failed-logins.ts";
import { Logins } from "./connections/logins.ts";
import { ByteBudget } from "./grpc/byte-budget.ts";
import type { GrpcHost } from "./grpc/grpc-call.ts";
import { observedMethods, type WorkObserver } from "./grpc/observed-methods.ts";
import { watchForStalls } from "./grpc/open-calls.ts";
import { ResponseGates } from "./grpc/response-gate.ts";
import { SignalPool } from "./grpc/signal-pool.ts";
import { Health } from "./health.ts";
import { answerUpgrade, serveHttp1 } from "./http/http1.ts";
import { serveHttp2Stream } from "./http/http2-stream.ts";
import type { PageHost } from "./http/page.ts";
import { Port, type TlsFiles } from "./http/port.ts";
import { probeHealth } from "./probe-health.ts";
import { createAuthTokenIssuer } from "./rpc/auth-token.ts";
import { bindRpcs, rpcTable } from "./rpc/rpc-table.ts";
import { servicePerCaller } from "./service-per-caller.ts";
import { SessionEndpoint } from "./session/session-endpoint.ts";
import { watchCallers } from "./watch-callers.ts";

/** What {@link startServer} takes. */
export interface ServerOptions {
  /** What answers. The server never closes it. */
  readonly engine: Pick<Engine, "serviceFor" | "limits"> & Partial<Pick<Engine, "promptServiceFor">>;
  /** Who may call. */
  readonly authenticator: Authenticator;
  /** Lets admins manage tokens through the server. Default: they cannot. */
  readonly tokens?: TokenAdmin | undefined;
  /** The address to listen on. Default: 127.0.0.1, this machine only. */
  readonly host?: string | undefined;
  /** The port to listen on; 0 for any that is free. */
  readonly port: number;
  /** Where to log. Default: nowhere. Never receives keys, values or secrets. */
  readonly logger?: Logger | undefined;
  /** Certificate and key, PEM. Default: no TLS. */
  readonly tls?: TlsFiles | undefined;
  /** What this server calls itself to clients. Default: `everdict`. */
  readonly workspaceName?: string | undefined;
  /** How long `close()` lets accepted calls finish, in milliseconds. Default: 10 seconds. */
  readonly shutdownGraceMs?: number | undefined;
  /**
   * How the parts of the server are, shown by `/readyz`: whoever owns a part reports to it. The server itself reports
   * `server`, `engine`, `tokens` and `connections`. Default: a new one.
   */
  readonly health?: Health | undefined;
  /** How often the engine is asked whether it answers, in milliseconds. Default: 2000. */
  readonly healthIntervalMs?: number | undefined;
  /**
   * How many connections there may be at once. Default, and never more: the descriptors of this process without those
   * that are kept for the store.
   */
  readonly connectionsMax?: number | undefined;
  /**
   * How many bytes of requests may be in memory at once, over all calls; more is refused with `overloaded`,
   * which clients repeat. Default: 8 requests of the largest size.
   */
  readonly requestBudgetBytes?: number | undefined;
  /**
   * How long a call over gRPC may stand still because of its client, in milliseconds: a request of which nothing
   * more comes then ends with `deadline_exceeded`, and a call that waits until the client takes other answers with
   * `overloaded`, within as long again. Default: 30,000.
   */
  readonly clientStallMs?: number | undefined;
  /** What one session may use. Default: see {@link SessionLimits}; those of requests are the engine's. */
  readonly sessionLimits?: Omit<SessionLimits, "requestMaxBytes" | "requestMaxEntries"> | undefined;
  /**
   * Whether clients of sessions may ask that this process stays awake for up to 0.25 ms after their calls, which
   * costs CPU time and spares them the wake-up. Default: true.
   */
  readonly lowLatency?: boolean | undefined;
}

/** A server that is listening. */
export interface RunningServer {
  /** Where clients reach it. For a host that means all addresses, the one of this machine. */
  readonly url: string;
  readonly port: number;
  /**
   * Stops: no new connections, accepted calls finish within the grace, then everything is ended. Does not close
   * the engine. Safe to repeat.
   */
  close(): Promise<void>;
}

/**
 * Serves an engine on one port: sessions for our clients, gRPC for Modal's, health and a page over HTTP/1.1 and
 * HTTP/2.
 *
 * @returns once it listens.
 * @throws what the platform says if it cannot listen (`EADDRINUSE`, `EACCES`) or the certificate is unusable.
 * @example
 * const engine = await openEngine({ store: createMemoryStore() });
 * const server = await startServer({ engine, authenticator: await openTokenFile("data"), port: 7227 });
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { engine, authenticator, tokens, host = "127.0.0.1", tls, shutdownGraceMs = 10_000 } = options;
  const { logger = pino({ enabled: false }), workspaceName = "everdict" } = options;
  const { requestMaxBytes, requestMaxEntries } = engine.limits;
  const scheme = tls === undefined ? "http" : "https";
  const budget = new ByteBudget(options.requestBudgetBytes ?? 8 * requestMaxBytes);
  const { health = new Health(), connectionsMax = Number.POSITIVE_INFINITY } = options;
  const connections = new ConnectionAccount({
    connectionsMax,
    descriptors: descriptorShares(),
    health,
    logger,
  });
  const logins = new Logins({ authenticator, failedLogins: new FailedLogins(logger) });
  const sessions = new SessionEndpoint({
    serviceFor: servicePerCaller((caller) => engine.promptServiceFor?.(caller) ?? engine.serviceFor(caller)),
    authenticator,
    logins,
    connectionOf: (socket) => connections.of(socket),
    budget,
    limits: { ...options.sessionLimits, requestMaxBytes, requestMaxEntries },
    lowLatency: options.lowLatency ?? true,
    agent: workspaceName,
    logger,
  });
  const grpc = grpcHost({ engine, authenticator, tokens, budget, workspaceName, logger }, sessions);
  const { openCalls } = grpc;
  let closing: Promise<void> | undefined;
  const isClosing = (): boolean => closing !== undefined;
  const pages: PageHost = { health, url: () => url };
  const http1Host = { connections, pages, scheme, isClosing, logger } as const;
  const http2Host = { grpc, connections, logins, pages, scheme } as const;
  const port = await Port.open(
    { host, port: options.port, tls, connections },
    {
      onRequest: (request, response) => serveHttp1(request, response, http1Host),
      onUpgrade: (request, socket, head) => {
        if (!sessions.handle(request, socket, head)) answerUpgrade(request, socket, http1Host);
      },
      onStream: (stream, headers) => serveHttp2Stream(stream, headers, http2Host),
      isGood: (headers) => logins.isGood(headers),
      openCalls,
    },
  );
  const unwatch = watchForStalls(openCalls, options.clientStallMs ?? 30_000);
  const unwatchCallers = watchCallers({ authenticator, openCalls, sessions });
  const { healthIntervalMs: intervalMs = 2000 } = options;
  const stopProbing = probeHealth({ engine, authenticator, health, intervalMs });
  const { port: portNumber } = port.address;
  const url = `${scheme}://${urlHost(host)}:${portNumber}`;
  logger.info({ url }, "listening");
  const stop = async (): Promise<void> => {
    logger.info({ graceMs: shutdownGraceMs }, "stopping");
    stopProbing();
    health.report("server", { state: "failed", reason: "it is stopping" });
    await Promise.all([port.close(shutdownGraceMs), sessions.close(shutdownGraceMs)]);
    unwatch();
    unwatchCallers();
    connections.close();
    logger.info("stopped");
  };
  return {
    url,
    port: portNumber,
    close: () => {
      closing ??= stop();
      return closing;
    },
  };
}

interface GrpcOptions extends Pick<ServerOptions, "engine" | "authenticator" | "tokens"> {
  readonly budget: ByteBudget;
  readonly workspaceName: string;
  readonly logger: Logger;
}

/** What the calls of gRPC share. */
function grpcHost(
  { engine, authenticator, tokens, budget, workspaceName, logger }: GrpcOptions,
  sessions: WorkObserver,
): GrpcHost {
  const methods = bindRpcs(rpcTable, {
    serviceFor: (caller: Caller) => engine.serviceFor(caller),
    requestMaxEntries: engine.limits.requestMaxEntries,
    management: { tokens, audit: (who, what) => logger.info(who, what) },
    identity: {
      workspaceName,
      describeToken: (tokenId) => authenticator.describe(tokenId),
      issueAuthToken: createAuthTokenIssuer(),
    },
  });
  return {
    // Sessions must not keep the process awake while the disk is flushed for a gRPC call.
    methods: observedMethods(methods, sessions),
    requestMaxBytes: engine.limits.requestMaxBytes,
    budget,
    signals: new SignalPool(),
    openCalls: new Map(),
    gates: new ResponseGates(),
    logger,
  };
}

/** How a host is written in a URL that leads to this server from this machine. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
