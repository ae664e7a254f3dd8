import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { addConnectionOptions } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addCommonOptions, type CommandText, newCommand, runs } from "../new-command.ts";

/**
 * Makes a command of the `environment` group. `describe` adds its arguments and options; `action` receives the
 * arguments and, last, the options.
 */
export function environmentCommand<Arguments extends unknown[]>(
  context: CliContext,
  text: CommandText,
  describe: (command: Command) => Command,
  action: (...values: Arguments) => Promise<ExitReason | undefined>,
): Command {
  const command = describe(newCommand(context, text));
  return addCommonOptions(addConnectionOptions(command)).action(runs(context, action));
}
