import {
  type CallRepeatRule,
  callRepeatRule,
  type EverdictError,
  hasOutlivedKey,
  type RepeatLimits,
  type RepeatVerdict,
  repeatVerdict,
  type Timers,
} from "@everdict/protocol";
import type { Operation } from "./operation.ts";

/** What the rules for repeats (`repeatVerdict`) are told of a session's operation. */

/** The rule for a call. */
export function repeatRuleOf({ frame, content, stream }: Operation): CallRepeatRule {
  const mode = frame.rule.repeat === "creation" ? (content as { readonly mode: string }).mode : undefined;
  return callRepeatRule(frame.rule, mode, stream?.isUntouched);
}

/** Whether a call in doubt may be made again. */
export function isRepeatable(operation: Operation): boolean {
  const rule = repeatRuleOf(operation);
  return rule === "always" || rule === "underKey";
}

/** Whether a call was perhaps applied so long ago that the server may no longer know its key. */
export function mayBeForgotten(operation: Operation, timers: Timers): boolean {
  return operation.isInDoubt && hasOutlivedKey(repeatRuleOf(operation), timers.now() - operation.sentAtMs);
}

/** What becomes of a call that was answered with an error. */
export function verdictOn(
  operation: Operation,
  error: EverdictError,
  timers: Timers,
  limits: RepeatLimits,
): RepeatVerdict {
  const { frame, repeats, throttledMs, isInDoubt, sentAtMs } = operation;
  const sentAgoMs = timers.now() - sentAtMs;
  const inDoubtMs = isInDoubt ? sentAgoMs : undefined;
  const call = {
    repeat: repeatRuleOf(operation),
    doneIf: frame.rule.doneIf,
    repeats,
    throttledMs,
    inDoubtMs,
  };
  return repeatVerdict(call, { error, sentAgoMs, isAnswer: true }, limits);
}
