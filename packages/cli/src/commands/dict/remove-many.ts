import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { usageError } from "../../cli-error.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { confirm } from "../../input/confirm.ts";
import { addPrefixOptions, type PrefixOptions, prefixOf } from "../../input/prefix-option.ts";
import { reportResult } from "../../output/report-result.ts";
import { dictCommand } from "./dict-command.ts";

interface RemoveManyOptions extends EnvironmentOptions, PrefixOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `everdict dict remove-many NAME` */
export function dictRemoveManyCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "remove-many",
      summary: "Remove all keys that begin alike",
      details: "Each is removed at an instant of its own. With --dry-run they are only counted.",
      examples: [
        "everdict dict remove-many jobs --prefix job- --dry-run",
        "everdict dict remove-many users --prefix-json '[\"user\", 42]' --yes",
      ],
    },
    (command) =>
      addPrefixOptions(command.argument("<name>", "the name of the dict"))
        .option("--dry-run", "count them and remove nothing")
        .option("-y, --yes", "do not ask"),
    (name: string, options: RemoveManyOptions) => removeMany(context, name, options),
  );
}

async function removeMany(
  context: CliContext,
  name: string,
  options: RemoveManyOptions,
): Promise<ExitReason> {
  const prefix = prefixOf(options);
  // An empty one, too, is mostly a variable of a script that is not set.
  if (prefix === undefined || prefix.length === 0) {
    throw usageError("give --prefix or --prefix-json", "`everdict dict clear NAME` removes all entries");
  }
  const dryRun = options.dryRun === true;
  if (!dryRun) await confirm(context, `Remove all keys of the dict '${name}' that begin so?`, options.yes);
  const count = await withDict(context, options, name, ({ dict }) => dict.removeMany({ prefix }, { dryRun }));
  const entries = `${count} ${count === 1 ? "entry" : "entries"}`;
  await reportResult(
    context,
    { removed: count, dry_run: dryRun },
    `${dryRun ? "Would remove" : "Removed"} ${entries}.`,
  );
  return "ok";
}
