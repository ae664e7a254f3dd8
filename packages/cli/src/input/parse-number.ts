import { usageError } from "../cli-error.ts";

/** Reads an int of any size, or a float: `5`, `-3`, `0.5`, `1e3`. `what` names it in the message. */
export function parseNumber(text: string, what: string): number | bigint {
  if (/^[+-]?\d+$/.test(text)) {
    const whole = BigInt(text.replace("+", ""));
    return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
  }
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw usageError(`${what} '${text}' is not a number, for instance 5, -3 or 0.5`);
}
