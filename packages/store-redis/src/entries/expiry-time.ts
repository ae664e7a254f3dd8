import type { ExpiryPolicy } from "@everdict/protocol";

/**
 * When an entry that is written or used now expires; 0: never. Under `afterUse` it expires a sixteenth later than it
 * must, so that only every sixteenth read of a busy entry writes.
 */
export function expiryTime(expiry: ExpiryPolicy, nowMs: number): number {
  switch (expiry.policy) {
    case "never":
      return 0;
    case "afterWrite":
      return Math.ceil(nowMs + expiry.ttlMs);
    case "afterUse":
      return Math.ceil(nowMs + (expiry.ttlMs * 17) / 16);
  }
}
