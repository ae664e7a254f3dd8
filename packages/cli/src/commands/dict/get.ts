import { type Command, Option } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addKeyOption, firstFound, type KeyOptions, readKeyForms } from "../../input/key-and-value.ts";
import { reportBytes, requireNoTerminal } from "../../output/report-bytes.ts";
import { reportValue } from "../../output/report-value.ts";
import { dictCommand } from "./dict-command.ts";
import { printEntry } from "./entry.ts";

interface GetOptions extends EnvironmentOptions, KeyOptions {
  readonly default?: string;
  readonly bytes?: boolean;
  readonly version?: boolean;
}

/** `everdict dict get NAME KEY` */
export function dictGetCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "get",
      summary: "Print the value of a key",
      details:
        "If the key is absent, nothing is printed and the exit status is 1, unless --default is given. With --bytes, the bytes of a value that is bytes are written as they are, with no newline after them; any other value is refused with status 2.",
      examples: [
        "everdict dict get jobs job-1",
        "everdict dict get jobs job-1 --json | jq .state",
        "everdict dict get files logo --bytes > logo.png",
        "everdict dict get grid '[3, 4]' --key-json",
      ],
    },
    (command) =>
      addKeyOption(command.argument("<name>", "the name of the dict").argument("<key>", "the key"))
        .option("--default <text>", "what to print if the key is absent")
        .addOption(new Option("--bytes", "write the bytes of the value as they are").conflicts("json"))
        .addOption(
          new Option(
            "--version",
            "print the version of the entry and when it ends, too, as `dict entry`",
          ).conflicts(["default", "bytes"]),
        ),
    (name: string, key: string, options: GetOptions) => get(context, name, key, options),
  );
}

async function get(context: CliContext, name: string, key: string, options: GetOptions): Promise<ExitReason> {
  if (options.version === true) return printEntry(context, name, key, options);
  const forms = readKeyForms(key, options);
  if (options.bytes === true) requireNoTerminal(context);
  const bytes = await withDict(context, options, name, ({ service, dictId }) =>
    firstFound(forms, (form) => service.get(dictId, form)),
  );
  const report = options.bytes === true ? reportBytes : reportValue;
  return report(context, bytes, options.default);
}
