import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, type OpenDict, withDict } from "../../connection.ts";
import { writeJsonArray } from "../../output/write-json.ts";
import { writeLines } from "../../output/write-lines.ts";
import { decodeShownKey } from "../../values/decode-shown.ts";
import { formatValue } from "../../values/format-value.ts";
import { keyToJsonText } from "../../values/to-json-text.ts";
import { type CountOptions, countArgument, shownCount } from "./count-argument.ts";
import { dictCommand } from "./dict-command.ts";
import { mapEach, readContents, takeFirst } from "./read-contents.ts";

type KeysOptions = EnvironmentOptions & CountOptions;

/** `everdict dict keys NAME [COUNT]` */
export function dictKeysCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "keys",
      summary: "Print keys, one a line",
      details:
        "In no particular order. Strings that would look like something else are quoted. A terminal shows the first 20 unless you ask for more; what is piped on is complete.",
      examples: ["everdict dict keys jobs", "everdict dict keys jobs --json | jq length"],
    },
    (command) => countArgument(command.argument("<name>", "the name of the dict")),
    (name: string, count: number | undefined, options: KeysOptions) =>
      withDict(context, options, name, (open) => keys(context, open, shownCount(context, count, options))),
  );
}

async function keys(context: CliContext, open: OpenDict, count: number): Promise<undefined> {
  const decoded = mapEach(readContents(open, { keys: true, values: false }), ({ key }) =>
    decodeShownKey(key),
  );
  if (context.json) {
    await writeJsonArray(context.stdout, mapEach(takeFirst(decoded, count), keyToJsonText));
    return;
  }
  const lines = mapEach(decoded, (key) => formatValue(key));
  await writeLines(context.stdout, takeFirst(lines, count, context.stdout.isTTY === true ? "…" : undefined));
}
