import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { usageError } from "../../cli-error.ts";
import { type EnvironmentOptions, type OpenDict, withDict } from "../../connection.ts";
import { parseCount } from "../../input/parse-count.ts";
import {
  addPrefixOptions,
  type KeyFilter,
  type PrefixOptions,
  readPrefix,
} from "../../input/prefix-option.ts";
import { writeJsonArray } from "../../output/write-json.ts";
import { writeTable } from "../../output/write-table.ts";
import { parsedOption } from "../new-command.ts";
import { type CountOptions, countArgument, shownCount } from "./count-argument.ts";
import { dictCommand } from "./dict-command.ts";
import { parseCursor, printPage } from "./print-page.ts";
import { mapEach, readContents, takeFirst } from "./read-contents.ts";
import { entryHeadings, entryJson, entryRow } from "./shown-entry.ts";

interface ItemsOptions extends EnvironmentOptions, CountOptions, PrefixOptions {
  readonly after?: Uint8Array;
  readonly limit?: number;
}

/** `everdict dict items NAME [COUNT]` */
export function dictItemsCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "items",
      summary: "Print keys and values",
      details:
        "In no particular order. A terminal shows the first 20 unless you ask for more; what is piped on is complete. With --json, one entry a line, in a form that `everdict dict update --file` reads back, so that an entry of any kind can be copied. With --limit or --after it prints one page and what --after takes for the next; with --json that is an object of entries and next, which is null after the last page.",
      examples: [
        "everdict dict items jobs",
        "everdict dict items jobs --json > jobs.json",
        "everdict dict items jobs --prefix job- --limit 100",
      ],
    },
    (command) =>
      addPrefixOptions(countArgument(command.argument("<name>", "the name of the dict")))
        .addOption(
          parsedOption("--limit <count>", "print a page of at most so many", (text) =>
            parseCount(text, "--limit", { min: 1, max: 2 ** 32 - 1 }),
          ),
        )
        .addOption(
          parsedOption("--after <cursor>", "print the page that follows; --limit alone begins", parseCursor),
        ),
    (name: string, count: number | undefined, options: ItemsOptions) => items(context, name, count, options),
  );
}

async function items(
  context: CliContext,
  name: string,
  count: number | undefined,
  options: ItemsOptions,
): Promise<undefined> {
  const filter = readPrefix(options);
  const isPage = options.limit !== undefined || options.after !== undefined;
  if (isPage && (count !== undefined || options.all === true)) {
    throw usageError("a page has a --limit, and neither a count nor --all");
  }
  await withDict(context, options, name, (open) =>
    isPage
      ? printPage(context, open, filter, options)
      : printEntries(context, open, filter, shownCount(context, count, options)),
  );
}

async function printEntries(
  context: CliContext,
  open: OpenDict,
  filter: KeyFilter,
  count: number,
): Promise<void> {
  const entries = readContents(open, { keys: true, values: true }, filter);
  if (context.json) {
    await writeJsonArray(context.stdout, mapEach(takeFirst(entries, count), entryJson));
    return;
  }
  const rest = context.stdout.isTTY === true ? ["…", "…"] : undefined;
  const rows = takeFirst(mapEach(entries, entryRow(context)), count, rest);
  await writeTable(context.stdout, entryHeadings, rows);
}
