import { ttlMaxMs } from "@everdict/protocol";
import { describeGiven } from "./describe-given.ts";
import { nearestName } from "./nearest-name.ts";
import { faultIn, namesIn, type OptionKind, type OptionRow } from "./option-faults.ts";
import { oneOf } from "./option-kinds.ts";

const policies = ["afterWrite", "afterUse", "never"] as const;
const expiryForm = '{ policy: "afterWrite" or "afterUse", ttlMs: milliseconds } or { policy: "never" }';

const isLife = (value: unknown): boolean => typeof value === "number" && value >= 1 && value <= ttlMaxMs;

/** Of a policy. A server rounds it. */
const timeToLive: OptionKind = (name, value) => {
  if (isLife(value)) return undefined;
  const hint = value === Number.POSITIVE_INFINITY ? ': did you mean { policy: "never" }?' : "";
  return `\`${name}\` must be a number of milliseconds from 1 to ${ttlMaxMs}, not ${describeGiven(value)}${hint}`;
};
/** When one entry ends; null: never. A server takes whole milliseconds only. */
export const timeToLiveKind: OptionKind = (name, value) => {
  if (value === null || (isLife(value) && Number.isInteger(value))) return undefined;
  const hint = value === Number.POSITIVE_INFINITY ? ": null is for ever" : "";
  const expected = `a whole number of milliseconds from 1 to ${ttlMaxMs}`;
  return `\`${name}\` must be ${expected}, not ${describeGiven(value)}${hint}`;
};
const row: OptionRow = { policy: oneOf(policies), ttlMs: timeToLive };

/** When entries expire. What people write instead is answered with the right spelling. */
export const expiryKind: OptionKind = (name, value) => {
  const fields = namesIn(value, row) === undefined ? undefined : (value as Record<string, unknown>);
  const spelling = fields?.policy === undefined ? spellingOf(value, fields) : undefined;
  if (fields?.policy === undefined || spelling !== undefined) {
    const hint = spelling === undefined ? "" : `: did you mean ${spelling}?`;
    return `\`${name}\` must be ${expiryForm}, not ${describeGiven(value)}${hint}`;
  }
  const fault = faultIn(row, fields, name);
  if (fault !== undefined) return fault;
  if (fields.policy !== "never") return timeToLive(`${name}.ttlMs`, fields.ttlMs);
  return fields.ttlMs === undefined ? undefined : `\`${name}\` has a time to live, and "never" takes none`;
};

/** How to write what was meant, where that can be told. */
function spellingOf(value: unknown, fields: Record<string, unknown> | undefined): string | undefined {
  if (typeof value === "string") return policyOf(value, undefined);
  if (typeof value === "number") return policyOf("afterWrite", value);
  for (const [field, content] of Object.entries(fields ?? {})) {
    const meant = policyOf(field === "ttlMs" ? "afterWrite" : field.replace(/(Ttl)?Ms$/i, ""), content);
    if (meant !== undefined) return meant;
  }
  return undefined;
}

function policyOf(word: string, ttlMs: unknown): string | undefined {
  const policy = nearestName(word, policies);
  if (policy === undefined) return undefined;
  if (policy === "never") return '{ policy: "never" }';
  return `{ policy: "${policy}", ttlMs: ${timeToLive("", ttlMs) === undefined ? ttlMs : "milliseconds"} }`;
}
