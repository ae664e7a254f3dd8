/** What may accompany a {@link SerializationError}. */
export interface SerializationErrorDetails {
  /** Where in the value the trouble is, such as `value.tags[2]`. */
  readonly path?: string | undefined;
  /** What was caught, kept for debugging. */
  readonly cause?: unknown;
}

/**
 * A value or key has no pickle form.
 *
 * The only error that {@link encode} and {@link encodeKey} throw. `code` is always `serialization_failed`;
 * `path` names the offending part (`value.tags[2]`), never its content.
 */
export class SerializationError extends Error {
  /** Stable identification of the failure. */
  readonly code = "serialization_failed";
  /** Where in the value the trouble is, such as `value.tags[2]`. */
  readonly path: string | undefined;

  constructor(message: string, details: SerializationErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "SerializationError";
    this.path = details.path;
  }
}

/** What may accompany a {@link DeserializationError}. */
export interface DeserializationErrorDetails {
  /** The byte position in the pickle at which reading stopped. */
  readonly offset?: number | undefined;
  /** What was caught, kept for debugging. */
  readonly cause?: unknown;
}

/**
 * Bytes are not a pickle, are over a limit, or hold something that was asked to be refused.
 *
 * The only error that {@link decode} and {@link decodeKey} throw. `code` is always `deserialization_failed`.
 */
export class DeserializationError extends Error {
  /** Stable identification of the failure. */
  readonly code = "deserialization_failed";
  /** The byte position in the pickle at which reading stopped, if known. */
  readonly offset: number | undefined;

  constructor(message: string, details: DeserializationErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "DeserializationError";
    this.offset = details.offset;
  }
}
