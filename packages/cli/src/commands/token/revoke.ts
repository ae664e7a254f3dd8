import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { CliError } from "../../cli-error.ts";
import { addDataDirectoryOption, type DataDirectoryOptions } from "../../data-directory.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { confirm } from "../../input/confirm.ts";
import { reportResult } from "../../output/report-result.ts";
import { addCommonOptions, newCommand, runs } from "../new-command.ts";
import { openTokens } from "./open-tokens.ts";

interface RevokeOptions extends DataDirectoryOptions {
  readonly yes?: boolean;
}

/** `everdict token revoke TOKEN_ID` */
export function tokenRevokeCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "revoke",
    summary: "Make a token invalid",
    details: "A running server refuses it within a second.",
    examples: ["everdict token revoke ak-Example123 --yes"],
  })
    .argument("<token-id>", "the id of the token, ak-…")
    .option("-y, --yes", "do not ask");
  return addCommonOptions(addDataDirectoryOption(command)).action(
    runs(context, (tokenId: string, options: RevokeOptions) => revoke(context, tokenId, options)),
  );
}

async function revoke(context: CliContext, tokenId: string, options: RevokeOptions): Promise<ExitReason> {
  await confirm(context, `Make the token '${tokenId}' invalid?`, options.yes);
  const tokens = await openTokens(context, options, { mustExist: true });
  if (!(await tokens.revoke(tokenId))) {
    throw new CliError("no", `there is no token '${tokenId}'`, {
      code: "token_not_found",
      hint: "`everdict token list` shows those there are",
    });
  }
  await reportResult(context, { token_id: tokenId, revoked: true }, `Revoked token '${tokenId}'.`);
  return "ok";
}
