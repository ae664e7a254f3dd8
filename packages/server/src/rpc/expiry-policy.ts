import type { MessageInitShape } from "@bufbuild/protobuf";
import { createError, type ExpiryPolicy, expiryAfterUseMs, expiryAfterWriteMs } from "@everdict/protocol";
import { type DictExpiry, DictExpiry_Policy, type DictExpirySchema } from "@everdict/protocol/api";

/**
 * The expiry policy that a request asks for, or undefined for the server's default. A time to live of 0 means
 * the policy's own default.
 *
 * @throws `invalid_argument` for an unknown policy or a time to live that is negative or no number
 */
export function expiryPolicy(expiry: DictExpiry | undefined): ExpiryPolicy | undefined {
  if (expiry === undefined) return undefined;
  switch (expiry.policy) {
    case DictExpiry_Policy.UNSPECIFIED:
      return undefined;
    case DictExpiry_Policy.AFTER_WRITE:
      return { policy: "afterWrite", ttlMs: ttlMs(expiry.ttlSeconds, expiryAfterWriteMs) };
    case DictExpiry_Policy.AFTER_USE:
      return { policy: "afterUse", ttlMs: ttlMs(expiry.ttlSeconds, expiryAfterUseMs) };
    case DictExpiry_Policy.NEVER:
      return { policy: "never" };
    default:
      throw createError("invalid_argument", `everdict_expiry.policy ${expiry.policy as number} is not known`);
  }
}

/** The expiry of a dictionary, for an answer. */
export function expiryMessage(expiry: ExpiryPolicy): MessageInitShape<typeof DictExpirySchema> {
  if (expiry.policy === "never") return { policy: DictExpiry_Policy.NEVER };
  const policy = expiry.policy === "afterWrite" ? DictExpiry_Policy.AFTER_WRITE : DictExpiry_Policy.AFTER_USE;
  return { policy, ttlSeconds: expiry.ttlMs / 1000 };
}

function ttlMs(seconds: number, defaultMs: number): number {
  if (seconds === 0) return defaultMs;
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw createError(
    "invalid_argument",
    `everdict_expiry.ttl_seconds is ${seconds}, it must be a positive number`,
  );
}
