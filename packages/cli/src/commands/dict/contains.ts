import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addKeyOption, type KeyOptions, readKey } from "../../input/key-and-value.ts";
import { reportResult } from "../../output/report-result.ts";
import { dictCommand } from "./dict-command.ts";

type ContainsOptions = EnvironmentOptions & KeyOptions;

/** `everdict dict contains NAME KEY` */
export function dictContainsCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "contains",
      summary: "Tell whether a key is there",
      details: "Prints true or false; the exit status is 0 or 1.",
      examples: [
        "everdict dict contains jobs job-1",
        "if everdict dict contains locks deploy > /dev/null; then …; fi",
      ],
    },
    (command) =>
      addKeyOption(command.argument("<name>", "the name of the dict").argument("<key>", "the key")),
    (name: string, key: string, options: ContainsOptions) => contains(context, name, key, options),
  );
}

async function contains(
  context: CliContext,
  name: string,
  keyText: string,
  options: ContainsOptions,
): Promise<ExitReason> {
  const key = readKey(keyText, options);
  const isThere = await withDict(context, options, name, ({ dict }) => dict.contains(key));
  await reportResult(context, isThere, String(isThere));
  return isThere ? "ok" : "no";
}
