import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { CliContext } from "./cli-context.ts";
import { parsedOption } from "./commands/new-command.ts";
import { parsePath } from "./input/parse-path.ts";

/** Files of a data directory, besides the log, that belong into a backup. Not `credentials`: that is a secret. */
export const filesAlongside: readonly string[] = ["tokens.json"];

/** Options of commands that work on a data directory. */
export interface DataDirectoryOptions {
  readonly dataDir?: string;
}

/** Adds the option that says where data is. */
export function addDataDirectoryOption(command: Command): Command {
  return command.addOption(
    parsedOption(
      "--data-dir <directory>",
      "where data is kept (default: EVERDICT_DATA_DIR, else $XDG_DATA_HOME/everdict, else ~/.local/share/everdict)",
      parsePath,
    ),
  );
}

/** The data directory that is meant, as an absolute path. */
export function dataDirectory(context: CliContext, options: DataDirectoryOptions): string {
  const { EVERDICT_DATA_DIR: fromVariable, XDG_DATA_HOME: dataHome } = context.variables;
  if (options.dataDir !== undefined) return resolve(options.dataDir);
  if (fromVariable) return resolve(fromVariable);
  return dataHome ? resolve(dataHome, "everdict") : join(homedir(), ".local", "share", "everdict");
}
