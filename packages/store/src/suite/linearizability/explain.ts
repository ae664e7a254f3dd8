import type { Verdict } from "./check-linearizable.ts";
import type { Operation } from "./history.ts";

const shownOperations = 12;

/** Why a history is not linearizable, for people. */
export function explain<Input, Output>(verdict: Verdict<Input, Output>): string {
  if (verdict.isLinearizable) return "linearizable";
  if (verdict.isLinearizable === undefined) return "the search for an order was given up";
  return [
    `no order explains ${show(verdict.unexplained)}; the longest that was found, of`,
    `${verdict.explained.length} calls, ends with:`,
    ...verdict.explained.slice(-shownOperations).map(show),
  ].join("\n  ");
}

function show<Input, Output>({ input, output, calledAt, returnedAt }: Operation<Input, Output>): string {
  const answer = output === undefined ? "?" : JSON.stringify(output.value);
  return `${JSON.stringify(input)} = ${answer}, from ${calledAt} to ${returnedAt ?? "?"}`;
}
