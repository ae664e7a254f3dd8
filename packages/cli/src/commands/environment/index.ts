import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { newGroup } from "../new-command.ts";
import { environmentCreateCommand } from "./create.ts";
import { environmentDeleteCommand } from "./delete.ts";
import { environmentListCommand } from "./list.ts";
import { environmentUpdateCommand } from "./update.ts";

/** `everdict environment` */
export function environmentGroup(context: CliContext): Command {
  return newGroup(
    context,
    {
      name: "environment",
      summary: "Manage environments: separate sets of dicts",
      examples: ["everdict environment create staging", "everdict dict list --env staging"],
    },
    [
      environmentCreateCommand(context),
      environmentListCommand(context),
      environmentUpdateCommand(context),
      environmentDeleteCommand(context),
    ],
  );
}
