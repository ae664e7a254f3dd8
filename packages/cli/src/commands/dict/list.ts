import { escapeControls } from "@everdict/pickle/show";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type EnvironmentOptions, withClient } from "../../connection.ts";
import { parseCount } from "../../input/parse-count.ts";
import { formatLocalTime } from "../../output/format-time.ts";
import { writeJson } from "../../output/write-json.ts";
import { writeTable } from "../../output/write-table.ts";
import { parsedOption } from "../new-command.ts";
import { dictCommand } from "./dict-command.ts";

interface ListOptions extends EnvironmentOptions {
  readonly max?: number;
}

/** `everdict dict list` */
export function dictListCommand(context: CliContext): Command {
  return dictCommand(
    context,
    {
      name: "list",
      summary: "List dicts, newest first",
      examples: ["everdict dict list", "everdict dict list --json | jq -r '.[].name'"],
    },
    (command) =>
      command.addOption(
        parsedOption("--max <count>", "list at most so many (default: all)", (text) =>
          parseCount(text, "--max", { min: 1, max: Number.MAX_SAFE_INTEGER }),
        ),
      ),
    (options: ListOptions) => list(context, options),
  );
}

async function list(context: CliContext, options: ListOptions): Promise<undefined> {
  const dicts = await withClient(context, options, async (client) => {
    const { Dict } = await import("everdict");
    const found = await Dict.objects.list({ client, maxObjects: options.max });
    return Promise.all(found.map((dict) => dict.info().then((info) => ({ ...info, dictId: dict.objectId }))));
  });
  if (context.json) {
    const rows = dicts.map((dict) => ({
      name: dict.name,
      dict_id: dict.dictId,
      created_at: dict.createdAt.toISOString(),
      created_by: dict.createdBy,
    }));
    await writeJson(context.stdout, rows);
    return;
  }
  await writeTable(
    context.stdout,
    ["Name", "Created at", "Created by"],
    dicts.map((dict) =>
      [dict.name, formatLocalTime(dict.createdAt), dict.createdBy].map((cell) => escapeControls(cell)),
    ),
  );
}
