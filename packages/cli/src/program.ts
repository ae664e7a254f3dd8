import type { Command } from "commander";
import type { CliContext } from "./cli-context.ts";
import { backupCommand } from "./commands/backup.ts";
import { dictGroup } from "./commands/dict/index.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { environmentGroup } from "./commands/environment/index.ts";
import { newGroup } from "./commands/new-command.ts";
import { restoreCommand } from "./commands/restore.ts";
import { serveCommand } from "./commands/serve.ts";
import { tokenGroup } from "./commands/token/index.ts";
import { exitCodeTable } from "./exit-codes.ts";
import { packageVersion } from "./package-version.ts";

/** Builds the whole command line. */
export function createProgram(context: CliContext): Command {
  return (
    newGroup(
      context,
      {
        name: "everdict",
        summary: "A dictionary that Python and TypeScript programs share, and its server",
        examples: [
          "everdict serve",
          "everdict dict put jobs job-1 running --create",
          "everdict dict get jobs job-1",
          "everdict dict items jobs --json",
        ],
      },
      [
        serveCommand(context),
        dictGroup(context),
        environmentGroup(context),
        tokenGroup(context),
        backupCommand(context),
        restoreCommand(context),
        doctorCommand(context),
      ],
    )
      .version(packageVersion(), "-V, --version", "print the version")
      // Of a command `--version` is the version of an entry.
      .enablePositionalOptions()
      .addHelpText("after", `\nExit status:\n${exitCodeLines().join("\n")}`)
  );
}

function exitCodeLines(): string[] {
  return Object.values(exitCodeTable).map(({ status, meaning }) => `  ${status}  ${meaning}`);
}
