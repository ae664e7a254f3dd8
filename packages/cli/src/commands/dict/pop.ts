import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addKeyOption, firstFound, type KeyOptions, readKeyForms } from "../../input/key-and-value.ts";
import { reportValue } from "../../output/report-value.ts";
import { dictCommand } from "./dict-command.ts";

interface PopOptions extends EnvironmentOptions, KeyOptions {
  readonly default?: string;
}

/** `everdict dict pop NAME KEY` */
export function dictPopCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "pop",
      summary: "Remove a key and print the value it had",
      details:
        "Of several callers at once only one gets the value. If the key is absent, nothing is printed and the exit status is 1, unless --default is given.",
      examples: ["everdict dict pop queue next", "everdict dict pop locks deploy --default 'was not locked'"],
    },
    (command) =>
      addKeyOption(command.argument("<name>", "the name of the dict").argument("<key>", "the key")).option(
        "--default <text>",
        "what to print if the key is absent",
      ),
    (name: string, key: string, options: PopOptions) => pop(context, name, key, options),
  );
}

async function pop(context: CliContext, name: string, key: string, options: PopOptions): Promise<ExitReason> {
  const forms = readKeyForms(key, options);
  // The bytes are gone from the server now: they are shown even if they cannot be decoded.
  const bytes = await withDict(context, options, name, ({ service, dictId }) =>
    firstFound(forms, (form) => service.pop(dictId, form)),
  );
  return reportValue(context, bytes, options.default);
}
