import type { EverdictError } from "@everdict/protocol";
import { FrameType } from "../frames/wire.ts";
import type { Operation } from "./operation.ts";

/**
 * When a call is made again by itself.
 *
 * Everything can be repeated after an unknown outcome: reads and unconditional writes by their nature, `pop`,
 * conditional put and creation under their idempotency key, deletion because its effect is the same. There are
 * two exceptions: a stream that has delivered something, and a change of an environment, which a repeat would no
 * longer find under its name.
 */

const repeatsMax = 3;
const firstDelayMs = 100;
const longestDelayMs = 1000;

/** Whether a call whose outcome is unknown can be made again. */
export function isRepeatable({ type, stream }: Operation): boolean {
  if (stream !== undefined) return stream.isUntouched;
  return type !== FrameType.updateEnvironment;
}

/**
 * How long to wait before a call that was answered with an error is made again; undefined: not at all. An overloaded
 * server is asked until the call's time is over, at the pace it names; other failures three times.
 */
export function repeatDelayMs(operation: Operation, error: EverdictError): number | undefined {
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** operation.repeats);
  if (error.retry === "after-backoff") return error.retryAfterMs ?? delayMs;
  if (error.retry !== "if-idempotent" || operation.repeats >= repeatsMax) return undefined;
  if (error.code === "deadline_exceeded" || error.code === "cancelled") return undefined;
  return isRepeatable(operation) ? delayMs : undefined;
}

/** Whether an error says that an earlier attempt of the same call, whose answer was lost, has done it. */
export function settlesAsDone({ type, attempts }: Operation, { code }: EverdictError): boolean {
  if (attempts < 2) return false;
  if (type === FrameType.deleteDict) return code === "dict_not_found";
  return type === FrameType.deleteEnvironment && code === "environment_not_found";
}
