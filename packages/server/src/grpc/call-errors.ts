import { createError, EverdictError, errorTable, Status } from "@everdict/protocol";
import type { Logger } from "pino";

/** Errors of calls that are none of their methods. */

/** The rest of a request does not come. */
export function stalledUpload(): EverdictError {
  return createError("deadline_exceeded", "no further part of the request came");
}

/** A call waits behind answers that its client leaves lying. */
export function stalledBehindOthers(mayBeApplied: boolean): EverdictError {
  const message = "the client does not take the answers of its other calls";
  return mayBeApplied
    ? createError("deadline_exceeded", `${message}; the call may have been applied`)
    : createError("overloaded", message, { retryAfterMs: 1000 });
}

/** What the client is told of what was thrown; what is no client's doing is logged. */
export function errorToSend(
  caught: unknown,
  { logger, rpc, hasBegun }: { readonly logger: Logger; readonly rpc: string; readonly hasBegun: boolean },
): EverdictError {
  if (!(caught instanceof EverdictError)) {
    logger.error({ rpc, err: caught }, "unexpected exception in an RPC");
    return createError("internal", "internal error; the server's log says more");
  }
  const { status } = errorTable[caught.code];
  const isDefect = status === Status.INTERNAL && hasBegun;
  if (isDefect || status === Status.DATA_LOSS) {
    logger.error({ rpc, code: caught.code, err: caught }, "an RPC failed");
  }
  return caught;
}
