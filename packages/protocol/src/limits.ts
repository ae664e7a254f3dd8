import { createError, type EverdictError } from "./errors.ts";
import { limitDefaults } from "./limit-defaults.ts";

/** The limits a server enforces before it does any work. Every one can be configured. */
export interface Limits {
  /** Largest key, in bytes. */
  readonly keyMaxBytes: number;
  /** Largest value, in bytes. */
  readonly valueMaxBytes: number;
  /** Most entries in one `update`. */
  readonly requestMaxEntries: number;
  /** Largest request message, in bytes. */
  readonly requestMaxBytes: number;
}

/** What Modal documents (protocol section 5.1): 100 MiB a value, 10,000 entries a request. */
export const defaultLimits: Limits = {
  keyMaxBytes: limitDefaults.keyMaxBytes,
  valueMaxBytes: limitDefaults.valueMaxBytes,
  requestMaxEntries: limitDefaults.requestMaxEntries,
  requestMaxBytes: limitDefaults.requestMaxBytes,
};

/**
 * How many bytes of text one request may hold, in bytes: ids and names, which are a thousand times as short. It bounds
 * what decoding them can cost; names have their own limits.
 */
export const requestTextMaxBytes: number = limitDefaults.requestTextMaxBytes;

/**
 * How many bytes the keys of one request may have together, in bytes, unless one key may have more. Keys are hashed and
 * compared in one turn of the event loop, which nothing may hold for long.
 */
export const requestKeysMaxBytes: number = limitDefaults.requestKeysMaxBytes;

/** The error for a request of too many entries. `entries`: how many were counted, which need not be all. */
export function tooManyEntries(entries: number, requestMaxEntries: number): EverdictError {
  return createError(
    "too_many_entries",
    `request holds ${entries} entries or more, limit is ${requestMaxEntries}`,
  );
}

/** How long an entry lives after it was last written: 30 days, in milliseconds. */
export const expiryAfterWriteMs = 30 * 24 * 60 * 60 * 1000;
/** How long an entry lives after it was last read or written: 7 days, in milliseconds. */
export const expiryAfterUseMs = 7 * 24 * 60 * 60 * 1000;
/** The longest time to live of an entry, in milliseconds: 100 years. It keeps every expiry an exact number. */
export const ttlMaxMs: number = 100 * 365 * 24 * 60 * 60 * 1000;
/** How often a holder of an ephemeral dictionary says that it is still there, in milliseconds. */
export const heartbeatIntervalMs = 300 * 1000;
/** How long an ephemeral dictionary outlives its last heartbeat, in milliseconds: three missed beats. */
export const ephemeralGraceMs = 3 * heartbeatIntervalMs;
/** How long the answer to an idempotency key is kept, in milliseconds. */
export const idempotencyRetentionMs = 120 * 1000;
/**
 * How long it is kept in any case, in milliseconds, also when answers fill their budget. Official clients stop
 * repeating a call within seconds.
 */
export const idempotencyGuaranteeMs = 20 * 1000;
