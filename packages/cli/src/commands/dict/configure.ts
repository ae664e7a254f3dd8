import type { Durability, ExpiryPolicy } from "@everdict/protocol";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { usageError } from "../../cli-error.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { durabilityOption } from "../../input/durability-option.ts";
import { parseExpiry } from "../../input/parse-expiry.ts";
import { parsedOption } from "../new-command.ts";
import { dictCommand } from "./dict-command.ts";
import { reportInfo } from "./info.ts";

interface ConfigureOptions extends EnvironmentOptions {
  readonly expiry?: ExpiryPolicy;
  readonly durability?: Durability;
}

/** `everdict dict configure NAME` */
export function dictConfigureCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "configure",
      summary: "Change how a dict is set up",
      details:
        "For what is written or used from now on: the ends of entries that are there do not move. What is left out stays. Prints what `info` prints.",
      examples: [
        "everdict dict configure cache --expiry 1h",
        "everdict dict configure sessions --expiry 7d-after-use --durability everysec",
      ],
    },
    (command) =>
      command
        .argument("<name>", "the name of the dict")
        .addOption(
          parsedOption(
            "--expiry <policy>",
            "never, or how long entries live after they were written (1h, 30d) or used (7d-after-use)",
            parseExpiry,
          ),
        )
        .addOption(
          durabilityOption(
            "--durability",
            "writes are acknowledged on disk (sync), up to two seconds earlier (everysec), or without a flush (memory)",
          ),
        ),
    (name: string, options: ConfigureOptions) => configure(context, name, options),
  );
}

async function configure(context: CliContext, name: string, options: ConfigureOptions): Promise<ExitReason> {
  const { expiry, durability } = options;
  if (expiry === undefined && durability === undefined) {
    throw usageError("give what to change: --expiry, --durability or both");
  }
  const info = await withDict(context, options, name, ({ service, dictId }) =>
    service.configureDict(dictId, { expiry, durability }),
  );
  await reportInfo(context, info);
  return "ok";
}
