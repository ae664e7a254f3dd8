import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addKeyOption, firstFound, type KeyOptions, readKeyForms } from "../../input/key-and-value.ts";
import { reportEntry } from "../../output/report-entry.ts";
import { dictCommand } from "./dict-command.ts";

type EntryOptions = EnvironmentOptions & KeyOptions;

/** `everdict dict entry NAME KEY` */
export function dictEntryCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "entry",
      summary: "Print the value of a key, its version, and when it ends",
      details:
        "Every write gives an entry another version, which the key never had before: `put --if-version` writes only if nobody else did since. If the key is absent, the exit status is 1.",
      examples: ["everdict dict entry jobs job-1", "everdict dict entry jobs job-1 --json | jq -r .version"],
    },
    (command) =>
      addKeyOption(command.argument("<name>", "the name of the dict").argument("<key>", "the key")),
    (name: string, key: string, options: EntryOptions) => printEntry(context, name, key, options),
  );
}

/** Prints what is under a key. */
export async function printEntry(
  context: CliContext,
  name: string,
  key: string,
  options: EntryOptions,
): Promise<ExitReason> {
  const forms = readKeyForms(key, options);
  const entry = await withDict(context, options, name, ({ service, dictId }) =>
    firstFound(forms, (form) => service.entry(dictId, form)),
  );
  return reportEntry(context, entry);
}
