import { usageError } from "../cli-error.ts";

/** Reads a whole number within bounds; `what` names it in the message. */
export function parseCount(
  text: string,
  what: string,
  bounds: { readonly min: number; readonly max: number },
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  throw usageError(`${what} '${text}' is not a whole number from ${bounds.min} to ${bounds.max}`);
}
