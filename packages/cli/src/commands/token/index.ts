import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { newGroup } from "../new-command.ts";
import { tokenCreateCommand } from "./create.ts";
import { tokenListCommand } from "./list.ts";
import { tokenRevokeCommand } from "./revoke.ts";
import { tokenRotateCommand } from "./rotate.ts";
import { tokenPlaceDetails } from "./with-tokens.ts";

/** `everdict token` */
export function tokenGroup(context: CliContext): Command {
  return newGroup(
    context,
    {
      name: "token",
      summary: "Manage who may connect",
      details: tokenPlaceDetails,
      examples: [
        "everdict token create ci",
        "everdict token create dashboard --role read-only --environment main --expires 30d",
        "everdict token list",
      ],
    },
    [
      tokenCreateCommand(context),
      tokenListCommand(context),
      tokenRotateCommand(context),
      tokenRevokeCommand(context),
    ],
  );
}
