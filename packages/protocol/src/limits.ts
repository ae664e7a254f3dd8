import { createError, type EverdictError } from "./errors.ts";

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

const KIB = 1024;
const MIB = 1024 * KIB;

/** What the specification documents: 100 MiB a value, 10,000 entries a request. */
export const defaultLimits: Limits = {
  keyMaxBytes: 256 * KIB,
  valueMaxBytes: 100 * MIB,
  requestMaxEntries: 10_000,
  // One value of the largest size, its key, and room for a message around them.
  requestMaxBytes: 101 * MIB,
};

/**
 * How many bytes of text one request may hold, in bytes: ids and names, which are a thousand times as short. It bounds
 * what decoding them can cost; names have their own limits.
 */
export const requestTextMaxBytes = 128 * KIB;

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
