import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import { reportFacts } from "../../output/report-facts.ts";
import { dictCommand } from "./dict-command.ts";

/** `everdict dict stats NAME` */
export function dictStatsCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "stats",
      summary: "Print how much is in a dict",
      details:
        "The number of entries, with expired ones that the server has not removed yet, and the bytes that keys and values take where they are stored. Takes the same short time for a dict of any size.",
      examples: ["everdict dict stats jobs", "everdict dict stats jobs --json | jq .entries"],
    },
    (command) => command.argument("<name>", "the name of the dict"),
    async (name: string, options: EnvironmentOptions) => {
      const { entries, bytes } = await withDict(context, options, name, ({ service, dictId }) =>
        service.stats(dictId),
      );
      await reportFacts(context, { entries, bytes });
      return "ok";
    },
  );
}
