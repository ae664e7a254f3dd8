import { AlreadyExistsError, type Durability, type ExpiryPolicy, limitDefaults } from "@everdict/protocol";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withClient } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { durabilityOption } from "../../input/durability-option.ts";
import { parseCount } from "../../input/parse-count.ts";
import { parseExpiry } from "../../input/parse-expiry.ts";
import { reportResult } from "../../output/report-result.ts";
import { parsedOption } from "../new-command.ts";
import { dictCommand } from "./dict-command.ts";

interface CreateOptions extends EnvironmentOptions {
  readonly expiry?: ExpiryPolicy;
  readonly durability?: Durability;
  readonly shards?: number;
  readonly failIfExists?: boolean;
}

/** `everdict dict create NAME` */
export function dictCreateCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "create",
      summary: "Create a dict",
      details:
        "A dict that exists is left as it is. That is no failure unless you ask for it, or for another expiry or durability than it has.",
      examples: [
        "everdict dict create jobs",
        "everdict dict create cache --expiry 1h",
        "everdict dict create sessions --expiry 7d-after-use --durability everysec",
      ],
    },
    (command) =>
      command
        .argument("<name>", "the name of the dict")
        .addOption(
          parsedOption(
            "--expiry <policy>",
            "never, or how long entries live after they were written (1h, 30d) or used (7d-after-use) (default: the server's)",
            parseExpiry,
          ),
        )
        .addOption(
          durabilityOption(
            "--durability",
            "writes are acknowledged on disk (sync), up to two seconds earlier (everysec), or without a flush (memory) (default: the server's)",
          ),
        )
        .addOption(
          parsedOption(
            "--shards <count>",
            "parts that a cluster spreads it over; keys that are changed together must be in one (default: the server's)",
            (text) => parseCount(text, "--shards", { min: 1, max: limitDefaults.dictShardsMax }),
          ),
        )
        .option("--fail-if-exists", "exit with status 1 if the dict exists already"),
    (name: string, options: CreateOptions) => create(context, name, options),
  );
}

async function create(context: CliContext, name: string, options: CreateOptions): Promise<ExitReason> {
  const created = await withClient(context, options, async (client) => {
    const { Dict } = await import("everdict");
    const { expiry, durability, shards } = options;
    try {
      await Dict.objects.create(name, { client, expiry, durability, shards });
      return true;
    } catch (error) {
      if (!(error instanceof AlreadyExistsError) || options.failIfExists === true) throw error;
      // Fails if the dict has another expiry or durability: a wish that is not granted must not pass for one that is.
      await Dict.objects.create(name, { client, expiry, durability, shards, allowExisting: true });
      return false;
    }
  });
  await reportResult(
    context,
    { name, created },
    created ? `Created dict '${name}'.` : `Dict '${name}' exists already.`,
  );
  return "ok";
}
