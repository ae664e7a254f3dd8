import { type ExpiryPolicy, formatDuration } from "@everdict/protocol";

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The milliseconds of a length of time such as `30d` or `1.5h`; undefined if it is none, or not positive. */
export function parseTtl(text: string): number | undefined {
  const [, count, unit] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const ms = Math.round(Number(count) * unitMs[unit]!);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}

/** When entries expire, in a few words. */
export function expiryText(expiry: ExpiryPolicy | undefined): string {
  if (expiry === undefined) return "–";
  if (expiry.policy === "never") return "never";
  return `${formatDuration(expiry.ttlMs)} after ${expiry.policy === "afterUse" ? "use" : "write"}`;
}

/** A policy as the command line takes it: `never`, `30d`, `7d-after-use`. */
export function expiryWord(expiry: ExpiryPolicy): string {
  if (expiry.policy === "never") return "never";
  return `${formatDuration(expiry.ttlMs)}${expiry.policy === "afterUse" ? "-after-use" : ""}`;
}
