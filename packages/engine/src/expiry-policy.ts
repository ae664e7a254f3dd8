import { createError, type ExpiryPolicy, expiryAfterWriteMs, ttlMaxMs } from "@everdict/protocol";

/** The policy of Modal's first Dicts (protocol section 5.2): an entry expires 30 days after it was last written. */
export const specifiedExpiry: ExpiryPolicy = Object.freeze({
  policy: "afterWrite",
  ttlMs: expiryAfterWriteMs,
});

/**
 * The policy as it is stored: only the known fields, `ttlMs` in whole milliseconds (a fraction, as seconds in a
 * double bring it along, is rounded).
 *
 * @throws `invalid_argument` for an unknown policy, or a time to live below 1 ms or above {@link ttlMaxMs}
 */
export function checkedExpiry(expiry: ExpiryPolicy): ExpiryPolicy {
  switch (expiry.policy) {
    case "never":
      return { policy: "never" };
    case "afterWrite":
    case "afterUse": {
      const ttlMs = Math.round(expiry.ttlMs);
      if (ttlMs >= 1 && ttlMs <= ttlMaxMs) return { policy: expiry.policy, ttlMs };
      throw createError("invalid_argument", `ttlMs is ${expiry.ttlMs}, it must be from 1 to ${ttlMaxMs}`);
    }
    default: {
      const { policy } = expiry as { policy: unknown };
      throw createError(
        "invalid_argument",
        `expiry policy is '${policy}', not afterWrite, afterUse or never`,
      );
    }
  }
}
