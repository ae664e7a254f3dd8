import { createError, type EverdictError } from "@everdict/protocol";
import { faultIn, type OptionKind } from "./option-faults.ts";
import { type CheckedMethod, optionTable } from "./option-table.ts";

/**
 * Checks the options of a call by the table, before anything is done: unknown names, wrong kinds, values out of bounds.
 * So the message is the same wherever the call would have gone.
 *
 * @throws {InvalidError} `invalid_argument`
 */
export function checkOptions(method: CheckedMethod, options: unknown): void {
  const fault = faultIn(optionTable[method], options);
  if (fault !== undefined) throw createError("invalid_argument", `${method}: ${fault}`);
}

/**
 * Checks an argument that is not an option.
 *
 * @throws {InvalidError} `invalid_argument`
 */
export function checkArgument(method: string, name: string, kind: OptionKind, given: unknown): void {
  const fault = kind(name, given);
  if (fault !== undefined) throw createError("invalid_argument", `${method}: ${fault}`);
}

/** The error for `new` where the library makes the objects, which plain JavaScript does not know. */
export function notMadeWithNew(what: string, way: string): EverdictError {
  return createError("invalid_argument", `${what} is not made with new: use ${way}`);
}
