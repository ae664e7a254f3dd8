import { createError, type TimeToLiveMs, ttlMaxMs } from "@everdict/protocol";

/**
 * A time to live of one entry: a whole number of milliseconds, null for never, or undefined.
 *
 * @throws `invalid_argument`
 */
export function checkTtl(name: "ttlMs" | "ttlOnCreateMs", ttlMs: TimeToLiveMs | undefined): void {
  if (ttlMs === undefined || ttlMs === null) return;
  if (Number.isSafeInteger(ttlMs) && ttlMs >= 1 && ttlMs <= ttlMaxMs) return;
  const message = `${name} is ${ttlMs}, it must be a whole number from 1 to ${ttlMaxMs}, or null`;
  throw createError("invalid_argument", message);
}
