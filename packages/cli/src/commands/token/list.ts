import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { addDataDirectoryOption, type DataDirectoryOptions } from "../../data-directory.ts";
import { escapeControls } from "../../output/escape-controls.ts";
import { formatLocalTime } from "../../output/format-time.ts";
import { writeJson } from "../../output/write-json.ts";
import { writeTable } from "../../output/write-table.ts";
import { addCommonOptions, newCommand, runs } from "../new-command.ts";
import { openTokens } from "./open-tokens.ts";

/** `everdict token list` */
export function tokenListCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "list",
    summary: "List tokens, oldest first, never with their secrets",
    examples: ["everdict token list"],
  });
  return addCommonOptions(addDataDirectoryOption(command)).action(
    runs(context, (options: DataDirectoryOptions) => list(context, options)),
  );
}

async function list(context: CliContext, options: DataDirectoryOptions): Promise<undefined> {
  const tokens = await openTokens(context, options, { mustExist: true });
  const rows = (await tokens.list()).map(({ tokenId, name, createdAtSeconds }) => ({
    tokenId,
    name,
    createdAt: new Date(createdAtSeconds * 1000),
  }));
  if (context.json) {
    const json = rows.map(({ tokenId, name, createdAt }) => ({
      token_id: tokenId,
      name,
      created_at: createdAt,
    }));
    await writeJson(context.stdout, json);
    return;
  }
  await writeTable(
    context.stdout,
    ["Token id", "Name", "Created at"],
    rows.map(({ tokenId, name, createdAt }) => [tokenId, escapeControls(name), formatLocalTime(createdAt)]),
  );
}
