import type { Command } from "commander";
import type { Logger } from "pino";
import type { CliContext } from "../cli-context.ts";
import { CliError } from "../cli-error.ts";
import { dataDirectory } from "../data-directory.ts";
import { type ExitReason, exitCodeTable } from "../exit-codes.ts";
import { systemReason } from "../input/system-reason.ts";
import { writeOut } from "../output/write-out.ts";
import { packageVersion } from "../package-version.ts";
import { findPlace } from "../serve/find-place.ts";
import { checkListenAddress } from "../serve/listen-address.ts";
import { logOutput } from "../serve/log-output.ts";
import { logText } from "../serve/log-text.ts";
import { type ReadyServer, readyText } from "../serve/ready-text.ts";
import { type StartedServer, startOn } from "../serve/run-server.ts";
import { addServeOptions, type ServeOptions } from "../serve/serve-options.ts";
import { requireOpenFiles } from "../serve/startup-error.ts";
import { handleSignals } from "../serve/stop-signal.ts";
import { addCommonOptions, newCommand, runs } from "./new-command.ts";

const lastAnswersMs = 5000;
const standardError = 2;

/** `everdict serve` */
export function serveCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "serve",
    summary: "Run a server",
    details:
      "Serves the dicts of a data directory to Python's modal package, to TypeScript and to this command. Once ready it prints how to connect, with --json as one line of JSON. The first start creates a token and shows its secret, once. SIGINT, SIGTERM and SIGHUP stop it gracefully with exit status 0, a second one at once; with TLS, SIGHUP reads the certificate again, which is also done when its files change. An address that others can reach needs TLS or --insecure (docs/listening.md). If its disk fails, it ends with status 5.",
    examples: [
      "everdict serve",
      "everdict serve --port 0 --memory",
      "everdict serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem --data-dir /srv/everdict",
      "everdict serve --host 0.0.0.0 --insecure --public-url https://dicts.example.com",
      "everdict serve --store redis://10.0.0.1,10.0.0.2,10.0.0.3",
      "everdict serve --durability everysec --default-expiry 7d-after-use --value-max-bytes 16MiB",
    ],
  });
  return addCommonOptions(addServeOptions(command)).action(
    runs(context, (options: ServeOptions) => serve(context, options)),
  );
}

async function serve(context: CliContext, options: ServeOptions): Promise<ExitReason> {
  const logger = await createLogger(context, options);
  requireOpenFiles();
  const place = findPlace(context, options);
  const { warning } = await checkListenAddress(options);
  const signals = handleSignals(logger);
  if (warning !== undefined) logger.warn(warning);
  const started = await startOn(place, options, logger);
  if (started.tls !== undefined) signals.onReload(started.tls.reload);
  const { url, credentials, hasDashboard } = started;
  const { directory, store } = place;
  const shared = store === undefined ? undefined : sharedStoreName(store);
  const { durability } = options;
  const isFound = store === undefined && directory === dataDirectory(context, {});
  const ready = {
    version: packageVersion(),
    url,
    directory,
    shared,
    durability,
    credentials,
    isFound,
    hasDashboard,
    warning,
  };
  const text = context.json ? `${JSON.stringify(readyJson(ready, started))}\n` : readyText(ready);
  context.onOutputError = (error) =>
    logger.error(`how to connect cannot be written to standard output: ${systemReason(error)}`);
  await writeOut(context.stdout, text);
  const failure = await Promise.race([signals.stop.then(() => undefined), started.failure]);
  if (failure !== undefined) return await endAfter(failure, started, logger);
  // The last flush may be the one that fails.
  await started.close().catch((error: Error) => {
    throw diskFailed(error);
  });
  signals.endWithTerminal();
  return "ok";
}

/**
 * The store closed itself. A server that answers nothing but errors serves nobody. It ends, so that a supervisor
 * starts it again, and the new start reads what is really on the disk.
 */
async function endAfter(failure: Error, started: StartedServer, logger: Logger): Promise<never> {
  logger.fatal({ err: failure }, "the store closed itself: the server ends");
  // Calls under way are told; those who do not listen are not waited for.
  const patience = setTimeout(() => process.exit(exitCodeTable.failed.status), lastAnswersMs);
  // It has nothing to say but the same failure.
  await started.close().catch(() => {});
  clearTimeout(patience);
  throw diskFailed(failure);
}

function diskFailed(failure: Error): CliError {
  return new CliError("failed", failure.message, {
    code: "store_closed",
    hint: "see to the disk and start the server again: it begins with what is really on the disk",
    cause: failure,
  });
}

/** Logs go to stderr: lines for people on a terminal, else one JSON object a line. */
async function createLogger(context: CliContext, { logLevel, logFormat }: ServeOptions): Promise<Logger> {
  const { pino } = await import("pino");
  const isTerminal = context.stderr.isTTY === true;
  // What a person started shows on the same terminal: there, only trouble is worth interrupting for.
  const level = logLevel ?? (isTerminal ? "warn" : "info");
  const isText = (logFormat ?? (isTerminal ? "text" : "json")) === "text";
  return pino({ level }, logOutput(standardError, undefined, isText ? logText : undefined));
}

/** What may be shown of a store's URL: where it is, without user, password and options. */
function sharedStoreName(store: string): string {
  return store.replace(/\/\/[^@/?]*@/, "//").replace(/[?].*$/, "");
}

function readyJson(
  { version, url, directory, shared, credentials }: ReadyServer,
  { port }: StartedServer,
): object {
  return {
    version,
    url,
    port,
    pid: process.pid,
    data_directory: directory ?? null,
    store: shared ?? null,
    token_id: credentials.kind === "none" ? null : credentials.tokenId,
    token_secret: credentials.kind === "new" ? credentials.tokenSecret : null,
    credentials_file: credentials.kind === "none" ? null : (credentials.path ?? null),
  };
}
