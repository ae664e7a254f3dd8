import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { newGroup } from "../new-command.ts";
import { dictClearCommand } from "./clear.ts";
import { dictConfigureCommand } from "./configure.ts";
import { dictContainsCommand } from "./contains.ts";
import { dictCreateCommand } from "./create.ts";
import { dictDeleteCommand } from "./delete.ts";
import { dictEntryCommand } from "./entry.ts";
import { dictGetCommand } from "./get.ts";
import { dictIncrCommand } from "./incr.ts";
import { dictInfoCommand } from "./info.ts";
import { dictItemsCommand } from "./items.ts";
import { dictKeysCommand } from "./keys.ts";
import { dictLenCommand } from "./len.ts";
import { dictListCommand } from "./list.ts";
import { dictPopCommand } from "./pop.ts";
import { dictPutCommand } from "./put.ts";
import { dictRemoveCommand } from "./remove.ts";
import { dictRemoveManyCommand } from "./remove-many.ts";
import { dictStatsCommand } from "./stats.ts";
import { dictTouchCommand } from "./touch.ts";
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
      dictInfoCommand(context),
      dictConfigureCommand(context),
      dictGetCommand(context),
      dictEntryCommand(context),
      dictPutCommand(context),
      dictIncrCommand(context),
      dictPopCommand(context),
      dictRemoveCommand(context),
      dictRemoveManyCommand(context),
      dictTouchCommand(context),
      dictContainsCommand(context),
      dictLenCommand(context),
      dictStatsCommand(context),
      dictItemsCommand(context),
      dictKeysCommand(context),
      dictUpdateCommand(context),
      dictClearCommand(context),
      dictDeleteCommand(context),
    ],
  );
}
