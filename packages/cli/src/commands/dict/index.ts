import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { newGroup } from "../new-command.ts";
import { dictClearCommand } from "./clear.ts";
import { dictContainsCommand } from "./contains.ts";
import { dictCreateCommand } from "./create.ts";
import { dictDeleteCommand } from "./delete.ts";
import { dictGetCommand } from "./get.ts";
import { dictItemsCommand } from "./items.ts";
import { dictKeysCommand } from "./keys.ts";
import { dictLenCommand } from "./len.ts";
import { dictListCommand } from "./list.ts";
import { dictPopCommand } from "./pop.ts";
import { dictPutCommand } from "./put.ts";
import { dictRemoveCommand } from "./remove.ts";
import { dictUpdateCommand } from "./update.ts";

/** `everdict dict` */
export function dictGroup(context: CliContext): Command {
  return newGroup(
    context,
    {
      name: "dict",
      summary: "Work with dicts and their entries",
      examples: [
        "everdict dict create jobs",
        "everdict dict put jobs job-1 running",
        "everdict dict items jobs",
      ],
    },
    [
      dictCreateCommand(context),
      dictListCommand(context),
      dictGetCommand(context),
      dictPutCommand(context),
      dictPopCommand(context),
      dictRemoveCommand(context),
      dictContainsCommand(context),
      dictLenCommand(context),
      dictItemsCommand(context),
      dictKeysCommand(context),
      dictUpdateCommand(context),
      dictClearCommand(context),
      dictDeleteCommand(context),
    ],
  );
}
