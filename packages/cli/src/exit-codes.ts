/**
 * The meaning of the command's exit status, decided in one place.
 *
 * A script asks one question first: did it work, was the answer "no", or did something fail? Hence 1 is kept
 * for "no" alone, and failures tell apart what the caller can do about them: fix the command (2), try later or
 * elsewhere (3), get other credentials (4), look into the logs (5).
 */

import { type ErrorClassName, type EverdictError, errorTable } from "@everdict/protocol";

/** Every exit status with its meaning; help texts, README and tests derive from it. */
export const exitCodeTable = {
  ok: { status: 0, meaning: "done" },
  no: {
    status: 1,
    meaning:
      "the answer is no: key absent, entry not written, sum out of bounds, dict or environment not found or there already, prompt declined",
  },
  usage: {
    status: 2,
    meaning:
      "the command cannot be carried out as given: arguments, names, values or sizes are not acceptable, or nothing says where to connect; nothing was changed",
  },
  unreachable: {
    status: 3,
    meaning:
      "no service: it cannot be reached, is overloaded or did not answer in time (the outcome of a write is then unknown); `serve` could not start",
  },
  refused: { status: 4, meaning: "credentials missing, wrong, revoked or not sufficient" },
  failed: {
    status: 5,
    meaning: "failure: stored data cannot be read, the store is full or damaged, or a defect",
  },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

/** The name of an exit status. */
export type ExitReason = keyof typeof exitCodeTable;

/** The number the process exits with. */
export type ExitStatus = (typeof exitCodeTable)[ExitReason]["status"];

// One row per class, so that a class added to the error table does not compile until it is decided here.
const reasonByClass: Record<Exclude<ErrorClassName, "ServiceError">, ExitReason> = {
  NotFoundError: "no",
  AlreadyExistsError: "no",
  KeyError: "no",
  InvalidError: "usage",
  RequestSizeError: "usage",
  SerializationError: "usage",
  AuthError: "refused",
  PermissionDeniedError: "refused",
  DeserializationError: "failed",
};

/**
 * The exit reason that belongs to an error of the error table.
 *
 * Service errors split by their retry rule: an error after which a repeat may succeed means that there was no answer.
 * `internal` is a defect whatever its retry rule, and a locked store is one that cannot be reached.
 */
export function exitReasonFor(error: EverdictError): ExitReason {
  const { className, retry } = errorTable[error.code];
  if (className !== "ServiceError") return reasonByClass[className];
  if (error.code === "internal") return "failed";
  if (error.code === "store_locked") return "unreachable";
  return retry === "never" ? "failed" : "unreachable";
}
