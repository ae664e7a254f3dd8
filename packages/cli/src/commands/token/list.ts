import { escapeControls } from "@everdict/pickle/show";
import type { TokenInfo } from "@everdict/protocol";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { formatLocalTime } from "../../output/format-time.ts";
import { writeJson } from "../../output/write-json.ts";
import { writeTable } from "../../output/write-table.ts";
import { newCommand, runs } from "../new-command.ts";
import {
  addTokenPlaceOptions,
  type TokenPlaceOptions,
  tokenPlace,
  tokenPlaceDetails,
  withTokens,
} from "./with-tokens.ts";

/** `everdict token list` */
export function tokenListCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "list",
    summary: "List tokens, oldest first, never with their secrets",
    details: `${tokenPlaceDetails} The last use is known to about a minute.`,
    examples: ["everdict token list", "everdict token list --url https://dict.example"],
  });
  return addTokenPlaceOptions(command).action(
    runs(context, (options: TokenPlaceOptions) => list(context, options)),
  );
}

async function list(context: CliContext, options: TokenPlaceOptions): Promise<undefined> {
  const place = tokenPlace(context, options);
  const tokens = await withTokens(place, { ...options, mustExist: true }, (all) => all.list());
  if (context.json) {
    await writeJson(context.stdout, tokens.map(jsonOf));
    return;
  }
  const headings = ["Token id", "Name", "Role", "Environments", "Ends", "Last used", "Created at", "Note"];
  await writeTable(
    context.stdout,
    headings,
    tokens.map((token) => cellsOf(token).map((cell) => escapeControls(cell))),
  );
}

function cellsOf(token: TokenInfo): string[] {
  const { tokenId, name, role = "admin", environments, endsAtSeconds, note = "" } = token;
  const ended = endsAtSeconds !== undefined && endsAtSeconds * 1000 <= Date.now();
  const ends = endsAtSeconds === undefined ? "never" : `${ended ? "ended " : ""}${shown(endsAtSeconds)}`;
  const used = token.lastUsedAtSeconds === undefined ? "-" : shown(token.lastUsedAtSeconds);
  const where = environments?.join(", ") ?? "all";
  return [tokenId, name, role, where, ends, used, shown(token.createdAtSeconds), note];
}

function shown(seconds: number): string {
  return formatLocalTime(new Date(seconds * 1000));
}

function jsonOf(token: TokenInfo): unknown {
  const { tokenId, name, role = "admin", environments, note } = token;
  return {
    token_id: tokenId,
    name,
    role,
    environments: environments ?? null,
    ends_at: dateOf(token.endsAtSeconds),
    previous_secret_ends_at: dateOf(token.previousSecretEndsAtSeconds),
    last_used_at: dateOf(token.lastUsedAtSeconds),
    created_at: dateOf(token.createdAtSeconds),
    note: note ?? null,
  };
}

function dateOf(seconds: number | undefined): Date | null {
  return seconds === undefined ? null : new Date(seconds * 1000);
}
