import { processContext } from "./cli-context.ts";
import { CliError } from "./cli-error.ts";
import { type ExitStatus, exitCodeTable } from "./exit-codes.ts";
import { systemReason } from "./input/system-reason.ts";
import { reportError } from "./report-error.ts";
import { runCli } from "./run-cli.ts";

const argv = process.argv.slice(2);
const context = processContext(argv);

let outputFailure: ExitStatus | undefined;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (context.onOutputError !== undefined) {
    context.onOutputError(error);
    return;
  }
  // A reader that has seen enough (`everdict dict items jobs | head`) closes the pipe; that is no failure, and the status
  // is that of the answer.
  if (error.code === "EPIPE" || outputFailure !== undefined) return;
  const failure = new CliError("failed", `cannot write the result: ${systemReason(error)}`, { cause: error });
  outputFailure = exitCodeTable[reportError(context, failure)].status;
  process.exitCode = outputFailure;
});

const status = await runCli(argv, context);
process.exitCode = outputFailure ?? status;
