import type { Command } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { addConnectionOptions, addEnvironmentOption } from "../../connection.ts";
import type { ExitReason } from "../../exit-codes.ts";
import { addCommonOptions, type CommandText, newCommand, runs } from "../new-command.ts";

/**
 * Makes a command of the `dict` group. `describe` adds its arguments and options; `action` receives the arguments
 * and, last, the options.
 */
export function dictCommand<Arguments extends unknown[]>(
  context: CliContext,
  text: CommandText,
  describe: (command: Command) => Command,
  action: (...values: Arguments) => Promise<ExitReason | undefined>,
): Command {
  const command = describe(newCommand(context, text));
  return addCommonOptions(addConnectionOptions(addEnvironmentOption(command))).action(runs(context, action));
}
