import { usageError } from "../cli-error.ts";

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60 * 1000,
  h: 60 * 60 * 1000,
  d: 24 * 60 * 60 * 1000,
  w: 7 * 24 * 60 * 60 * 1000,
};

/** Reads a positive duration such as `90s`, `15m`, `12h`, `30d` or `2w`. The unit is required. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d|w)$/.exec(text);
  const durationMs = match === null ? 0 : Number(match[1]) * (unitMs[match[2] ?? ""] ?? 0);
  if (durationMs > 0 && Number.isSafeInteger(durationMs)) return durationMs;
  if (durationMs === 0 && match !== null)
    throw usageError(`'${text}' is too short: a duration is at least 1 ms`);
  throw usageError(
    `'${text}' is not a duration; use a whole number and a unit (ms, s, m, h, d, w), for instance 30d`,
  );
}
