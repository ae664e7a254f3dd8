import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { confirm } from "../../input/confirm.ts";
import { reportResult } from "../../output/report-result.ts";
import { dictCommand } from "./dict-command.ts";

interface ClearOptions extends EnvironmentOptions {
  readonly yes?: boolean;
}

/** `everdict dict clear NAME` */
export function dictClearCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "clear",
      summary: "Remove all entries of a dict",
      examples: ["everdict dict clear jobs", "everdict dict clear jobs --yes"],
    },
    (command) => command.argument("<name>", "the name of the dict").option("-y, --yes", "do not ask"),
    (name: string, options: ClearOptions) => clear(context, name, options),
  );
}

async function clear(context: CliContext, name: string, options: ClearOptions): Promise<ExitReason> {
  await confirm(context, `Remove all entries of the dict '${name}'?`, options.yes);
  await withDict(context, options, name, ({ dict }) => dict.clear());
  await reportResult(context, { name, cleared: true }, `Cleared dict '${name}'.`);
  return "ok";
}
