/** The kinds of options that several methods take. */

import { durabilities, limitDefaults } from "@everdict/protocol";
import { describeGiven } from "./describe-given.ts";
import { nearestName } from "./nearest-name.ts";
import { faultIn, namesIn, type OptionKind } from "./option-faults.ts";

/** A kind whose values are told by one question; anything else is refused with what was expected. */
export function kindOf(expected: string, accepts: (value: unknown) => boolean): OptionKind {
  return (name, value) =>
    accepts(value) ? undefined : `\`${name}\` must be ${expected}, not ${describeGiven(value)}`;
}

/**
 * One of a few words; another case or a slip of the finger is answered with the right one. `alternative`: what else is
 * taken, as the message says it, and told by who takes it.
 */
export function oneOf(words: readonly string[], alternative = ""): OptionKind {
  const quoted = words.map((word) => JSON.stringify(word));
  const expected = `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}${alternative}`;
  return (name, value) => {
    if (words.includes(value as string)) return undefined;
    const meant = typeof value === "string" ? nearestName(value, words) : undefined;
    const hint = meant === undefined ? "" : `: did you mean ${JSON.stringify(meant)}?`;
    return `\`${name}\` must be ${expected}, not ${describeGiven(value)}${hint}`;
  };
}

const isNumber = (value: unknown): value is number => typeof value === "number" && !Number.isNaN(value);
const can = (value: unknown, method: PropertyKey): boolean =>
  typeof value === "object" && value !== null && typeof Reflect.get(value, method) === "function";

export const flag: OptionKind = kindOf("true or false", (value) => typeof value === "boolean");
export const text: OptionKind = kindOf("text", (value) => typeof value === "string");
export const texts: OptionKind = kindOf(
  "an array of texts",
  (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
);
export const moment: OptionKind = kindOf(
  "a Date that is valid",
  (value) => can(value, "getTime") && isNumber((value as Date).getTime()),
);

/** How long a call may take. One that has no time left is not a wrong option, it is late: that is for the call to say. */
export const callTime: OptionKind = kindOf("a number of milliseconds > 0", isNumber);
export const milliseconds: OptionKind = kindOf(
  "a number of milliseconds > 0",
  (value) => isNumber(value) && value > 0,
);
export const waitingTime: OptionKind = kindOf(
  "a number of milliseconds, 0 or more",
  (value) => isNumber(value) && value >= 0,
);
export const unixSeconds: OptionKind = kindOf("a number of seconds since 1970", isNumber);
export const count: OptionKind = kindOf(
  "a whole number, 0 or more",
  (value) => isNumber(value) && value >= 0 && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY),
);

// Objects are told by what they can do: they may come from another realm, or from a second copy of this package.
export const abortSignal: OptionKind = kindOf("an AbortSignal", (value) => can(value, "addEventListener"));
export const clientKind: OptionKind = kindOf("a Client, as Client.connect returns it", (value) =>
  can(value, "session"),
);
const undecodableWord = oneOf(["throw", "skip"], " or a function");
export const undecodableKind: OptionKind = (name, value) =>
  typeof value === "function" ? undefined : undecodableWord(name, value);
export const serviceKind: OptionKind = kindOf(
  "a DictService, as an engine gives it",
  (value) => typeof value === "object" && value !== null,
);
export const versionKind: OptionKind = kindOf(
  "a version, as entry() gives it",
  (value) => typeof value === "string" && /^[0-9a-f]{16}$/.test(value),
);
export const conditionKind: OptionKind = (name, value) =>
  value === "absent" || value === "present" ? undefined : versionOrWord(name, value);
const versionOrWord = kindOf(
  '"absent", "present" or a version, as entry() gives it',
  (value) => versionKind("", value) === undefined,
);
export const numberToAdd: OptionKind = kindOf(
  "a number that is not NaN, or a bigint",
  (value) => isNumber(value) || typeof value === "bigint",
);
export const finiteToAdd: OptionKind = kindOf(
  "a finite number, or a bigint",
  (value) => Number.isFinite(value) || typeof value === "bigint",
);
export const atLeastOne: OptionKind = kindOf(
  "a whole number, 1 or more",
  (value) => isNumber(value) && value >= 1 && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY),
);
const upTo = (max: number): OptionKind =>
  kindOf(
    `a whole number from 1 to ${max}`,
    (value) => isNumber(value) && Number.isInteger(value) && value >= 1 && value <= max,
  );
export const pageLimit: OptionKind = upTo(limitDefaults.requestMaxEntries);
export const shardsKind: OptionKind = upTo(limitDefaults.dictShardsMax);
const isPrefix = (value: unknown): boolean => typeof value === "string" || Array.isArray(value);
export const prefixKind: OptionKind = kindOf("text, or an array of the first elements", isPrefix);
const isKeys = (value: unknown): value is Iterable<unknown> =>
  can(value, Symbol.iterator) && !ArrayBuffer.isView(value);
export const keysKind: OptionKind = kindOf("an array of keys, or another iterable", isKeys);
export const keysOrPrefix: OptionKind = (name, value) => {
  if (isKeys(value)) return undefined;
  if (namesIn(value, prefixRow)?.includes("prefix")) {
    // A prefix that a program forgot to fill must not remove all.
    const { prefix } = value as { readonly prefix: unknown };
    return faultIn(prefixRow, value) ?? prefixToRemove("prefix", prefix);
  }
  return `\`${name}\` must be an array of keys, another iterable, or { prefix }, not ${describeGiven(value)}`;
};
const prefixRow = { prefix: prefixKind };
const prefixToRemove = kindOf(
  "at least one character, or an array of at least one element (clear() removes all entries)",
  (value) => isPrefix(value) && (value as string | readonly unknown[]).length > 0,
);
export const functionKind: OptionKind = kindOf("a function", (value) => typeof value === "function");
export const durabilityKind: OptionKind = oneOf(durabilities);
