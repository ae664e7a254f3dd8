import {
  createError,
  type Durability,
  type ExpiryPolicy,
  expiryAfterUseMs,
  expiryAfterWriteMs,
} from "@everdict/protocol";
import { DictDurability, type DictExpiry, DictExpiry_Policy } from "@everdict/protocol/api";
import { durabilityNumbers, expiryPolicyNumbers, wordOf } from "@everdict/protocol/grpc-words";

/**
 * The expiry policy that a request asks for, or undefined for the server's default. A time to live of 0 means
 * the policy's own default.
 *
 * @throws `invalid_argument` for an unknown policy or a time to live that is negative or no number
 */
export function askedExpiry(expiry: DictExpiry | undefined): ExpiryPolicy | undefined {
  if (expiry === undefined || expiry.policy === DictExpiry_Policy.UNSPECIFIED) return undefined;
  const policy = wordOf(expiryPolicyNumbers, expiry.policy);
  if (policy === undefined) {
    throw createError("invalid_argument", `everdict_expiry.policy ${expiry.policy} is not known`);
  }
  if (policy === "never") return { policy };
  const defaultMs = policy === "afterWrite" ? expiryAfterWriteMs : expiryAfterUseMs;
  return { policy, ttlMs: ttlMs(expiry.ttlSeconds, defaultMs) };
}

/**
 * The durability that a request asks for, or undefined for the server's default.
 *
 * @throws `invalid_argument` for one that is not known
 */
export function askedDurability(asked: DictDurability): Durability | undefined {
  if (asked === DictDurability.UNSPECIFIED) return undefined;
  const durability = wordOf(durabilityNumbers, asked);
  if (durability !== undefined) return durability;
  throw createError("invalid_argument", `everdict_durability ${asked} is not known`);
}

function ttlMs(seconds: number, defaultMs: number): number {
  if (seconds === 0) return defaultMs;
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw createError(
    "invalid_argument",
    `everdict_expiry.ttl_seconds is ${seconds}, it must be a positive number`,
  );
}
