import type { ExitReason } from "./exit-codes.ts";

/** An expected failure of the command itself: shown as one line, with a hint on a second if there is one. */
export class CliError extends Error {
  /** Decides the exit status. */
  readonly reason: ExitReason;
  /** Stable word for `--json` output, where no code of the error table applies. */
  readonly code: string;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(
    reason: ExitReason,
    message: string,
    details: { readonly code?: string; readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "CliError";
    this.reason = reason;
    this.code = details.code ?? (reason === "no" ? "no" : reason === "usage" ? "usage" : "failed");
    this.hint = details.hint;
  }
}

/** The command was given something it cannot work with. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError("usage", message, hint === undefined ? {} : { hint });
}
