import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type ConnectionOptions, withClient } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { confirm } from "../../input/confirm.ts";
import { reportResult } from "../../output/report-result.ts";
import { environmentCommand } from "./environment-command.ts";

interface DeleteOptions extends ConnectionOptions {
  readonly yes?: boolean;
}

/** `everdict environment delete NAME` */
export function environmentDeleteCommand(context: CliContext): Command {
  return environmentCommand(
    context,
    {
      name: "delete",
      summary: "Delete an environment with all its dicts",
      details: "The default environment cannot be deleted.",
      examples: ["everdict environment delete staging"],
    },
    (command) => command.argument("<name>", "the name of the environment").option("-y, --yes", "do not ask"),
    (name: string, options: DeleteOptions) => deleteEnvironment(context, name, options),
  );
}

async function deleteEnvironment(
  context: CliContext,
  name: string,
  options: DeleteOptions,
): Promise<ExitReason> {
  await confirm(context, `Delete the environment '${name}' and all dicts in it?`, options.yes);
  await withClient(context, options, (client) => client.environments.delete(name));
  await reportResult(context, { name, deleted: true }, `Deleted environment '${name}'.`);
  return "ok";
}
