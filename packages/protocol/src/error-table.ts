import { Status, type StatusCode } from "./status.ts";

/**
 * What a caller may do after an error.
 *
 * - `never`: the same call fails the same way; nothing was changed.
 * - `after-backoff`: refused before any work; repeat after a pause.
 * - `if-idempotent`: the outcome is unknown, the call may have been applied; repeat only operations that are
 *   naturally repeatable, or under the same idempotency key.
 */
export type RetryRule = "never" | "after-backoff" | "if-idempotent";

/** The error classes a program may catch. Names are those that users of Modal know. */
export type ErrorClassName =
  | "NotFoundError"
  | "AlreadyExistsError"
  | "KeyError"
  | "InvalidError"
  | "AuthError"
  | "PermissionDeniedError"
  | "RequestSizeError"
  | "SerializationError"
  | "DeserializationError"
  | "ServiceError";

/** One row of {@link errorTable}. */
export interface ErrorRule {
  /** The gRPC status it travels as. */
  readonly status: StatusCode;
  /** What a caller may do. */
  readonly retry: RetryRule;
  /** The class a TypeScript program catches. */
  readonly className: ErrorClassName;
  /** When it happens and what to do, as printed in docs/errors.md. */
  readonly meaning: string;
}

/**
 * Every error there is. Codes are stable between major versions, messages are not. The server's status
 * mapping, the client's classes and retry policy, docs/errors.md and the tests derive from this table.
 */
export const errorTable = {
  dict_not_found: {
    status: Status.NOT_FOUND,
    retry: "never",
    className: "NotFoundError",
    meaning:
      "No dictionary has this name or id, or it was deleted. Create it, or pass `createIfMissing: true`.",
  },
  environment_not_found: {
    status: Status.NOT_FOUND,
    retry: "never",
    className: "NotFoundError",
    meaning: "No environment has this name. `everdict environment list` shows those there are.",
  },
  dict_exists: {
    status: Status.ALREADY_EXISTS,
    retry: "never",
    className: "AlreadyExistsError",
    meaning: "A dictionary of this name exists and the call asked to fail in that case.",
  },
  environment_exists: {
    status: Status.ALREADY_EXISTS,
    retry: "never",
    className: "AlreadyExistsError",
    meaning: "An environment of this name exists already.",
  },
  key_not_found: {
    status: Status.NOT_FOUND,
    retry: "never",
    className: "KeyError",
    meaning:
      "`pop` without a default found no live entry. Raised by the client; on the wire absence is an answer.",
  },
  invalid_argument: {
    status: Status.INVALID_ARGUMENT,
    retry: "never",
    className: "InvalidError",
    meaning: "An argument is of the wrong kind or out of range. The message names the value and the rule.",
  },
  invalid_name: {
    status: Status.INVALID_ARGUMENT,
    retry: "never",
    className: "InvalidError",
    meaning: "A dictionary or environment name breaks the naming rules. The message states them.",
  },
  invalid_key: {
    status: Status.INVALID_ARGUMENT,
    retry: "never",
    className: "InvalidError",
    meaning: "A value cannot be used as a key because its bytes would not be the same every time.",
  },
  not_a_number: {
    status: Status.FAILED_PRECONDITION,
    retry: "never",
    className: "InvalidError",
    meaning:
      "The entry that was to be counted up or down holds something else than a number. Nothing was changed.",
  },
  out_of_bounds: {
    status: Status.FAILED_PRECONDITION,
    retry: "never",
    className: "InvalidError",
    meaning: "The sum would be outside of the bounds of the call. Nothing was changed.",
  },
  unsupported: {
    status: Status.FAILED_PRECONDITION,
    retry: "never",
    className: "InvalidError",
    meaning:
      "This place cannot do that: Modal's cloud knows only Modal's calls, and a cluster changes keys together only if they are " +
      "in one shard. Nothing was sent or changed. The message says what helps.",
  },
  not_configured: {
    status: Status.FAILED_PRECONDITION,
    retry: "never",
    className: "InvalidError",
    meaning:
      "The client was not told where to connect, or cannot connect as it was told: a certificate that is not trusted, TLS " +
      "where there is none. The message says what to set.",
  },
  value_too_large: {
    status: Status.RESOURCE_EXHAUSTED,
    retry: "never",
    className: "RequestSizeError",
    meaning: "A value is larger than the server accepts (100 MiB unless configured).",
  },
  key_too_large: {
    status: Status.RESOURCE_EXHAUSTED,
    retry: "never",
    className: "RequestSizeError",
    meaning: "A key is larger than the server accepts (256 KiB unless configured).",
  },
  too_many_entries: {
    status: Status.RESOURCE_EXHAUSTED,
    retry: "never",
    className: "RequestSizeError",
    meaning: "One request holds more entries than the server accepts (10,000 unless configured).",
  },
  request_too_large: {
    status: Status.RESOURCE_EXHAUSTED,
    retry: "never",
    className: "RequestSizeError",
    meaning: "The whole request is larger than the server accepts.",
  },
  unauthenticated: {
    status: Status.UNAUTHENTICATED,
    retry: "never",
    className: "AuthError",
    meaning: "The token id or secret is missing, unknown, revoked or past its end.",
  },
  permission_denied: {
    status: Status.PERMISSION_DENIED,
    retry: "never",
    className: "PermissionDeniedError",
    meaning:
      "The token is valid, but its role or its environments do not allow this (see docs/security.md); or the system does not " +
      "let this process use the directory of a `file:` URL. Nothing was changed.",
  },
  serialization_failed: {
    status: Status.INVALID_ARGUMENT,
    retry: "never",
    className: "SerializationError",
    meaning: "A value cannot be written as a pickle. The message gives the path to the part that cannot.",
  },
  deserialization_failed: {
    status: Status.INVALID_ARGUMENT,
    retry: "never",
    className: "DeserializationError",
    meaning:
      "Stored bytes cannot be read as a value. The message says what was found and where, and names the key if it is known. " +
      "With its option `onUndecodable` an iteration goes on past such entries. `Client.connect({ codec: { … } })` raises a " +
      "limit of the codec.",
  },
  overloaded: {
    status: Status.RESOURCE_EXHAUSTED,
    retry: "after-backoff",
    className: "ServiceError",
    meaning:
      "A limit on work in flight, or on answers kept for this caller's repeated calls, was reached; nothing was done. Official clients wait as told and repeat.",
  },
  cancelled: {
    status: Status.CANCELLED,
    retry: "if-idempotent",
    className: "ServiceError",
    meaning: "The caller gave up. The operation may or may not have been applied.",
  },
  deadline_exceeded: {
    status: Status.DEADLINE_EXCEEDED,
    retry: "if-idempotent",
    className: "ServiceError",
    meaning: "No answer came in time. The operation may or may not have been applied.",
  },
  unavailable: {
    status: Status.UNAVAILABLE,
    retry: "if-idempotent",
    className: "ServiceError",
    meaning:
      "The server could not be reached or is stopping. The operation may or may not have been applied.",
  },
  unimplemented: {
    status: Status.UNIMPLEMENTED,
    retry: "never",
    className: "ServiceError",
    meaning: "The server does not know this call.",
  },
  conflict: {
    status: Status.FAILED_PRECONDITION,
    retry: "never",
    className: "InvalidError",
    meaning:
      "The server's state does not allow this call, or its idempotency key was used for a call with other arguments. The message says which.",
  },
  data_loss: {
    status: Status.DATA_LOSS,
    retry: "never",
    className: "ServiceError",
    meaning: "Stored data is damaged or missing. Never reported as absence. See the server's log.",
  },
  store_closed: {
    status: Status.UNAVAILABLE,
    retry: "if-idempotent",
    className: "ServiceError",
    meaning: "The store was closed, or closed itself because its disk failed.",
  },
  store_locked: {
    status: Status.FAILED_PRECONDITION,
    retry: "never",
    className: "ServiceError",
    meaning: "Another process owns the data directory. The message names its pid.",
  },
  store_full: {
    status: Status.RESOURCE_EXHAUSTED,
    retry: "never",
    className: "ServiceError",
    meaning:
      "The disk or the memory budget is full. Reads and removals go on. A write that adds data is refused and changes " +
      "nothing; on a cluster other parts of the same `update` may be done. Passes by itself once there is room.",
  },
  internal: {
    status: Status.INTERNAL,
    retry: "if-idempotent",
    className: "ServiceError",
    meaning: "A defect. Please report it with the server's log.",
  },
  unknown: {
    status: Status.UNKNOWN,
    retry: "if-idempotent",
    className: "ServiceError",
    meaning: "An error without a status that we know, for example from a proxy.",
  },
} as const satisfies Record<string, ErrorRule>;

/** A stable error code: a key of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable;
