import { processContext } from "./cli-context.ts";
import { CliError } from "./cli-error.ts";
import { exitCodeTable } from "./exit-codes.ts";
import { systemReason } from "./input/read-text.ts";
import { reportError } from "./report-error.ts";
import { runCli } from "./run-cli.ts";

const argv = process.argv.slice(2);
const context = processContext(argv);

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (context.onOutputError !== undefined) {
    context.onOutputError(error);
    return;
  }
  // A reader that has seen enough (`everdict dict items jobs | head`) closes the pipe; that is no failure.
  if (error.code === "EPIPE") process.exit(exitCodeTable.ok.status);
  const failure = new CliError("failed", `cannot write the result: ${systemReason(error)}`, { cause: error });
  process.exit(exitCodeTable[reportError(context, failure)].status);
});

// What was to be said there cannot be said anywhere else. The status says what it says.
process.stderr.on("error", () => {});

process.exitCode = await runCli(argv, context);
