import type { ExpiryPolicy } from "@everdict/protocol";

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

/** A length of time as the command line takes it: `30d`, `90m`. */
export function ttlText(ms: number): string {
  const [unit, length] = units.find(([, each]) => ms % each === 0 && ms >= each) ?? ["ms", 1];
  return `${ms / length}${unit}`;
}

/** The milliseconds of a length of time such as `30d` or `1.5h`; undefined if it is none, or not positive. */
export function parseTtl(text: string): number | undefined {
  const [, count, unit] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(text) ?? [];
  const length = units.find(([each]) => each === unit)?.[1];
  if (count === undefined || length === undefined) return undefined;
  const ms = Math.round(Number(count) * length);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}

/** When entries expire, in a few words. */
export function expiryText(expiry: ExpiryPolicy | undefined): string {
  if (expiry === undefined) return "–";
  if (expiry.policy === "never") return "never";
  return `${ttlText(expiry.ttlMs)} after ${expiry.policy === "afterUse" ? "use" : "write"}`;
}

/** A policy as the command line takes it: `never`, `30d`, `7d-after-use`. */
export function expiryWord(expiry: ExpiryPolicy): string {
  if (expiry.policy === "never") return "never";
  return `${ttlText(expiry.ttlMs)}${expiry.policy === "afterUse" ? "-after-use" : ""}`;
}
