import type { Readable, Writable } from "node:stream";
import type { ExitReason } from "./exit-codes.ts";

/** An input stream as the command sees it. */
export type CliInput = Readable & { readonly isTTY?: boolean };
/** An output stream as the command sees it. */
export type CliOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything that a command touches outside itself. It is passed in, so that tests control it. */
export interface CliContext {
  readonly stdin: CliInput;
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
  /** The environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** `--json` was given: results and errors are JSON. */
  readonly json: boolean;
  /** `--debug` or `EVERDICT_DEBUG=1`: errors come with their stack. */
  readonly debug: boolean;
  /** Called when a result cannot be written, which then does not change the status. Default: it decides the status. */
  onOutputError?: (error: Error) => void;
  /** What a command's action reported; read when the command has run. */
  outcome: ExitReason;
}

/** The context of this process. `argv` is what follows the program's name. */
export function processContext(argv: readonly string[]): CliContext {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    variables: process.env,
    ...outputFlags(argv, process.env),
    outcome: "ok",
  };
}

/**
 * Reads the two flags that decide how errors are shown, before the arguments are parsed, because they apply to usage
 * errors, too. An argument after `--` is never a flag.
 */
export function outputFlags(
  argv: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): { json: boolean; debug: boolean } {
  const end = argv.indexOf("--");
  const flags = end === -1 ? argv : argv.slice(0, end);
  return {
    json: flags.includes("--json"),
    debug: flags.includes("--debug") || variables.EVERDICT_DEBUG === "1",
  };
}
