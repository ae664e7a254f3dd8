import type { CliContext } from "./cli-context.ts";
import { CliError } from "./cli-error.ts";
import { dataDirectory } from "./data-directory.ts";

/** How to reach a server. */
export interface LocalServerSettings {
  readonly url: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/**
 * Finds the server that this user runs on the usual data directory of this machine, and says so on standard error, which
 * `--json` keeps for errors.
 *
 * @throws {CliError} `not_configured` if there is none, or none of its tokens is kept here
 */
export async function localServer(context: CliContext): Promise<LocalServerSettings> {
  const directory = dataDirectory(context, {});
  const { findLocalServer } = await import("@everdict/server");
  const found = await findLocalServer(directory);
  if (found === undefined) {
    throw notConfigured(
      `nothing says where to connect, and no server of yours runs on ${directory}`,
      "`everdict serve` starts one; --url or EVERDICT_URL names another, or a directory: --url file:DIRECTORY",
    );
  }
  const { url, credentials } = found;
  if (credentials === undefined) {
    throw notConfigured(
      `the server at ${url} needs a token, and ${directory} keeps none`,
      `\`everdict token create\` makes one: set EVERDICT_URL=${url} and the lines that it prints`,
    );
  }
  if (!context.json) context.stderr.write(`using the server at ${url}, of ${directory}\n`);
  return { url, ...credentials };
}

function notConfigured(message: string, hint: string): CliError {
  return new CliError("usage", message, { code: "not_configured", hint });
}
