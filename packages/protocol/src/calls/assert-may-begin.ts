import { createError } from "../errors.ts";
import type { CallOptions } from "../service.ts";

/**
 * The guard before a call begins. A call that was given up before it began does nothing.
 *
 * @throws `cancelled`, `deadline_exceeded`, `invalid_argument` for a timeout that is not a number
 */
export function assertMayBegin(options: CallOptions | undefined): void {
  if (options === undefined) return;
  if (options.signal?.aborted) {
    const cause: unknown = options.signal.reason;
    throw createError("cancelled", "the call was cancelled before it began; nothing was done", { cause });
  }
  const { timeoutMs } = options;
  if (timeoutMs === undefined || timeoutMs > 0) return;
  if (Number.isNaN(timeoutMs)) throw createError("invalid_argument", "timeoutMs is not a number");
  // A call of several requests has done the earlier ones.
  throw createError(
    "deadline_exceeded",
    "the time of the call was over before this request began; it did nothing",
  );
}
