import type { DictInfo, ExpiryPolicy } from "@everdict/protocol";
import { formatDuration } from "@everdict/protocol";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withDict } from "../../connection.ts";
import { formatLocalTime } from "../../output/format-time.ts";
import { reportFacts } from "../../output/report-facts.ts";
import { dictCommand } from "./dict-command.ts";

/** `everdict dict info NAME` */
export function dictInfoCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "info",
      summary: "Print how a dict is set up",
      details: "`configure` changes its expiry and its durability.",
      examples: ["everdict dict info jobs", "everdict dict info jobs --json | jq -r .expiry"],
    },
    (command) => command.argument("<name>", "the name of the dict"),
    async (name: string, options: EnvironmentOptions) => {
      const info = await withDict(context, options, name, ({ service, dictId }) =>
        service.getDictById(dictId),
      );
      await reportInfo(context, info);
      return "ok";
    },
  );
}

/** Prints what is known of a dictionary. */
export async function reportInfo(context: CliContext, info: DictInfo): Promise<void> {
  const createdAt = new Date(info.createdAtSeconds * 1000);
  await reportFacts(context, {
    name: info.name,
    dict_id: info.dictId,
    created_at: context.json ? createdAt.toISOString() : formatLocalTime(createdAt),
    created_by: info.createdBy,
    expiry: info.expiry && expiryText(info.expiry),
    durability: info.durability,
  });
}

/** A policy as `--expiry` takes it. */
function expiryText(expiry: ExpiryPolicy): string {
  if (expiry.policy === "never") return "never";
  return `${formatDuration(expiry.ttlMs)}-after-${expiry.policy === "afterUse" ? "use" : "write"}`;
}
