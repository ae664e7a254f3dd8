import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, type OpenDict, withDict } from "../../connection.ts";
import { writeJsonArray } from "../../output/write-json.ts";
import { writeTable } from "../../output/write-table.ts";
import { decodeShownKey, decodeShownValue } from "../../values/decode-shown.ts";
import { formatValue } from "../../values/format-value.ts";
import { keyJsonText } from "../../values/key-json.ts";
import { toJsonText } from "../../values/to-json-text.ts";
import { type CountOptions, countArgument, shownCount } from "./count-argument.ts";
import { dictCommand } from "./dict-command.ts";
import { mapEach, readContents, takeFirst } from "./read-contents.ts";

type ItemsOptions = EnvironmentOptions & CountOptions;

// Formatting stops here: even the widest terminal shows less of a cell.
const cellMaxLength = 4096;

/** `everdict dict items NAME [COUNT]` */
export function dictItemsCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "items",
      summary: "Print keys and values",
      details:
        "In no particular order. A terminal shows the first 20 unless you ask for more; what is piped on is complete. With --json, one entry a line, in a form that `everdict dict update --file` reads back, so that an entry of any kind can be copied.",
      examples: ["everdict dict items jobs", "everdict dict items jobs --json > jobs.json"],
    },
    (command) => countArgument(command.argument("<name>", "the name of the dict")),
    (name: string, count: number | undefined, options: ItemsOptions) =>
      withDict(context, options, name, (open) => items(context, open, shownCount(context, count, options))),
  );
}

async function items(context: CliContext, open: OpenDict, count: number): Promise<undefined> {
  const entries = readContents(open, { keys: true, values: true });
  if (context.json) {
    const texts = mapEach(takeFirst(entries, count), ({ key, value }) => {
      const [keyText, valueText] = [keyJsonText(key), toJsonText(decodeShownValue(value))];
      return `{"key":${keyText},"value":${valueText}}`;
    });
    await writeJsonArray(context.stdout, texts);
    return;
  }
  const isTerminal = context.stdout.isTTY === true;
  const options = isTerminal ? { maxLength: cellMaxLength } : {};
  const rows = mapEach(entries, ({ key, value }) => [
    formatValue(decodeShownKey(key), options),
    formatValue(decodeShownValue(value), options),
  ]);
  await writeTable(
    context.stdout,
    ["Key", "Value"],
    takeFirst(rows, count, isTerminal ? ["…", "…"] : undefined),
  );
}
