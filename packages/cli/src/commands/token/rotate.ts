import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { previousSecretLifeMs } from "@everdict/protocol";
import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { parseDurationMs } from "../../input/parse-duration.ts";
import { newCommand, parsedOption, runs } from "../new-command.ts";
import { reportSecret } from "./report-secret.ts";
import {
  addTokenPlaceOptions,
  type TokenPlace,
  type TokenPlaceOptions,
  tokenNotFound,
  tokenPlace,
  tokenPlaceDetails,
  withTokens,
} from "./with-tokens.ts";

interface RotateOptions extends TokenPlaceOptions {
  /** Milliseconds; false: not at all. */
  readonly keepOld?: number | false;
}

/** `everdict token rotate TOKEN_ID` */
export function tokenRotateCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "rotate",
    summary: "Give a token a new secret and print it, once",
    details:
      "The secret before stays valid for a day unless you say otherwise, so that clients can be given the new one " +
      `without a pause. Rotating again within that time ends the oldest at once. ${tokenPlaceDetails}`,
    examples: [
      "everdict token rotate ak-Example123",
      "everdict token rotate ak-Example123 --keep-old 1h",
      "everdict token rotate ak-Example123 --no-keep-old",
    ],
  })
    .argument("<token-id>", "the id of the token, ak-…")
    .addOption(
      parsedOption(
        "--keep-old <duration>",
        "how long the secret before stays valid (default: 1d)",
        parseDurationMs,
      ),
    )
    .option("--no-keep-old", "end the secret before at once, for one that somebody has seen");
  return addTokenPlaceOptions(command).action(
    runs(context, (tokenId: string, options: RotateOptions) => rotate(context, tokenId, options)),
  );
}

async function rotate(context: CliContext, tokenId: string, options: RotateOptions): Promise<ExitReason> {
  const { keepOld } = options;
  const lifeMs = typeof keepOld === "number" ? keepOld : keepOld === false ? 0 : previousSecretLifeMs;
  const place = tokenPlace(context, options);
  const rotated = await withTokens(place, { ...options, mustExist: true }, (tokens) =>
    tokens.rotate(tokenId, lifeMs),
  );
  if (rotated === undefined) throw tokenNotFound(tokenId);
  const oldEndsAt = new Date(Date.now() + lifeMs);
  const remark = `The new secret is not shown again. The old one ends ${lifeMs === 0 ? "now" : `at ${oldEndsAt.toISOString()}`}.`;
  await reportSecret(context, rotated, { old_secret_ends_at: oldEndsAt }, remark);
  const stale = await staleCredentials(place, tokenId);
  if (stale !== undefined) context.stderr.write(`The file ${stale} still has the old secret.\n`);
  return "ok";
}

/** The file that the first start wrote, if it is this token's. */
async function staleCredentials(place: TokenPlace, tokenId: string): Promise<string | undefined> {
  if (place.kind !== "directory") return undefined;
  const path = join(place.directory, "credentials");
  const content = await readFile(path, "utf8").catch(() => "");
  return content.includes(`"${tokenId}"`) ? path : undefined;
}
