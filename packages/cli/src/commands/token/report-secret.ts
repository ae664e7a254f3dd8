import type { CreatedToken } from "@everdict/protocol";
import type { CliContext } from "../../cli-context.ts";
import { reportResult } from "../../output/report-result.ts";

/** Prints a token's credentials, the only time they are shown: as lines that a shell takes, or as JSON. */
export async function reportSecret(
  context: CliContext,
  { tokenId, tokenSecret }: CreatedToken,
  json: Readonly<Record<string, unknown>>,
  remark: string,
): Promise<void> {
  await reportResult(
    context,
    { ...json, token_id: tokenId, token_secret: tokenSecret },
    `MODAL_TOKEN_ID=${tokenId}\nMODAL_TOKEN_SECRET=${tokenSecret}`,
  );
  if (!context.json) context.stderr.write(`${remark}\n`);
}
