import { type Command, Option } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withNewDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import {
  addKeyOption,
  addValueOptions,
  type KeyOptions,
  readKey,
  readValue,
  type ValueOptions,
} from "../../input/key-and-value.ts";
import { type TtlOptions, ttlMsOf, ttlOption } from "../../input/ttl-option.ts";
import { type VersionOptions, versionOption } from "../../input/version-option.ts";
import { reportResult } from "../../output/report-result.ts";
import { dictCommand } from "./dict-command.ts";

interface PutOptions extends EnvironmentOptions, KeyOptions, ValueOptions, TtlOptions, VersionOptions {
  readonly create?: boolean;
  readonly ifAbsent?: boolean;
  readonly onlyIfExists?: boolean;
}

/** `everdict dict put NAME KEY VALUE` */
export function dictPutCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "put",
      summary: "Write an entry",
      details:
        "VALUE is stored as a string, whatever it looks like, unless --value-json or --bytes is given; `-` reads it from standard input. With --if-absent, --only-if-exists and --if-version the exit status says whether it was written: 0 if it was, 1 if the condition does not hold.",
      examples: [
        "everdict dict put jobs job-1 running",
        'everdict dict put jobs job-1 --value-json \'{"state": "running", "tries": 2}\'',
        "everdict dict put files logo ./logo.png --bytes",
        'everdict dict put locks deploy "$HOSTNAME" --if-absent --ttl 10m && ./deploy.sh',
        "everdict dict put jobs job-1 done --if-version 00000000000004d2",
      ],
    },
    (command) =>
      addValueOptions(
        addKeyOption(
          command
            .argument("<name>", "the name of the dict")
            .argument("<key>", "the key")
            .argument("<value>", "the value, or - for standard input"),
        ),
      )
        .option(
          "--if-absent",
          "write only if the key is absent; of several callers at once only one succeeds",
        )
        .addOption(
          new Option("--only-if-exists", "write only if the key is there").conflicts([
            "ifAbsent",
            "ifVersion",
          ]),
        )
        .addOption(versionOption().conflicts("ifAbsent"))
        .addOption(ttlOption(""))
        .option("--create", "create the dict if it is not there"),
    (name: string, key: string, value: string, options: PutOptions) =>
      put(context, [name, key, value], options),
  );
}

async function put(
  context: CliContext,
  [name, keyText, valueText]: readonly [string, string, string],
  options: PutOptions,
): Promise<ExitReason> {
  const key = readKey(keyText, options);
  const value = await readValue(context, valueText, options);
  const written = await withNewDict(context, options, name, ({ dict }) =>
    dict.put(key, value, conditionsOf(options)),
  );
  await reportResult(context, { written }, written ? "Written." : `Not written: ${reasonOf(options)}.`);
  return written ? "ok" : "no";
}

function conditionsOf(options: PutOptions) {
  const { ifAbsent, onlyIfExists, ifVersion } = options;
  const ttlMs = ttlMsOf(options);
  return {
    ...(ifAbsent === true ? { skipIfExists: true } : {}),
    ...(onlyIfExists === true ? { onlyIfExists: true } : {}),
    ...(ifVersion === undefined ? {} : { ifVersion }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
  };
}

/** Why nothing was written. */
function reasonOf({ ifAbsent, onlyIfExists }: PutOptions): string {
  if (ifAbsent === true) return "the key exists already";
  return onlyIfExists === true ? "the key is absent" : "the entry has another version, or is absent";
}
