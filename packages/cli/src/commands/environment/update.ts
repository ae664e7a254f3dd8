import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { usageError } from "../../cli-error.ts";
import { type ConnectionOptions, withClient } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { reportResult } from "../../output/report-result.ts";
import { environmentCommand } from "./environment-command.ts";

interface UpdateOptions extends ConnectionOptions {
  readonly setName?: string;
  readonly setWebSuffix?: string;
}

/** `everdict environment update NAME` */
export function environmentUpdateCommand(context: CliContext): Command {
  return environmentCommand(
    context,
    {
      name: "update",
      summary: "Rename an environment or set its web suffix",
      details: "Its dicts stay in it.",
      examples: ["everdict environment update staging --set-name testing"],
    },
    (command) =>
      command
        .argument("<name>", "the present name of the environment")
        .option("--set-name <name>", "the new name")
        .option("--set-web-suffix <suffix>", "the new web suffix; empty for none"),
    (name: string, options: UpdateOptions) => update(context, name, options),
  );
}

async function update(context: CliContext, name: string, options: UpdateOptions): Promise<ExitReason> {
  const change = { name: options.setName, webSuffix: options.setWebSuffix };
  if (change.name === undefined && change.webSuffix === undefined) {
    throw usageError("nothing to change", "give --set-name or --set-web-suffix");
  }
  const updated = await withClient(context, options, (client) => client.environments.update(name, change));
  await reportResult(
    context,
    { name: updated.name, web_suffix: updated.webSuffix, updated: true },
    `Updated environment '${updated.name}'.`,
  );
  return "ok";
}
