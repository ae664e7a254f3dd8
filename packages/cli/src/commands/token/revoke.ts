import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { confirm } from "../../input/confirm.ts";
import { reportResult } from "../../output/report-result.ts";
import { newCommand, runs } from "../new-command.ts";
import {
  addTokenPlaceOptions,
  type TokenPlaceOptions,
  tokenNotFound,
  tokenPlace,
  tokenPlaceDetails,
  withTokens,
} from "./with-tokens.ts";

interface RevokeOptions extends TokenPlaceOptions {
  readonly yes?: boolean;
}

/** `everdict token revoke TOKEN_ID` */
export function tokenRevokeCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "revoke",
    summary: "Make a token invalid",
    details: `A running server refuses it within a second, and ends what is under way for it. ${tokenPlaceDetails}`,
    examples: [
      "everdict token revoke ak-Example123 --yes",
      "everdict token revoke ak-Example123 --url https://dict.example",
    ],
  })
    .argument("<token-id>", "the id of the token, ak-…")
    .option("-y, --yes", "do not ask");
  return addTokenPlaceOptions(command).action(
    runs(context, (tokenId: string, options: RevokeOptions) => revoke(context, tokenId, options)),
  );
}

async function revoke(context: CliContext, tokenId: string, options: RevokeOptions): Promise<ExitReason> {
  const place = tokenPlace(context, options);
  await confirm(context, `Make the token '${tokenId}' invalid?`, options.yes);
  const found = await withTokens(place, { ...options, mustExist: true }, (tokens) => tokens.revoke(tokenId));
  if (!found) throw tokenNotFound(tokenId);
  await reportResult(context, { token_id: tokenId, revoked: true }, `Revoked token '${tokenId}'.`);
  return "ok";
}
