import { EverdictError } from "@everdict/protocol";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { CliError } from "../../cli-error.ts";
import { type EnvironmentOptions, withNewDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addKeyOption, type KeyOptions, readKey } from "../../input/key-and-value.ts";
import { parseNumber } from "../../input/parse-number.ts";
import { type TtlOptions, ttlMsOf, ttlOption } from "../../input/ttl-option.ts";
import { writeOut } from "../../output/write-out.ts";
import { toJsonText } from "../../values/to-json-text.ts";
import { parsedOption } from "../new-command.ts";
import { dictCommand } from "./dict-command.ts";

interface IncrOptions extends EnvironmentOptions, KeyOptions, TtlOptions {
  readonly initial?: number | bigint;
  readonly min?: number | bigint;
  readonly max?: number | bigint;
  readonly create?: boolean;
}

/** `everdict dict incr NAME KEY [BY]` */
export function dictIncrCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "incr",
      summary: "Add to a number and print the sum",
      details:
        "BY is an int or a float, 1 if it is left out; an absent key counts as 0. Of several callers at once each adds. If the sum would be out of bounds, nothing is changed and the exit status is 1; a value that is no number is refused with status 2. The end of an entry that is there does not move.",
      examples: [
        "everdict dict incr visits today --create",
        "everdict dict incr stock apples -3 --initial 10 --min 0 --create",
        "everdict dict incr limits caller-7 --ttl 1m --max 100 --create || echo 'too many'",
      ],
    },
    (command) =>
      addKeyOption(
        command
          .argument("<name>", "the name of the dict")
          .argument("<key>", "the key")
          .argument("[by]", "what to add (default: 1)"),
      )
        .addOption(numberOption("initial", "what an absent key counts as (default: 0)"))
        .addOption(numberOption("min", "the least sum that is allowed (default: any)"))
        .addOption(numberOption("max", "the greatest sum that is allowed (default: any)"))
        .addOption(ttlOption("; only of an entry that this creates"))
        .option("--create", "create the dict if it is not there"),
    (name: string, key: string, by: string | undefined, options: IncrOptions) =>
      incr(context, [name, key, by], options),
  );
}

function numberOption(name: string, description: string) {
  return parsedOption(`--${name} <number>`, description, (text) => parseNumber(text, `--${name}`));
}

async function incr(
  context: CliContext,
  [name, keyText, byText = "1"]: readonly [string, string, string | undefined],
  options: IncrOptions,
): Promise<ExitReason> {
  const key = readKey(keyText, options);
  const by = parseNumber(byText, "BY");
  const { initial, min, max } = options;
  const ttlMsOnCreate = ttlMsOf(options);
  const sum = await withNewDict(context, options, name, ({ dict }) =>
    dict.increment(key, by, { initial, min, max, ttlMsOnCreate }),
  ).catch(sayNoToBounds);
  await writeOut(context.stdout, `${context.json ? toJsonText(sum) : sum}\n`);
  return "ok";
}

/** That a sum is out of bounds is an answer: a script asks whether it may go on. */
function sayNoToBounds(error: unknown): never {
  if (!(error instanceof EverdictError) || error.code !== "out_of_bounds") throw error;
  throw new CliError("no", error.message, { code: error.code, cause: error });
}
