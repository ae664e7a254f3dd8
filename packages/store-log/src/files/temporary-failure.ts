/**
 * Failures that pass: the disk is full, or this process (or the machine) has no file descriptors left. Neither says
 * anything about earlier writes.
 */

import { createError, EverdictError } from "@everdict/protocol";

/** Whether an operation failed because the disk, or what its user may take of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** Whether an operation failed because no file can be opened at present. */
export function isOutOfDescriptors(error: unknown): boolean {
  const code = codeOf(error);
  return code === "EMFILE" || code === "ENFILE";
}

/**
 * The error for callers whose records were refused like that; none of the records was written. Undefined for any other
 * failure.
 */
export function refusalFor(cause: unknown): EverdictError | undefined {
  if (isDiskFull(cause)) return diskFullError(cause);
  if (!isOutOfDescriptors(cause)) return undefined;
  const message = "no file descriptor is left (`ulimit -n`): nothing of this was written";
  return createError("overloaded", message, { cause });
}

/** The error for a write that would need room on a full disk. */
export function diskFullError(cause?: unknown): EverdictError {
  return createError("store_full", "the disk is full: nothing of this was written; removals go on", {
    cause,
  });
}

/** Whether a call was refused because the disk is full. */
export function isStoreFull(error: unknown): boolean {
  return error instanceof EverdictError && error.code === "store_full";
}

/** A failure before the flush: the system has refused bytes, and no flush has been asked for. */
export class Unwritten extends Error {
  constructor(cause: unknown) {
    super("not written", { cause });
  }
}

/** Throws on a failure to write as an `Unwritten`. */
export function markUnwritten(cause: unknown): never {
  throw new Unwritten(cause);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
