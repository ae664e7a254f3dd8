import { escapeControls } from "@everdict/pickle/show";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type ConnectionOptions, withClient } from "../../connection.ts";
import { formatLocalTime } from "../../output/format-time.ts";
import { writeJson } from "../../output/write-json.ts";
import { writeTable } from "../../output/write-table.ts";
import { environmentCommand } from "./environment-command.ts";

/** `everdict environment list` */
export function environmentListCommand(context: CliContext): Command {
  return environmentCommand(
    context,
    { name: "list", summary: "List environments, by name", examples: ["everdict environment list"] },
    (command) => command,
    (options: ConnectionOptions) => list(context, options),
  );
}

async function list(context: CliContext, options: ConnectionOptions): Promise<undefined> {
  const environments = await withClient(context, options, (client) => client.environments.list());
  if (context.json) {
    const rows = environments.map(({ id, name, webSuffix, createdAt, isDefault }) => ({
      name,
      environment_id: id,
      web_suffix: webSuffix,
      created_at: createdAt,
      default: isDefault,
    }));
    await writeJson(context.stdout, rows);
    return;
  }
  const rows = environments.map(({ name, webSuffix, createdAt, isDefault }) =>
    [name, webSuffix, formatLocalTime(createdAt), isDefault ? "yes" : ""].map((cell) => escapeControls(cell)),
  );
  await writeTable(context.stdout, ["Name", "Web suffix", "Created at", "Default"], rows);
}
