import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addKeyOption, type KeyOptions, readKey } from "../../input/key-and-value.ts";
import { type VersionOptions, versionOption } from "../../input/version-option.ts";
import { reportResult } from "../../output/report-result.ts";
import { dictCommand } from "./dict-command.ts";

type RemoveOptions = EnvironmentOptions & KeyOptions & VersionOptions;

/** `everdict dict remove NAME KEY` */
export function dictRemoveCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "remove",
      summary: "Remove a key",
      details:
        "Prints true if it was there, else false; the exit status is 0 or 1. `pop` prints the value. With --if-version, an entry of another version stays, and the answer is false.",
      examples: [
        "everdict dict remove jobs job-1",
        "everdict dict remove locks deploy || echo 'was not locked'",
      ],
    },
    (command) =>
      addKeyOption(command.argument("<name>", "the name of the dict").argument("<key>", "the key")).addOption(
        versionOption(),
      ),
    (name: string, key: string, options: RemoveOptions) => remove(context, name, key, options),
  );
}

async function remove(
  context: CliContext,
  name: string,
  keyText: string,
  options: RemoveOptions,
): Promise<ExitReason> {
  const key = readKey(keyText, options);
  const { ifVersion } = options;
  const wasThere = await withDict(context, options, name, ({ dict }) =>
    ifVersion === undefined ? dict.remove(key) : dict.remove(key, { ifVersion }),
  );
  await reportResult(context, wasThere, String(wasThere));
  return wasThere ? "ok" : "no";
}
