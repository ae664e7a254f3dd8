import { createError } from "./errors.ts";

/** The longest dictionary or environment name, in characters (protocol section 3). */
const nameMaxLength = 64;

const nameCharacters = /^[A-Za-z0-9\-_.]+$/;
const appIdLike = /^ap-[A-Za-z0-9]{22}$/;

/**
 * Checks a dictionary name: 1 to 64 characters of `A-Z a-z 0-9 - _ .`, and not of the form of an app id.
 *
 * @throws {InvalidError} `invalid_name`
 */
export function checkDictName(name: string): void {
  if (
    typeof name === "string" &&
    name.length <= nameMaxLength &&
    fullyMatches(nameCharacters, name) &&
    !appIdLike.test(name)
  )
    return;
  throw createError(
    "invalid_name",
    `Invalid Dict name: ${quote(name)}. Names are 1 to ${nameMaxLength} characters, may contain only alphanumeric ` +
      "characters, dashes, periods and underscores, and cannot look like app ids.",
  );
}

/**
 * Checks an environment name: 1 to 64 characters of `A-Z a-z 0-9 - _ .`, the first alphanumeric, not starting
 * with `en-` in any case.
 *
 * @throws {InvalidError} `invalid_name`
 */
export function checkEnvironmentName(name: string): void {
  const shape =
    typeof name === "string" && name.length <= nameMaxLength && fullyMatches(nameCharacters, name);
  if (shape && /^[A-Za-z0-9]/.test(name) && !/^en-/i.test(name)) return;
  throw createError(
    "invalid_name",
    `Invalid environment name: ${quote(name)}. Names are 1 to ${nameMaxLength} characters, start with a letter or ` +
      "digit, may contain only alphanumeric characters, dashes, periods and underscores, and cannot start with 'en-'.",
  );
}

// JavaScript's `$` does not let a trailing newline through, Python's does; the server must not (protocol section 3).
function fullyMatches(pattern: RegExp, name: string): boolean {
  return pattern.test(name) && !name.includes("\n");
}

function quote(name: unknown): string {
  if (typeof name !== "string") return `not text but ${typeof name}`;
  return name.length <= 100 ? `'${name}'` : `'${name.slice(0, 100)}…' (${name.length} characters)`;
}
