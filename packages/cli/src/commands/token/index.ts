import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { newGroup } from "../new-command.ts";
import { tokenCreateCommand } from "./create.ts";
import { tokenListCommand } from "./list.ts";
import { tokenRevokeCommand } from "./revoke.ts";

/** `everdict token` */
export function tokenGroup(context: CliContext): Command {
  return newGroup(
    context,
    {
      name: "token",
      summary: "Manage who may connect",
      details: "These commands work on a server's data directory, on the machine where it is.",
      examples: ["everdict token create ci", "everdict token list"],
    },
    [tokenCreateCommand(context), tokenListCommand(context), tokenRevokeCommand(context)],
  );
}
