export { type CliContext, type CliInput, type CliOutput, processContext } from "./cli-context.ts";
export { type ExitReason, type ExitStatus, exitCodeTable } from "./exit-codes.ts";
export { runCli } from "./run-cli.ts";
