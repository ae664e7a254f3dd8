import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { type ConnectionOptions, withClient } from "../../connection.ts";
import { reportResult } from "../../output/report-result.ts";
import { environmentCommand } from "./environment-command.ts";

/** `everdict environment create NAME` */
export function environmentCreateCommand(context: CliContext): Command {
  return environmentCommand(
    context,
    { name: "create", summary: "Create an environment", examples: ["everdict environment create staging"] },
    (command) => command.argument("<name>", "the name of the environment"),
    async (name: string, options: ConnectionOptions) => {
      await withClient(context, options, (client) => client.environments.create(name));
      await reportResult(context, { name, created: true }, `Created environment '${name}'.`);
      return "ok";
    },
  );
}
