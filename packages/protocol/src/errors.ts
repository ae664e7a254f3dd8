import { type ErrorClassName, type ErrorCode, errorTable, type RetryRule } from "./error-table.ts";

/**
 * The base of every expected failure.
 *
 * `code` is stable between major versions; `message` is for people and may change. `retry` says whether the
 * call may be repeated. `cause` keeps what was caught.
 *
 * @example
 * try { await jobs.pop("next"); } catch (error) {
 *   if (error instanceof EverdictError && error.code === "key_not_found") return;
 *   throw error;
 * }
 */
export class EverdictError extends Error {
  /** One of the codes of docs/errors.md. */
  readonly code: ErrorCode;
  /** For `overloaded`: how long the server asks to wait before the next try, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  /** @internal Use {@link createError}, which picks the class that belongs to the code. */
  constructor(code: ErrorCode, message: string, options: ErrorDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether and how the call may be repeated. */
  get retry(): RetryRule {
    return errorTable[this.code].retry;
  }
}

/** What may accompany an error. */
export interface ErrorDetails {
  /** What was caught, kept for debugging. */
  readonly cause?: unknown;
  /** How long to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** A dictionary or environment is not there. */
export class NotFoundError extends EverdictError {}
/** A dictionary or environment exists already. */
export class AlreadyExistsError extends EverdictError {}
/** `pop` without a default found no live entry. */
export class KeyError extends EverdictError {}
/** An argument, name or key is not acceptable. */
export class InvalidError extends EverdictError {}
/** The credentials are missing, unknown or revoked. */
export class AuthError extends EverdictError {}
/** The credentials do not allow this. */
export class PermissionDeniedError extends EverdictError {}
/** A key, value or request is over a limit. */
export class RequestSizeError extends EverdictError {}
/** A value cannot be written. */
export class SerializationError extends EverdictError {}
/** Stored bytes cannot be read. */
export class DeserializationError extends EverdictError {}
/** The service could not answer. */
export class ServiceError extends EverdictError {}

const classes: Record<ErrorClassName, typeof EverdictError> = {
  NotFoundError,
  AlreadyExistsError,
  KeyError,
  InvalidError,
  AuthError,
  PermissionDeniedError,
  RequestSizeError,
  SerializationError,
  DeserializationError,
  ServiceError,
};

/**
 * Makes the error that belongs to a code, of the class that {@link errorTable} names.
 *
 * @example throw createError("dict_not_found", `Dict 'jobs' not found in environment 'main'`);
 */
export function createError(code: ErrorCode, message: string, details?: ErrorDetails): EverdictError {
  return new classes[errorTable[code].className](code, message, details);
}

/**
 * Turns anything caught into an {@link EverdictError}: one of ours is returned as it is, everything else
 * becomes `internal` with the original as its cause.
 */
export function errorFrom(caught: unknown): EverdictError {
  if (caught instanceof EverdictError) return caught;
  const message = caught instanceof Error ? caught.message : String(caught);
  return createError("internal", message || "internal error", { cause: caught });
}
