import type { ExpiryPolicy, TimeToLiveMs } from "@everdict/protocol";
import type { KeyState } from "../index/key-state.ts";

// A read moves the end of an entry further than it must, so that the next reads, for a sixteenth of the time to
// live, need not be written down: a busy entry costs sixteen small records in its time.
const useSlack = 1 / 16;
const never = Number.POSITIVE_INFINITY;

/** When an entry ends, and for how long a use renews it. */
export interface EntryEnd {
  readonly expiresAtMs: number;
  /** Its own time to live in milliseconds; undefined: the dictionary's, or it never ends. */
  readonly ownTtlMs: number | undefined;
  /** Whether it is the dictionary's policy that says so, now: then it ends no earlier than those written before. */
  readonly isInOrder: boolean;
}

/** When an entry that is written now ends. */
export function entryEndMs(expiry: ExpiryPolicy, nowMs: number): number {
  return expiry.policy === "never" ? never : nowMs + expiry.ttlMs;
}

/** When an entry ends that lives from now on. @param ttlMs - undefined: as the policy says */
export function entryEnd(expiry: ExpiryPolicy, nowMs: number, ttlMs: TimeToLiveMs | undefined): EntryEnd {
  if (ttlMs === undefined)
    return { expiresAtMs: entryEndMs(expiry, nowMs), ownTtlMs: undefined, isInOrder: true };
  if (ttlMs === null) return { expiresAtMs: never, ownTtlMs: undefined, isInOrder: false };
  return { expiresAtMs: nowMs + ttlMs, ownTtlMs: ttlMs, isInOrder: false };
}

/** The end that a read now gives an entry; undefined if it keeps the one it has. */
export function endAfterReadMs(expiry: ExpiryPolicy, state: KeyState, nowMs: number): number | undefined {
  if (expiry.policy !== "afterUse") return undefined;
  const ttlMs = state.ownTtlMs ?? expiry.ttlMs;
  return state.expiresAtMs >= nowMs + ttlMs ? undefined : nowMs + ttlMs * (1 + useSlack);
}
