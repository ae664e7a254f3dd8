import type { Caller, Engine } from "@everdict/engine";
import { limitDefaults, MemoryAccount, type MemoryLimits, type TokenAdmin } from "@everdict/protocol";
import type { SessionLimits } from "@everdict/session";
import { type Logger, pino } from "pino";
import type { Authenticator } from "./authenticator.ts";
import { ConnectionAccount } from "./connections/connection-account.ts";
import { FailedLogins } from "./connections/failed-logins.ts";
import { Logins } from "./connections/logins.ts";
import { ConnectionMemories } from "./grpc/connection-memories.ts";
import type { GrpcHost } from "./grpc/grpc-host.ts";
import { observedMethods, type WorkObserver } from "./grpc/observed-methods.ts";
import { watchForStalls } from "./grpc/open-calls.ts";
import { SignalPool } from "./grpc/signal-pool.ts";
import { UnservedRpcs } from "./grpc/unserved-rpcs.ts";
import { Health } from "./health.ts";
import { answerUpgrade, serveHttp1 } from "./http/http1.ts";
import { serveHttp2Stream } from "./http/http2-stream.ts";
import { OwnAddresses } from "./http/own-addresses.ts";
import type { PageHost } from "./http/page.ts";
import { Port, type TlsFiles } from "./http/port.ts";
import { prepareSite, type Site } from "./http/site.ts";
import { probeHealth } from "./probe-health.ts";
import { healthWatch, healthWatchPath } from "./probes/health-watch.ts";
import { reflectionPath } from "./probes/reflection-call.ts";
import { healthCheckPath } from "./probes/serve-health-check.ts";
import { createAuthTokenIssuer } from "./rpc/auth-token.ts";
import { bindRpcs, rpcTable } from "./rpc/rpc-table.ts";
import { servicePerCaller } from "./service-per-caller.ts";
import { SessionEndpoint } from "./session/session-endpoint.ts";
import { watchCallers } from "./watch-callers.ts";

/** What {@link startServer} takes. */
export interface ServerOptions {
  /** The engine that answers. The server never closes it. */
  readonly engine: Pick<Engine, "serviceFor" | "limits"> &
    Partial<Pick<Engine, "promptServiceFor" | "health">>;
  /** Who may call. */
  readonly authenticator: Authenticator;
  /** Lets admins manage tokens through the server. Default: admins cannot. */
  readonly tokens?: TokenAdmin | undefined;
  /** The address to listen on. Default: 127.0.0.1, this machine only. */
  readonly host?: string | undefined;
  /** The port to listen on; 0 for any that is free. */
  readonly port: number;
  /** Where to log. Default: nowhere. Never receives keys, values or secrets. */
  readonly logger?: Logger | undefined;
  /** Certificate and key, PEM. Default: no TLS. */
  readonly tls?: TlsFiles | undefined;
  /**
   * `http://HOST[:PORT]` or `https://HOST[:PORT]`: where clients reach this server, if that is through a proxy or by a
   * name that the server cannot know. Default: made from `host`. If `host` means all addresses: from an address of this
   * machine, or from a name in the certificate.
   */
  readonly publicUrl?: string | undefined;
  /** What this server calls itself to clients. Default: `everdict`. */
  readonly workspaceName?: string | undefined;
  /** Files to serve: what browsers are shown at `/`. Default: a page that says how to connect. */
  readonly site?: Site | undefined;
  /** How long `close()` lets accepted calls finish, in milliseconds. Default: 10 seconds. */
  readonly shutdownGraceMs?: number | undefined;
  /** How much of this server's memory clients may use, over all transports. Default: see {@link MemoryLimits}. */
  readonly memory?: MemoryLimits | undefined;
  /**
   * The state of the parts of the server, which `/readyz` shows. The owner of a part reports to it. The server itself
   * reports `server`, `engine`, `store`, `tokens` and `connections`. Default: a new one.
   */
  readonly health?: Health | undefined;
  /** How often the engine is asked whether it answers, in milliseconds. Default: 2000. */
  readonly healthIntervalMs?: number | undefined;
  /**
   * How many connections there may be at once. Default and maximum: the descriptors of this process without those that
   * are kept for the store.
   */
  readonly connectionsMax?: number | undefined;
  /**
   * How long a call or a session may stand still because of its client, in milliseconds. After up to twice this time, a
   * request of which next to nothing more arrives ends with `deadline_exceeded`; a session or a gRPC call whose answers
   * the client does not take is ended; and a gRPC call that waits until its client takes others ends with `overloaded`.
   * Default: 30,000.
   */
  readonly clientStallMs?: number | undefined;
  /** What one session may use. Default: see {@link SessionLimits}. The limits of requests are the engine's. */
  readonly sessionLimits?:
    | Omit<SessionLimits, "requestMaxBytes" | "requestMaxEntries" | "clientStallMs">
    | undefined;
  /**
   * Whether clients of sessions may ask this process to stay awake for up to 0.25 ms after their calls. That costs CPU
   * time and spares the clients the wake-up. Default: true.
   */
  readonly lowLatency?: boolean | undefined;
}

/** A server that is listening. */
export interface RunningServer {
  /** Where clients reach it. For a host that means all addresses, one that other machines can use. */
  readonly url: string;
  /** Where programs on this machine reach it. */
  readonly localUrl: string;
  readonly port: number;
  /**
   * New connections see this certificate from now on; those that are open stay as they are. Nothing without TLS.
   *
   * @throws what the platform says if it is unusable; the one before is then kept
   */
  setTls(tls: TlsFiles): void;
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
  const addresses = new OwnAddresses({ host, tls, publicUrl: options.publicUrl });
  const { health = new Health(), connectionsMax } = options;
  const connections = new ConnectionAccount({ connectionsMax, health, logger });
  const logins = new Logins({ authenticator, failedLogins: new FailedLogins(logger) });
  const { clientStallMs = limitDefaults.clientStallMs } = options;
  const memory = new MemoryAccount(options.memory);
  const sessions = new SessionEndpoint({
    serviceFor: servicePerCaller((caller) => engine.promptServiceFor?.(caller) ?? engine.serviceFor(caller)),
    authenticator,
    logins,
    connectionOf: (socket) => connections.of(socket),
    memory,
    limits: { ...options.sessionLimits, requestMaxBytes, requestMaxEntries, clientStallMs },
    lowLatency: options.lowLatency ?? true,
    agent: workspaceName,
    logger,
  });
  const grpc = grpcHost({ engine, authenticator, tokens, memory, workspaceName, health, logger }, sessions);
  const { openCalls } = grpc;
  let closing: Promise<void> | undefined;
  const pages = pageHost(options.site, health, addresses, () => url);
  const http1Host = { connections, pages, isClosing: () => closing !== undefined, logger } as const;
  const http2Host = { grpc, connections, logins, pages, probed: { health, services } } as const;
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
  const unwatch = watchForStalls(openCalls, clientStallMs);
  const unwatchCallers = watchCallers({ authenticator, openCalls, sessions, health });
  const stopProbing = probeHealth({ engine, health, intervalMs: options.healthIntervalMs });
  const { port: portNumber } = port.address;
  const url = addresses.url(portNumber);
  logger.info({ url, host, port: portNumber }, "listening");
  const stop = async (): Promise<void> => {
    logger.info({ graceMs: shutdownGraceMs }, "stopping");
    stopProbing();
    health.report("server", { state: "failed", reason: "it is stopping" });
    await Promise.all([port.close(shutdownGraceMs), sessions.close(shutdownGraceMs)]);
    unwatch();
    unwatchCallers();
    connections.close();
    grpc.unserved.logCounts();
    logger.info("stopped");
  };
  return {
    url,
    localUrl: addresses.localUrl(portNumber),
    port: portNumber,
    setTls: (files) => {
      port.setTls(files);
      addresses.useCertificate(files);
    },
    close: () => {
      closing ??= stop();
      return closing;
    },
  };
}

/** What the pages show, with the site compressed. */
function pageHost(
  site: Site | undefined,
  health: Health,
  addresses: OwnAddresses,
  url: () => string,
): PageHost {
  const urlOf = (hostHeader: string | undefined) => addresses.urlOf(hostHeader);
  return { health, url, urlOf, site: site && prepareSite(site) };
}

/** The full names of the services that a server has. */
const services: ReadonlySet<string> = new Set(
  [...rpcTable.map(({ path }) => path), healthCheckPath, reflectionPath].map((path) => path.split("/")[1]!),
);

interface GrpcOptions extends Pick<ServerOptions, "engine" | "authenticator" | "tokens"> {
  readonly health: Health;
  readonly memory: MemoryAccount;
  readonly workspaceName: string;
  readonly logger: Logger;
}

/** What the calls of gRPC share. */
function grpcHost(
  { engine, authenticator, tokens, memory, workspaceName, health, logger }: GrpcOptions,
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
    methods: new Map([
      ...observedMethods(methods, sessions),
      [healthWatchPath, healthWatch({ health, services })],
    ]),
    requestMaxBytes: engine.limits.requestMaxBytes,
    memories: new ConnectionMemories(memory),
    signals: new SignalPool(),
    openCalls: new Map(),
    unserved: new UnservedRpcs(logger),
    logger,
  };
}
