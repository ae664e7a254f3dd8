import {
  type CreationMode,
  createError,
  type EverdictError,
  idempotencyGuaranteeMs,
  type Timers,
} from "@everdict/protocol";
import { FrameType } from "../frames/wire.ts";
import type { Operation } from "./operation.ts";

/**
 * When a call is made again by itself.
 *
 * Everything can be repeated after an unknown outcome: reads and unconditional writes by their nature, `pop`,
 * conditional put and creation under their idempotency key, deletion because its effect is the same. There are
 * two exceptions: a stream that has delivered something, and a change of an environment, which a repeat would no
 * longer find under its name. And keys do not live for ever: when the server may have forgotten one, a repeat under
 * it would be a second call, so whoever lives by its key is told that the outcome is unknown.
 */

const repeatsMax = 3;
const firstDelayMs = 100;
const longestDelayMs = 1000;
/** How old a key may be when a call is sent again under it: what the server guarantees, less time to get there. */
const keyMaxAgeMs = idempotencyGuaranteeMs * 0.75;

/** Whether a call whose outcome is unknown can be made again. */
export function isRepeatable({ type, stream }: Operation): boolean {
  if (stream !== undefined) return stream.isUntouched;
  return type !== FrameType.updateEnvironment;
}

/** Whether a call can be repeated thanks to its idempotency key only. */
export function livesByKey({ type, detail }: Operation): boolean {
  if (type === FrameType.pop || type === FrameType.putIfAbsent) return true;
  if (type !== FrameType.getOrCreateDict && type !== FrameType.getOrCreateEnvironment) return false;
  const { mode } = detail as { readonly mode: CreationMode | "ephemeral" };
  return mode === "createFailIfExists" || mode === "ephemeral";
}

/** Whether a call was perhaps applied so long ago that the server may no longer know its key. */
export function hasOutlivedKey(operation: Operation, timers: Timers): boolean {
  const { isInDoubt, sentAtMs } = operation;
  return isInDoubt && livesByKey(operation) && timers.now() - sentAtMs > keyMaxAgeMs;
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
 * How long to wait before a call that was answered with an error is made again; undefined: not at all. An overloaded
 * server is asked until the call's time is over, or `maxThrottleWaitMs` would be passed, at the pace it names; other
 * failures three times.
 */
export function repeatDelayMs(
  operation: Operation,
  error: EverdictError,
  maxThrottleWaitMs = Number.POSITIVE_INFINITY,
): number | undefined {
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** operation.repeats);
  if (error.retry === "after-backoff") {
    const waitMs = error.retryAfterMs ?? delayMs;
    return operation.throttledMs + waitMs > maxThrottleWaitMs ? undefined : waitMs;
  }
  if (error.retry !== "if-idempotent" || operation.repeats >= repeatsMax) return undefined;
  if (error.code === "deadline_exceeded" || error.code === "cancelled") return undefined;
  return isRepeatable(operation) ? delayMs : undefined;
}

/** Whether an error says that an earlier attempt of the same call, whose answer was lost, has done it. */
export function settlesAsDone({ type, isInDoubt }: Operation, { code }: EverdictError): boolean {
  if (!isInDoubt) return false;
  if (type === FrameType.deleteDict) return code === "dict_not_found";
  return type === FrameType.deleteEnvironment && code === "environment_not_found";
}
