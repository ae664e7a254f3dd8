import { userInfo } from "node:os";
import { type Role, roles } from "@everdict/protocol";
import { type Command, Option } from "commander";
import type { CliContext } from "../../cli-context.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { parseDurationMs } from "../../input/parse-duration.ts";
import { newCommand, parsedOption, runs } from "../new-command.ts";
import { reportSecret } from "./report-secret.ts";
import {
  addTokenPlaceOptions,
  type TokenPlaceOptions,
  tokenPlace,
  tokenPlaceDetails,
  withTokens,
} from "./with-tokens.ts";

interface CreateOptions extends TokenPlaceOptions {
  readonly role: Role;
  readonly environment?: readonly string[];
  /** Milliseconds from now. */
  readonly expires?: number;
  readonly note?: string;
}

/** `everdict token create [NAME]` */
export function tokenCreateCommand(context: CliContext): Command {
  const command = newCommand(context, {
    name: "create",
    summary: "Create a token and print its secret, once",
    details: `${tokenPlaceDetails} The secret is kept nowhere: note it now.`,
    examples: [
      "everdict token create ci",
      'everdict token create dashboard --role read-only --environment main --expires 30d --note "wall display"',
      "everdict token create laptop --data-dir /srv/everdict",
      "everdict token create ci --role read-write --url https://dict.example",
    ],
  })
    .argument("[name]", "who it is for; signs what is created with it", systemUser())
    .addOption(
      new Option("-r, --role <role>", "what it may do: everything, entries and dicts, or reading only")
        .choices(roles)
        .default("admin"),
    )
    .option("-e, --environment <name>", "only in this environment; may be given several times", gathered)
    .addOption(
      parsedOption("--expires <duration>", "how long it is valid, for instance 30d", parseDurationMs),
    )
    .option("--note <text>", "what it is for, shown by `everdict token list`");
  return addTokenPlaceOptions(command).action(
    runs(context, (name: string, options: CreateOptions) => create(context, name, options)),
  );
}

async function create(context: CliContext, name: string, options: CreateOptions): Promise<ExitReason> {
  const { role, environment: environments, expires, note } = options;
  const endsAtSeconds = expires === undefined ? undefined : Math.round((Date.now() + expires) / 1000);
  const token = { name, role, environments, endsAtSeconds, note };
  const place = tokenPlace(context, options);
  const created = await withTokens(place, { ...options, mustExist: false }, (tokens) => tokens.create(token));
  await reportSecret(
    context,
    created,
    { name },
    `Created token for '${name}'. The secret is not shown again.`,
  );
  return "ok";
}

function gathered(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

/** The user who runs this, where the system knows one: some containers have none. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return "admin";
  }
}
