import { resolve } from "node:path";
import type { Command } from "commander";
import type { CliContext } from "../cli-context.ts";
import { filesAlongside } from "../data-directory.ts";
import { fileError } from "../input/file-error.ts";
import { parsePath } from "../input/parse-path.ts";
import { reportResult } from "../output/report-result.ts";
import { addCommonOptions, newCommand, runs } from "./new-command.ts";

/** `everdict backup DIRECTORY FILE` */
export function backupCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "backup",
    summary: "Back up a data directory into one file",
    details:
      "Works while a server runs on the directory: the backup is the data at one moment, everything included that was acknowledged before. It is flushed, read back and checked before it appears under its name. Tokens are included as hashes, secrets are not.",
    examples: ["everdict backup /srv/everdict monday.backup"],
  });
  return addCommonOptions(
    command
      .argument("<directory>", "the data directory", parsePath)
      .argument("<file>", "the backup to make", parsePath),
  ).action(runs(context, (directory: string, file: string) => backup(context, directory, file)));
}

async function backup(context: CliContext, directory: string, file: string): Promise<undefined> {
  const { backupDirectory } = await import("@everdict/embedded/log");
  const result = await backupDirectory({
    directory: resolve(directory),
    file: resolve(file),
    alongside: filesAlongside,
  }).catch((error: unknown) => {
    throw fileError(error, "back up", directory);
  });
  const { bytes, segments, records, lastSequence } = result;
  await reportResult(
    context,
    { file: resolve(file), bytes, segments, records, last_sequence: lastSequence },
    `Backed up ${directory}: ${records} records in ${segments} segments, ${bytes} bytes, checked.`,
  );
}
