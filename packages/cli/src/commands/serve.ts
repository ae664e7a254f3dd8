import type { Command } from "commander";
import type { Logger } from "pino";
import type { CliContext } from "../cli-context.ts";
import { dataDirectory } from "../data-directory.ts";
import type { ExitReason } from "../exit-codes.ts";
import { writeOut } from "../output/write-out.ts";
import { packageVersion } from "../package-version.ts";
import { type ReadyServer, readyText } from "../serve/ready-text.ts";
import { type StartedServer, startOn } from "../serve/run-server.ts";
import { addServeOptions, type ServeOptions } from "../serve/serve-options.ts";
import { stopSignal } from "../serve/stop-signal.ts";
import { addCommonOptions, newCommand, runs } from "./new-command.ts";

/** `everdict serve` */
export function serveCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "serve",
    summary: "Run a server",
    details:
      "Serves the dicts of a data directory to Python's modal package, to TypeScript and to this command. Once ready it prints how to connect, with --json as one line of JSON. The first start creates a token and shows its secret, once. SIGINT and SIGTERM stop it gracefully with exit status 0, a second one at once.",
    examples: [
      "everdict serve",
      "everdict serve --port 0 --memory",
      "everdict serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem --data-dir /srv/everdict",
      "everdict serve --default-expiry 7d-after-use --value-max-bytes 16MiB",
    ],
  });
  return addCommonOptions(addServeOptions(command)).action(
    runs(context, (options: ServeOptions) => serve(context, options)),
  );
}

async function serve(context: CliContext, options: ServeOptions): Promise<ExitReason> {
  const logger = await createLogger(context, options);
  const stop = stopSignal(logger);
  const directory = options.memory === true ? undefined : dataDirectory(context, options);
  const started = await startOn(directory, options, logger);
  const ready = { version: packageVersion(), url: started.url, directory, credentials: started.credentials };
  const text = context.json ? `${JSON.stringify(readyJson(ready, started))}\n` : readyText(ready);
  await writeOut(context.stdout, text);
  await stop;
  await started.close();
  return "ok";
}

/** Logs go to stderr, one JSON object a line, written at once: the last lines before a crash matter most. */
async function createLogger(context: CliContext, { logLevel }: ServeOptions): Promise<Logger> {
  const { pino } = await import("pino");
  // What a person started shows on the same terminal: there, only trouble is worth interrupting for.
  const level = logLevel ?? (context.stderr.isTTY === true ? "warn" : "info");
  return pino({ level }, pino.destination({ fd: 2, sync: true }));
}

function readyJson({ version, url, directory, credentials }: ReadyServer, { port }: StartedServer): object {
  return {
    version,
    url,
    port,
    pid: process.pid,
    data_directory: directory ?? null,
    token_id: credentials.kind === "none" ? null : credentials.tokenId,
    token_secret: credentials.kind === "new" ? credentials.tokenSecret : null,
    credentials_file: credentials.kind === "none" ? null : (credentials.path ?? null),
  };
}
