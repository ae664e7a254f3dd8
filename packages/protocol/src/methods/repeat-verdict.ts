import { createError, type EverdictError } from "../errors.ts";
import { idempotencyGuaranteeMs } from "../limits.ts";
import type { MethodRule } from "./method-table.ts";

/**
 * Whether a call whose attempt failed is made again: one rule for every transport.
 *
 * An attempt whose outcome is unknown leaves the call *in doubt*: it may have been applied. What such a call does depends
 * on its method (the table of methods). Keys do not live for ever: when the server may have forgotten one, a repeat under
 * it would be a second call, so a call that lives by its key ends then.
 */

/**
 * {@link RepeatRule} of one call: what its request says has been looked at. `delivered`: a stream of which something was
 * delivered; it is never made again, also if the server did nothing this time.
 */
export type CallRepeatRule = "always" | "underKey" | "never" | "delivered";

/** A call, at the moment at which an attempt of it has failed. */
export interface FailedCall {
  readonly repeat: CallRepeatRule;
  /** See the table of methods. */
  readonly doneIf: MethodRule["doneIf"];
  /** How often it was repeated because of failures. Waits that the server asked for do not count. */
  readonly repeats: number;
  /** How long it has waited because the server asked for it, in milliseconds. */
  readonly throttledMs: number;
  /**
   * How long ago the first attempt was sent whose outcome is unknown, in milliseconds, *this one not counted*. Absent: there
   * was none.
   */
  readonly inDoubtMs: number | undefined;
}

/** How an attempt failed. */
export interface Failure {
  readonly error: EverdictError;
  /** How long ago the attempt was sent, in milliseconds. Absent: it was not sent, so it cannot have been applied. */
  readonly sentAgoMs: number | undefined;
  /** Whether a server of ours said so, and not something between. */
  readonly isAnswer: boolean;
}

/** How patient a client is. */
export interface RepeatLimits {
  /** The most time for waits that the server asks for, all in all, in milliseconds. Default: no limit. */
  readonly maxThrottleWaitMs?: number | undefined;
  /** The shortest such wait, in milliseconds. Default: 0. */
  readonly throttleMinMs?: number | undefined;
  /** How often failures are repeated. Default: 3. */
  readonly repeatsMax?: number | undefined;
}

/**
 * What becomes of the call. `done`: an earlier attempt did it. `repeat`: after a pause; `isThrottled` if the server asked
 * for it. `fail`: with this error.
 */
export type RepeatVerdict =
  | { readonly outcome: "done" }
  | { readonly outcome: "repeat"; readonly delayMs: number; readonly isThrottled: boolean }
  | { readonly outcome: "fail"; readonly error: EverdictError };

const repeatsMaxDefault = 3;
const firstDelayMs = 100;
const longestDelayMs = 1000;

/** How old a key may be when a call is sent again under it: what the server guarantees, less time to get there. */
export const keyMaxAgeMs: number = idempotencyGuaranteeMs * 0.75;

/** The pause before the next of some attempts, in milliseconds: 100, doubled with each, at most 1,000. */
export function repeatDelayMs(repeats: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** repeats);
}

/** The rule for one call. @param mode of a creation @param isUntouched of a stream: nothing of it was delivered */
export function callRepeatRule(
  { repeat }: Pick<MethodRule, "repeat">,
  mode?: string | undefined,
  isUntouched = false,
): CallRepeatRule {
  switch (repeat) {
    case "creation":
      return mode === "createFailIfExists" || mode === "ephemeral" ? "underKey" : "always";
    case "untilDelivered":
      return isUntouched ? "always" : "delivered";
    default:
      return repeat;
  }
}

/** Decides about a call, an attempt of which has failed. */
export function repeatVerdict(call: FailedCall, failure: Failure, limits: RepeatLimits = {}): RepeatVerdict {
  const { error } = failure;
  if (call.inDoubtMs !== undefined && error.code === call.doneIf) return { outcome: "done" };
  if (call.repeat === "delivered") return { outcome: "fail", error };
  const pause = pauseAfter(call, failure, limits);
  if (pause === undefined) return { outcome: "fail", error };
  const inDoubtMs = doubtAfter(call, failure);
  if (inDoubtMs !== undefined && call.repeat === "never") return { outcome: "fail", error };
  if (hasOutlivedKey(call.repeat, inDoubtMs, pause.delayMs)) return { outcome: "fail", error: outlivedKey() };
  return { outcome: "repeat", ...pause };
}

/** How long a call has been in doubt once this failure is counted, in milliseconds; undefined: it is not. */
export function doubtAfter(
  { inDoubtMs }: Pick<FailedCall, "inDoubtMs">,
  failure: Failure,
): number | undefined {
  const isUnknown = failure.error.retry === "if-idempotent";
  return inDoubtMs ?? (isUnknown ? failure.sentAgoMs : undefined);
}

/** Whether the server may have forgotten the key of a call in doubt, now or after a pause. */
export function hasOutlivedKey(repeat: CallRepeatRule, inDoubtMs: number | undefined, pauseMs = 0): boolean {
  return repeat === "underKey" && inDoubtMs !== undefined && inDoubtMs + pauseMs > keyMaxAgeMs;
}

/** What such a call ends with. */
export function outlivedKey(): EverdictError {
  return createError(
    "unavailable",
    `the outcome is unknown: the call was sent and not answered, and after ${keyMaxAgeMs} ms the server may have ` +
      "forgotten its idempotency key, so it was not made again; it may have been applied",
  );
}

/**
 * The pause before a repeat; undefined if the failure allows none. An overloaded server is asked again at the pace that it
 * names, other failures are repeated a few times. A call whose own time is over ends by its own clock.
 */
function pauseAfter(
  { repeats, throttledMs }: FailedCall,
  { error, isAnswer }: Failure,
  {
    maxThrottleWaitMs = Number.POSITIVE_INFINITY,
    throttleMinMs = 0,
    repeatsMax = repeatsMaxDefault,
  }: RepeatLimits,
): { readonly delayMs: number; readonly isThrottled: boolean } | undefined {
  if (error.retryAfterMs !== undefined || (error.retry === "after-backoff" && isAnswer)) {
    // A server that names no pace is asked ever more slowly.
    const unnamedMs = Math.min(longestDelayMs, Math.max(firstDelayMs, throttledMs));
    const delayMs = Math.max(error.retryAfterMs ?? unnamedMs, throttleMinMs);
    return throttledMs + delayMs > maxThrottleWaitMs ? undefined : { delayMs, isThrottled: true };
  }
  if (error.retry !== "if-idempotent" || repeats >= repeatsMax) return undefined;
  return { delayMs: repeatDelayMs(repeats), isThrottled: false };
}
