import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import { reportResult } from "../../output/report-result.ts";
import { dictCommand } from "./dict-command.ts";

/** `everdict dict len NAME` */
export function dictLenCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "len",
      summary: "Print the number of entries",
      details: "Counts expired entries that the server has not removed yet.",
      examples: ["everdict dict len jobs"],
    },
    (command) => command.argument("<name>", "the name of the dict"),
    async (name: string, options: EnvironmentOptions) => {
      const length = await withDict(context, options, name, ({ dict }) => dict.len());
      await reportResult(context, length, String(length));
      return "ok";
    },
  );
}
