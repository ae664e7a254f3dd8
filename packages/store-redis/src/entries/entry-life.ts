import type { ExpiryPolicy, TimeToLiveMs } from "@everdict/protocol";
import type { EntryLife } from "../formats/entry-header.ts";

/**
 * How long an entry lives that is written or used now. Under `afterUse` it expires a sixteenth later than it must, so
 * that only every sixteenth read of a busy entry writes.
 *
 * @param ownMs the entry's own time to live, which beats the policy's; undefined: it has none
 */
export function entryLife(expiry: ExpiryPolicy, ownMs: TimeToLiveMs | undefined, nowMs: number): EntryLife {
  const ttlMs = ownMs !== undefined ? ownMs : expiry.policy === "never" ? null : expiry.ttlMs;
  if (ttlMs === null) return { expiresAtMs: 0, ownMs };
  const lasts = expiry.policy === "afterUse" ? (ttlMs * 17) / 16 : ttlMs;
  return { expiresAtMs: Math.ceil(nowMs + lasts), ownMs };
}

/** When an entry expires by its own time to live; undefined if it has none, or lives for ever. */
export function ownEnd({ expiresAtMs, ownMs }: EntryLife): number | undefined {
  return ownMs === undefined || ownMs === null ? undefined : expiresAtMs;
}

/** The earlier of two ends, of which undefined is none. */
export function earlierEnd(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
