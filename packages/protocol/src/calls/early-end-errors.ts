import { createError, type EverdictError } from "../errors.ts";

/** What is known of a call that was sent and has no answer. */
export const mayHaveBeenApplied = "the call may have been applied";

/** The error of a call whose caller gave up. */
export function callerGaveUp(rest: string, reason: unknown): EverdictError {
  return createError("cancelled", `the caller gave up${rest}`, { cause: reason });
}

/** The error of a call whose time is over, with why it took so long if that is known. */
export function tooLate(timeoutMs: number, rest: string, trouble?: EverdictError): EverdictError {
  const why = trouble === undefined ? "" : `: ${trouble.message}`;
  // What is left of a longer time is no whole number, and may be less than nothing.
  const withinMs = Math.max(0, Math.round(timeoutMs));
  return createError("deadline_exceeded", `no answer within ${withinMs} ms${rest}${why}`, { cause: trouble });
}
