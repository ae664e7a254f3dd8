import { escapeControls } from "@everdict/pickle/show";
import { EverdictError, errorFrom } from "@everdict/protocol";
import { CommanderError } from "commander";
import type { CliContext } from "./cli-context.ts";
import { CliError } from "./cli-error.ts";
import { type ExitReason, exitReasonFor } from "./exit-codes.ts";
import { isOpenFilesError, openFilesTrouble } from "./open-files.ts";

/** An error as it is shown. */
interface ShownError {
  readonly reason: ExitReason;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * Shows an error on stderr and returns the exit reason. It prints one line of text, and a second one that says what to
 * do if that is known; or one line of JSON. Stack traces appear only with `--debug`.
 */
export function reportError(context: CliContext, caught: unknown): ExitReason {
  if (caught instanceof CommanderError && caught.exitCode === 0) return "ok"; // --help and --version
  // A group called without a command has shown its help already.
  if (caught instanceof CommanderError && caught.code === "commander.help" && !context.json) return "usage";
  const { reason, code, message, hint } = describe(caught);
  if (context.json) {
    context.stderr.write(
      `${JSON.stringify({ error: { code, message, ...(hint === undefined ? {} : { hint }) } })}\n`,
    );
  } else {
    context.stderr.write(`error: ${escapeControls(message.trim())}\n`);
    if (hint !== undefined) context.stderr.write(`hint: ${hint}\n`);
  }
  if (context.debug) context.stderr.write(`${stackOf(caught)}\n`);
  return reason;
}

function describe(caught: unknown): ShownError {
  if (caught instanceof CliError) return caught;
  if (caught instanceof CommanderError) return describeUsage(caught);
  if (caught instanceof EverdictError) {
    return {
      reason: exitReasonFor(caught),
      code: caught.code,
      message: caught.message,
      hint: hintFor(caught),
    };
  }
  if (isOpenFilesError(caught)) return { reason: "unreachable", code: "cannot_start", ...openFilesTrouble() };
  const error = errorFrom(caught);
  return {
    reason: "failed",
    code: error.code,
    message: `unexpected: ${error.message}`,
    hint: "run the command again with --debug and report what it prints",
  };
}

const usageHints: Readonly<Record<string, string>> = {
  "commander.unknownOption":
    "options follow the command, as in `everdict dict list --url URL`; --help shows them",
};

/** Commander's text is `error: MESSAGE`, with a suggestion in parentheses on a second line. */
function describeUsage(error: CommanderError): ShownError {
  if (error.code === "commander.help") {
    return {
      reason: "usage",
      code: "usage",
      message: "a command is missing",
      hint: "add --help to see them",
    };
  }
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = rest
    .join(" ")
    .trim()
    .replace(/^\(|\)$/g, "");
  const isInvalid = error.code === "commander.invalidArgument";
  return {
    reason: "usage",
    code: "usage",
    message: isInvalid ? invalidArgument(first) : first,
    // The message about an argument says what would be right.
    hint: isInvalid ? undefined : suggestion || usageHints[error.code] || "add --help to see the usage",
  };
}

/** Commander repeats the option with its placeholder and the argument before it says what is wrong. */
function invalidArgument(message: string): string {
  const [, option, argument, what = message] =
    /^(?:option '(?:-\w, )?(\S+).*?' argument|command-argument value) '.*?' is invalid(?: for argument '(.+?)')?\. (.*)$/.exec(
      message,
    ) ?? [];
  const name = option ?? argument?.toUpperCase();
  return name === undefined || what.startsWith(name) ? what : `${name}: ${what}`;
}

/** A line that says what to type after an error; undefined if the message says it. */
function hintFor(error: EverdictError): string | undefined {
  switch (error.code) {
    case "deadline_exceeded":
      return error.cause === undefined ? "--timeout waits longer, for instance --timeout 10m" : undefined;
    case "unauthenticated":
      return "on the command line these are --token-id and --token-secret";
    case "permission_denied":
      return "`everdict token list` on the server's machine shows what a token may do";
    case "dict_not_found":
      return "`everdict dict list` shows those there are";
    case "environment_not_found":
      return "`everdict environment list` shows those there are";
    default:
      return undefined;
  }
}

function stackOf(caught: unknown): string {
  if (!(caught instanceof Error)) return String(caught);
  const cause = caught.cause === undefined ? "" : `\ncaused by: ${stackOf(caught.cause)}`;
  return `${caught.stack ?? caught.message}${cause}`;
}
