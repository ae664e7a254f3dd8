import { stat } from "node:fs/promises";
import type { TokenAdmin } from "@everdict/protocol";
import { EverdictError } from "@everdict/protocol";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { CliError, usageError } from "../../cli-error.ts";
import { addConnectionOptions, type ConnectionOptions, certificatesOf } from "../../connection.ts";
import { addDataDirectoryOption, type DataDirectoryOptions, dataDirectory } from "../../data-directory.ts";
import { exitReasonFor } from "../../exit-codes.ts";
import { systemReason } from "../../input/system-reason.ts";
import { addCommonOptions } from "../new-command.ts";

/** Options of every command about tokens. */
export interface TokenPlaceOptions extends DataDirectoryOptions, ConnectionOptions {}

/** Where tokens are: in a data directory, or behind a server that must be asked. */
export type TokenPlace =
  | { readonly kind: "directory"; readonly directory: string }
  | { readonly kind: "server"; readonly url: string };

/** Where every command about tokens says that it works. */
export const tokenPlaceDetails =
  "Works on a data directory, also while a server runs on it; or through a server, with an admin token: give --url, " +
  "or set EVERDICT_URL and no EVERDICT_DATA_DIR.";

/** Adds the options that say where tokens are, and those of all commands. */
export function addTokenPlaceOptions(command: Command): Command {
  return addCommonOptions(addConnectionOptions(addDataDirectoryOption(command)));
}

/**
 * Decides where tokens are: `--data-dir` or `--url`, else EVERDICT_DATA_DIR, else a server in EVERDICT_URL, else the
 * usual data directory.
 */
export function tokenPlace(context: CliContext, options: TokenPlaceOptions): TokenPlace {
  if (options.dataDir !== undefined && options.url !== undefined) {
    throw usageError("--data-dir and --url exclude each other");
  }
  const { EVERDICT_DATA_DIR: fromVariable, EVERDICT_URL: urlVariable } = context.variables;
  const url = options.url ?? (options.dataDir || fromVariable ? undefined : urlVariable);
  if (url && (options.url !== undefined || /^(https?|wss?|unix):/.test(url))) return { kind: "server", url };
  return { kind: "directory", directory: dataDirectory(context, options) };
}

/**
 * Runs `use` with the tokens of a place. A server that runs on a directory sees changes within a second.
 *
 * @param mustExist refuse rather than make a directory, so that a mistyped path is not taken for an empty one.
 */
export async function withTokens<Result>(
  place: TokenPlace,
  options: TokenPlaceOptions & { readonly mustExist: boolean },
  use: (tokens: TokenAdmin) => Promise<Result>,
): Promise<Result> {
  if (place.kind === "directory") return use(await openDirectory(place.directory, options.mustExist));
  const { connectTokens } = await import("everdict/tokens");
  const { tokenId, tokenSecret, timeout: timeoutMs } = options;
  const ca = await certificatesOf(options);
  await using tokens = await connectTokens({ url: place.url, tokenId, tokenSecret, timeoutMs, ca });
  try {
    return await use(tokens);
  } catch (error) {
    throw withHint(error);
  }
}

async function openDirectory(directory: string, mustExist: boolean): Promise<TokenAdmin> {
  const { openTokenFile } = await import("@everdict/server");
  try {
    if (mustExist) await stat(directory);
    return await openTokenFile(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw usageError(
      `cannot use data directory ${directory}: ${systemReason(error)}`,
      "say which with --data-dir",
    );
  }
}

/** Somebody who has a URL in the environment may have meant the directory of the server on this machine. */
function withHint(error: unknown): unknown {
  if (!(error instanceof EverdictError)) return error;
  if (error.code !== "permission_denied" && error.code !== "unimplemented") return error;
  const hint = "on the server's machine, --data-dir works without an admin token";
  return new CliError(exitReasonFor(error), error.message, { code: error.code, hint });
}

/** There is no token of that id. */
export function tokenNotFound(tokenId: string): CliError {
  return new CliError("no", `there is no token '${tokenId}'`, {
    code: "token_not_found",
    hint: "`everdict token list` shows those there are",
  });
}
