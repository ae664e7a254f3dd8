import { decodeShownKey, formatValue } from "@everdict/pickle/show";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import { addPrefixOptions, type PrefixOptions, readPrefix } from "../../input/prefix-option.ts";
import { writeJsonArray } from "../../output/write-json.ts";
import { writeLines } from "../../output/write-lines.ts";
import { keyJsonText } from "../../values/key-json.ts";
import { type CountOptions, countArgument, shownCount } from "./count-argument.ts";
import { dictCommand } from "./dict-command.ts";
import { mapEach, readContents, takeFirst } from "./read-contents.ts";

type KeysOptions = EnvironmentOptions & CountOptions & PrefixOptions & { readonly raw?: boolean };

/** `everdict dict keys NAME [COUNT]` */
export function dictKeysCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "keys",
      summary: "Print keys, one a line",
      details:
        "In no particular order. Strings that would look like something else are quoted. A terminal shows the first 20 unless you ask for more; what is piped on is complete.",
      examples: [
        "everdict dict keys jobs",
        "everdict dict keys jobs --json | jq length",
        "everdict dict keys jobs --prefix job-",
        'everdict dict keys jobs --raw | while read -r key; do everdict dict get jobs --key-raw "$key"; done',
      ],
    },
    (command) =>
      addPrefixOptions(countArgument(command.argument("<name>", "the name of the dict"))).option(
        "--raw",
        "print the bytes of each key in hexadecimal, as --key-raw takes them: any key can be used so",
      ),
    (name: string, count: number | undefined, options: KeysOptions) => keys(context, name, count, options),
  );
}

async function keys(
  context: CliContext,
  name: string,
  count: number | undefined,
  options: KeysOptions,
): Promise<undefined> {
  const filter = readPrefix(options);
  return withDict(context, options, name, (open) => {
    const stored = mapEach(readContents(open, { keys: true, values: false }, filter), ({ key }) => key);
    return printKeys(context, stored, shownCount(context, count, options), options.raw === true);
  });
}

async function printKeys(
  context: CliContext,
  stored: AsyncIterable<Uint8Array>,
  count: number,
  isRaw: boolean,
): Promise<undefined> {
  if (context.json) {
    const jsonText = isRaw ? (key: Uint8Array) => JSON.stringify(rawText(key)) : keyJsonText;
    await writeJsonArray(context.stdout, mapEach(takeFirst(stored, count), jsonText));
    return;
  }
  const lines = mapEach(stored, (key) => (isRaw ? rawText(key) : formatValue(decodeShownKey(key))));
  await writeLines(context.stdout, takeFirst(lines, count, context.stdout.isTTY === true ? "…" : undefined));
}

function rawText(key: Uint8Array): string {
  return Buffer.from(key).toString("hex");
}
