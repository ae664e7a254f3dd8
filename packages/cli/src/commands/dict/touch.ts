import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addKeyOption, type KeyOptions, readKey } from "../../input/key-and-value.ts";
import { type TtlOptions, ttlMsOf, ttlOption } from "../../input/ttl-option.ts";
import { reportResult } from "../../output/report-result.ts";
import { dictCommand } from "./dict-command.ts";

type TouchOptions = EnvironmentOptions & KeyOptions & TtlOptions;

/** `everdict dict touch NAME KEY` */
export function dictTouchCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "touch",
      summary: "Let a key live longer, or shorter",
      details:
        "Moves the end of the entry; its value and its version stay. Prints true if it was there, else false; the exit status is 0 or 1.",
      examples: [
        "everdict dict touch sessions s-1 --ttl 30m",
        "everdict dict touch sessions s-1 --ttl never",
      ],
    },
    (command) =>
      addKeyOption(command.argument("<name>", "the name of the dict").argument("<key>", "the key")).addOption(
        ttlOption(""),
      ),
    (name: string, key: string, options: TouchOptions) => touch(context, name, key, options),
  );
}

async function touch(
  context: CliContext,
  name: string,
  keyText: string,
  options: TouchOptions,
): Promise<ExitReason> {
  const key = readKey(keyText, options);
  const ttlMs = ttlMsOf(options);
  const wasThere = await withDict(context, options, name, ({ dict }) =>
    ttlMs === undefined ? dict.touch(key) : dict.touch(key, { ttlMs }),
  );
  await reportResult(context, wasThere, String(wasThere));
  return wasThere ? "ok" : "no";
}
