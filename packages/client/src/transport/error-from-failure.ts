/**
 * Maps a failed call to an error of the table.
 *
 * Our server names the code in the trailer `x-everdict-code`. Modal's cloud sends only a gRPC status and a text,
 * so there the status decides, and where it is not enough the form of the text (protocol sections 1.5, 2.2 and
 * 2.9).
 */

import { createError, type ErrorCode, type EverdictError, Status, type StatusCode } from "@everdict/protocol";
import type { GrpcFailure } from "./grpc-failure.ts";

/** What kind of thing a call is about, which tells whose absence or presence a status means. */
export type CallSubject = "dict" | "environment";

/** Turns a failed call into the error a program sees; the failure is its cause. */
export function errorFromFailure(failure: GrpcFailure, subject: CallSubject): EverdictError {
  const code = failure.everdictCode ?? codeFromStatus(failure.status, failure.message, subject);
  const message =
    readable(failure.message) || `the server answered status ${failure.status} without a message`;
  return createError(code, message, { cause: failure, retryAfterMs: failure.retryAfterMs });
}

// grpc-js wraps the reason why it cannot connect in words about its own workings.
function readable(message: string): string {
  const reason = /^No connection established\. Last error: (?:Error: )?(.+?)\.? Resolution note:/s.exec(
    message,
  )?.[1];
  return reason === undefined ? message : `cannot connect: ${reason}`;
}

// The first is what Modal's client looks for, whatever the status; the others are how gRPC libraries word the
// same HTTP answer and a message over the receiver's limit.
const tooLarge = /status = '413'|HTTP status code 413|message larger than max/i;

function codeFromStatus(status: StatusCode, message: string, subject: CallSubject): ErrorCode {
  if (tooLarge.test(message)) return "request_too_large";
  switch (status) {
    case Status.NOT_FOUND:
      return subject === "environment" || missingEnvironment.test(message)
        ? "environment_not_found"
        : "dict_not_found";
    case Status.ALREADY_EXISTS:
      return subject === "environment" ? "environment_exists" : "dict_exists";
    case Status.INVALID_ARGUMENT:
      return /^Invalid (Dict|environment) name/i.test(message) ? "invalid_name" : "invalid_argument";
    default:
      return codes[status] ?? "unknown";
  }
}

const missingEnvironment = /^(environment\b.*\bnot found|no such environment)/i;

const codes: Partial<Record<StatusCode, ErrorCode>> = {
  [Status.CANCELLED]: "cancelled",
  [Status.UNKNOWN]: "unknown",
  [Status.DEADLINE_EXCEEDED]: "deadline_exceeded",
  [Status.PERMISSION_DENIED]: "permission_denied",
  [Status.RESOURCE_EXHAUSTED]: "overloaded",
  [Status.FAILED_PRECONDITION]: "conflict",
  [Status.ABORTED]: "conflict",
  [Status.OUT_OF_RANGE]: "invalid_argument",
  [Status.UNIMPLEMENTED]: "unimplemented",
  [Status.INTERNAL]: "internal",
  [Status.UNAVAILABLE]: "unavailable",
  [Status.DATA_LOSS]: "data_loss",
  [Status.UNAUTHENTICATED]: "unauthenticated",
};
