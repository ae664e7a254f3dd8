import type { ExpiryPolicy } from "@everdict/protocol";

// A read moves the end of an entry further than it must, so that the next reads, for a sixteenth of the time to
// live, need not be written down: a busy entry costs sixteen small records in its time.
const useSlack = 1 / 16;

/** When an entry that is written now ends. */
export function entryEndMs(expiry: ExpiryPolicy, nowMs: number): number {
  return expiry.policy === "never" ? Number.POSITIVE_INFINITY : nowMs + expiry.ttlMs;
}

/** The end that a read now gives an entry; undefined if it keeps the one it has. */
export function endAfterReadMs(expiry: ExpiryPolicy, endMs: number, nowMs: number): number | undefined {
  if (expiry.policy !== "afterUse" || endMs >= nowMs + expiry.ttlMs) return undefined;
  return nowMs + expiry.ttlMs * (1 + useSlack);
}
