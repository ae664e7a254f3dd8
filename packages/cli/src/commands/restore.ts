import { resolve } from "node:path";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { filesAlongside } from "../data-directory.ts";
import { fileError } from "../input/file-error.ts";
import { parsePath } from "../input/parse-path.ts";
import { reportResult } from "../output/report-result.ts";
import { addCommonOptions, newCommand, runs } from "./new-command.ts";

/** `everdict restore FILE DIRECTORY` */
export function restoreCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "restore",
    summary: "Restore a backup into a new data directory",
    details:
      "The directory must be empty or not there. All of the backup is checked before anything is written; a restore that is interrupted leaves a directory that no server starts on, and can be run again.",
    examples: ["everdict restore monday.backup /srv/everdict"],
  });
  return addCommonOptions(
    command
      .argument("<file>", "the backup", parsePath)
      .argument("<directory>", "the data directory to make", parsePath),
  ).action(runs(context, (file: string, directory: string) => restore(context, file, directory)));
}

async function restore(context: CliContext, file: string, directory: string): Promise<undefined> {
  const { restoreDirectory } = await import("@everdict/embedded/log");
  const { files, bytes } = await restoreDirectory({
    file: resolve(file),
    directory: resolve(directory),
    alongside: filesAlongside,
  }).catch((error: unknown) => {
    throw fileError(error, "restore into", directory);
  });
  await reportResult(
    context,
    { directory: resolve(directory), files, bytes },
    `Restored ${files} files, ${bytes} bytes, into ${directory}.`,
  );
}
