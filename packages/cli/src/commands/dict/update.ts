import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { usageError } from "../../cli-error.ts";
import { type EnvironmentOptions, withNewDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addValueOptions, readValue, type ValueOptions } from "../../input/key-and-value.ts";
import { parseInputPath } from "../../input/parse-path.ts";
import { type KeyValue, readEntries } from "../../input/read-entries.ts";
import { type TtlOptions, ttlMsOf, ttlOption } from "../../input/ttl-option.ts";
import { reportResult } from "../../output/report-result.ts";
import { parsedOption } from "../new-command.ts";
import { dictCommand } from "./dict-command.ts";

interface UpdateOptions extends EnvironmentOptions, ValueOptions, TtlOptions {
  readonly file?: string;
  readonly lines?: boolean;
  readonly create?: boolean;
}

/** `everdict dict update NAME` */
export function dictUpdateCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "update",
      summary: "Write many entries",
      details:
        'Entries come from KEY=VALUE arguments or from a file. A file holds an object, an array of [key, value] pairs or of {"key": …, "value": …} objects, or, with --lines, one such pair or object a line. Sent in requests of up to 10,000 entries; each is written as a whole, but after an error the earlier ones stay.',
      examples: [
        "everdict dict update jobs job-1=done job-2=running",
        "everdict dict update jobs --file jobs.json",
        "everdict dict items jobs --json | everdict dict update copy --create --file -",
        "everdict dict update jobs --file jobs.jsonl --lines",
      ],
    },
    (command) =>
      addValueOptions(
        command
          .argument("<name>", "the name of the dict")
          .argument("[entries...]", "KEY=VALUE: a string key up to the first =, and its value"),
      )
        .addOption(
          parsedOption(
            "-f, --file <path>",
            "read entries from a file, or - for standard input",
            parseInputPath,
          ),
        )
        .option("--lines", "the file holds JSON lines; read without loading it whole")
        .addOption(ttlOption(""))
        .option("--create", "create the dict if it is not there"),
    (name: string, entries: readonly string[], options: UpdateOptions) =>
      update(context, name, entries, options),
  );
}

async function update(
  context: CliContext,
  name: string,
  entries: readonly string[],
  options: UpdateOptions,
): Promise<ExitReason> {
  if ((options.file === undefined) === (entries.length === 0)) {
    throw usageError("give either KEY=VALUE arguments or --file");
  }
  const pairs = await Promise.all(entries.map((entry) => readPair(context, entry, options)));
  const ttlMs = ttlMsOf(options);
  let count = 0;
  async function* counted(): AsyncGenerator<KeyValue> {
    const source =
      options.file === undefined ? pairs : readEntries(context, options.file, options.lines === true);
    for await (const pair of source) {
      count += 1;
      yield pair;
    }
  }
  await withNewDict(context, options, name, ({ dict }) =>
    ttlMs === undefined ? dict.update(counted()) : dict.update(counted(), { ttlMs }),
  );
  await reportResult(context, { written: count }, `Wrote ${count} ${count === 1 ? "entry" : "entries"}.`);
  return "ok";
}

async function readPair(context: CliContext, entry: string, options: UpdateOptions): Promise<KeyValue> {
  const equals = entry.indexOf("=");
  if (equals === -1) throw usageError(`'${entry}' is not KEY=VALUE`);
  return [entry.slice(0, equals), await readValue(context, entry.slice(equals + 1), options)];
}
