/**
 * Starts a server from its options, and stops it. The engine opens before the port, so that every client finds it
 * ready. It closes after the port, so that accepted calls finish.
 */

import type { Limits, MemoryLimits } from "@everdict/protocol";
import type { Authenticator, HealthProblem, RunningServer, TokenFile } from "@everdict/server";
import type { Logger } from "pino";
import { usageError } from "../cli-error.ts";
import { memoryToken } from "./memory-token.ts";
import { openEngine, type Place } from "./open-engine.ts";
import { findCredentials, type ServerCredentials } from "./paste-lines.ts";
import { readDashboard } from "./read-dashboard.ts";
import type { ServeOptions } from "./serve-options.ts";
import { directoryError, listenError } from "./startup-error.ts";
import { readTls, type TlsWatch } from "./tls-on-disk.ts";

/** A server that is listening, with all that belongs to it. */
export interface StartedServer extends RunningServer {
  readonly credentials: ServerCredentials;
  /** Resolves if the store closed itself because its disk failed: every call is refused from then on. */
  readonly failure: Promise<Error>;
  /** Whether browsers are shown the dashboard; undefined: nobody asked for it. */
  readonly hasDashboard: boolean | undefined;
  /** Undefined without TLS. */
  readonly tls: TlsWatch | undefined;
}

/** Starts a server on a data directory or a shared store, or in memory if there is neither. */
export async function startOn(place: Place, options: ServeOptions, logger: Logger): Promise<StartedServer> {
  const tls = readTls(options);
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<Error>((resolve) => {
    fail = resolve;
  });
  const engine = await openEngine(place, options, logger, fail);
  try {
    const access = await openAccess(place.directory, logger);
    const { Health, startServer } = await import("@everdict/server");
    const health = new Health();
    const { host, port, publicUrl, maxConnections: connectionsMax } = options;
    const listening = {
      engine,
      health,
      host,
      port,
      publicUrl,
      logger,
      connectionsMax,
      tls: tls?.files,
      memory: clientMemory(options, engine.limits),
      workspaceName: options.workspace,
    };
    const { authenticator, tokens } = access;
    const site = options.dashboard === false ? undefined : await readDashboard(logger);
    const hasDashboard = options.dashboard === false ? undefined : site !== undefined;
    const server = await startServer({ ...listening, authenticator, tokens, site }).catch(
      (error: unknown) => {
        throw listenError(error, options);
      },
    );
    const withdraw = await announce(place, server.localUrl, logger);
    const close = async () => {
      await server.close();
      await withdraw();
      await access.close();
      await engine.close();
    };
    const started = await withCredentials(server, access, close);
    const report = (problem: HealthProblem | undefined): void => health.report("certificate", problem);
    return { ...started, failure, hasDashboard, tls: tls?.watch({ apply: server.setTls, report, logger }) };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Lets this command find the server without settings. A failure here does not stop the server. */
async function announce(
  { directory, store }: Place,
  url: string,
  logger: Logger,
): Promise<() => Promise<void>> {
  // Of a shared store, any number of servers may have their tokens in the same directory.
  if (directory === undefined || store !== undefined) return async () => {};
  const { announceLocalServer } = await import("@everdict/server");
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, "the file by which the everdict command finds this server is not in order");
  };
  try {
    const withdraw = await announceLocalServer(directory, url);
    return () => withdraw().catch(onError);
  } catch (error) {
    onError(error);
    return async () => {};
  }
}

/**
 * The memory for clients. The half for one token must hold a request of the largest size, which nobody could send
 * otherwise.
 */
function clientMemory({ clientMemory }: ServeOptions, { requestMaxBytes }: Limits): MemoryLimits | undefined {
  if (clientMemory === undefined) return undefined;
  if (clientMemory >= 2 * requestMaxBytes) return { clientMemoryMaxBytes: clientMemory };
  throw usageError(
    `--client-memory is ${clientMemory} bytes, it must hold two requests of the largest size, ${requestMaxBytes} bytes`,
  );
}

/** Decides who may call, and finds the credentials to print. */
interface Access {
  readonly authenticator: Authenticator;
  /** Undefined: there are none to manage. */
  readonly tokens?: TokenFile;
  readonly credentials: (url: string) => Promise<ServerCredentials>;
  readonly close: () => Promise<void>;
}

async function openAccess(directory: string | undefined, logger: Logger): Promise<Access> {
  if (directory === undefined) {
    const { authenticator, tokenId, tokenSecret } = memoryToken("admin");
    const credentials = async () => ({ kind: "new", tokenId, tokenSecret }) as const;
    return { authenticator, credentials, close: async () => {} };
  }
  const { openTokenFile } = await import("@everdict/server");
  const tokens = await openTokenFile(directory, {
    onError: (error) => logger.error({ err: error }, `tokens: ${tokens.problem?.reason}`),
    onRecovery: () => logger.info("tokens: the token file is read again"),
    onTightened: (message) => logger.warn(message),
  }).catch((error: unknown) => {
    throw directoryError(error, directory);
  });
  const credentials = (url: string) => directoryCredentials(directory, tokens, url);
  return { authenticator: tokens, tokens, credentials, close: () => tokens.saveUse() };
}

/** Makes the first token if there is none. Only now is it known at which URL the server can be reached. */
async function directoryCredentials(
  directory: string,
  tokens: TokenFile,
  serverUrl: string,
): Promise<ServerCredentials> {
  const { firstToken } = await import("@everdict/server");
  try {
    return await findCredentials(await firstToken(directory, { serverUrl }), tokens);
  } catch (error) {
    throw directoryError(error, directory);
  }
}

async function withCredentials(
  server: RunningServer,
  access: Access,
  close: () => Promise<void>,
): Promise<Omit<StartedServer, "failure" | "tls" | "hasDashboard">> {
  try {
    return { ...server, credentials: await access.credentials(server.url), close };
  } catch (error) {
    await server.close();
    throw error;
  }
}
