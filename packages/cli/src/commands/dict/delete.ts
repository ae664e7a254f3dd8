import { NotFoundError } from "@everdict/protocol";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { usageError } from "../../cli-error.ts";
import { type EnvironmentOptions, withClient } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { confirm } from "../../input/confirm.ts";
import { reportResult } from "../../output/report-result.ts";
import { dictCommand } from "./dict-command.ts";

interface DeleteOptions extends EnvironmentOptions {
  readonly yes?: boolean;
  readonly allowMissing?: boolean;
}

/** `everdict dict delete NAME` */
export function dictDeleteCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "delete",
      summary: "Delete a dict and all its entries",
      details: "`dict remove NAME KEY` removes one entry.",
      examples: ["everdict dict delete jobs", "everdict dict delete jobs --allow-missing --yes"],
    },
    (command) =>
      command
        .argument("<name>", "the name of the dict")
        .allowExcessArguments(true)
        .option("-y, --yes", "do not ask")
        .option("--allow-missing", "succeed if there is no such dict"),
    async (name: string, options: DeleteOptions, { args }: Command) => {
      // A key that is given here is meant for another command.
      if (args.length > 1)
        throw usageError("too many arguments", "`everdict dict remove NAME KEY` removes a key");
      return deleteDict(context, name, options);
    },
  );
}

async function deleteDict(context: CliContext, name: string, options: DeleteOptions): Promise<ExitReason> {
  await confirm(context, `Delete the dict '${name}' and all its entries?`, options.yes);
  const deleted = await withClient(context, options, async (client) => {
    const { Dict } = await import("everdict");
    try {
      await Dict.objects.delete(name, { client });
      return true;
    } catch (error) {
      // Not `allowMissing`: that would leave no way to tell what happened, and hide a missing environment.
      const isMissing = error instanceof NotFoundError && error.code === "dict_not_found";
      if (!isMissing || options.allowMissing !== true) throw error;
      return false;
    }
  });
  await reportResult(
    context,
    { name, deleted },
    deleted ? `Deleted dict '${name}'.` : `There is no dict '${name}'.`,
  );
  return "ok";
}
