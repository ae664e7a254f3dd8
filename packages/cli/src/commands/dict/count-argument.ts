import { Argument, type Command, InvalidArgumentError } from "commander";
import type { CliContext } from "../../cli-context.ts";
import { CliError } from "../../cli-error.ts";
import { parseCount } from "../../input/parse-count.ts";

/** How much to show. */
export interface CountOptions {
  readonly all?: boolean;
}

const shownOnTerminal = 20;

/** Adds the argument and the option that say how much to show. */
export function countArgument(command: Command): Command {
  const count = new Argument(
    "[count]",
    `how many to show (default: ${shownOnTerminal} on a terminal, else all)`,
  );
  return command.addArgument(count.argParser(parse)).option("-a, --all", "show all");
}

/** How many entries to show. Only a person gets an extract: what is piped on, or is JSON, is complete. */
export function shownCount(context: CliContext, count: number | undefined, { all }: CountOptions): number {
  if (count !== undefined) return count;
  const isForPerson = context.stdout.isTTY === true && !context.json;
  return isForPerson && all !== true ? shownOnTerminal : Number.POSITIVE_INFINITY;
}

function parse(text: string): number {
  try {
    return parseCount(text, "COUNT", { min: 0, max: Number.MAX_SAFE_INTEGER });
  } catch (error) {
    throw error instanceof CliError ? new InvalidArgumentError(error.message) : error;
  }
}
