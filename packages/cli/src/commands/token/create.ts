import { userInfo } from "node:os";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { addDataDirectoryOption, type DataDirectoryOptions } from "../../data-directory.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { reportResult } from "../../output/report-result.ts";
import { addCommonOptions, newCommand, runs } from "../new-command.ts";
import { openTokens } from "./open-tokens.ts";

/** `everdict token create [NAME]` */
export function tokenCreateCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "create",
    summary: "Create a token and print its secret, once",
    details:
      "Works on the data directory, also while a server runs on it. The secret is kept nowhere: note it now.",
    examples: ["everdict token create ci", "everdict token create laptop --data-dir /srv/everdict"],
  }).argument("[name]", "who it is for; signs what is created with it", systemUser());
  return addCommonOptions(addDataDirectoryOption(command)).action(
    runs(context, (name: string, options: DataDirectoryOptions) => create(context, name, options)),
  );
}

async function create(context: CliContext, name: string, options: DataDirectoryOptions): Promise<ExitReason> {
  const tokens = await openTokens(context, options, { mustExist: false });
  const { tokenId, tokenSecret } = await tokens.create({ name });
  await reportResult(
    context,
    { name, token_id: tokenId, token_secret: tokenSecret },
    `MODAL_TOKEN_ID=${tokenId}\nMODAL_TOKEN_SECRET=${tokenSecret}`,
  );
  if (!context.json) context.stderr.write(`Created token for '${name}'. The secret is not shown again.\n`);
  return "ok";
}

/** The user who runs this, where the system knows one: some containers have none. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "admin";
  }
}
