import type { CliContext } from "./cli-context.ts";
import { type ExitStatus, exitCodeTable } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report-error.ts";

/**
 * Runs one command line and returns the exit status. `argv` is what follows the program's name. Never rejects: every
 * failure is shown on stderr and gives its status.
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<ExitStatus> {
  try {
    await createProgram(context).parseAsync(argv, { from: "user" });
    return exitCodeTable[context.outcome].status;
  } catch (error) {
    return exitCodeTable[reportError(context, error)].status;
  }
}
