/**
 * The one place that decides how commands behave: errors, help, and the options that several commands share.
 *
 * Commander's settings are not inherited through `addCommand`, so every command is made here.
 */

import { Command, InvalidArgumentError, Option } from "commander";
import type { CliContext } from "../cli-context.ts";
import { CliError } from "../cli-error.ts";
import type { ExitReason } from "../exit-codes.ts";

/** What every command must say about itself. */
export interface CommandText {
  readonly name: string;
  /** One line, shown in the parent's list and at the top of the command's own help. */
  readonly summary: string;
  /** More, where the summary does not say it all. */
  readonly details?: string;
  /** Lines that can be pasted into a shell, the most common first. */
  readonly examples: readonly string[];
}

/** Makes a command with the house's error handling and help. */
export function newCommand(context: CliContext, text: CommandText): Command {
  const details = text.details === undefined ? "" : `\n\n${text.details}`;
  const examples = text.examples.map((example) => `  ${example}`).join("\n");
  return new Command(text.name)
    .summary(text.summary)
    .description(`${text.summary}.${details}`)
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: (line) => void context.stdout.write(line),
      writeErr: (line) => void context.stderr.write(line),
      // Usage errors reach the caller as CommanderError and are shown there, like any other error.
      outputError: () => {},
      getOutHelpWidth: () => context.stdout.columns || 100,
      getErrHelpWidth: () => context.stderr.columns || 100,
    })
    .exitOverride()
    .addHelpText("after", `\nExample${text.examples.length === 1 ? "" : "s"}:\n${examples}`);
}

/** Makes a command that only holds others; called without one it shows its help and fails as a usage error. */
export function newGroup(context: CliContext, text: CommandText, commands: readonly Command[]): Command {
  const group = newCommand(context, text)
    .usage("COMMAND")
    .helpCommand("help [command]", "show the help of a command");
  for (const command of commands) group.addCommand(command);
  return group;
}

/** Options of every command, to be added last. */
export function addCommonOptions(command: Command): Command {
  return command
    .optionsGroup("Common options:")
    .option("--json", "print the result, and errors, as JSON")
    .option("--debug", "show stack traces with errors (also EVERDICT_DEBUG=1)");
}

/** Lets a command carry out `action` and remembers what it reported; nothing reported means done. */
export function runs<Arguments extends unknown[]>(
  context: CliContext,
  action: (...values: Arguments) => Promise<ExitReason | undefined>,
): (...values: Arguments) => Promise<void> {
  return async (...values) => {
    context.outcome = (await action(...values)) ?? "ok";
  };
}

/** An option whose value is read by `parse`; commander then names the option in the error. */
export function parsedOption<Value>(
  flags: string,
  description: string,
  parse: (text: string) => Value,
): Option {
  return new Option(flags, description).argParser((text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof CliError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  });
}
