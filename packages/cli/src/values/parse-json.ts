/**
 * JSON text to values, without the two losses that `JSON.parse` has: integers beyond 2^53 keep every digit, and
 * the tags of the JSON form (see json-form.ts) become what they stand for.
 */

import { usageError } from "../cli-error.ts";
import { fromJsonForm } from "./from-json-form.ts";

/** Reads JSON text; `what` names it in the message, which never repeats the text itself. */
export function parseJson(text: string, what: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
    const exact = tagUnsafeIntegers(text);
    if (exact !== text) parsed = JSON.parse(exact);
  } catch (error) {
    throw usageError(`${what} is not JSON: ${placeOf(error)}`);
  }
  return fromJsonForm(parsed, what);
}

/**
 * Rewrites integers that a double cannot hold to `{"$int":"…"}`. The text is known to be JSON, so outside of
 * strings a digit can only belong to a number.
 *
 * A loop rather than one regular expression: over a long string full of escapes that would overflow the stack.
 */
function tagUnsafeIntegers(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  const stringOrNumber = /"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const parts: string[] = [];
  let copiedTo = 0;
  for (let match = stringOrNumber.exec(text); match !== null; match = stringOrNumber.exec(text)) {
    const literal = match[0];
    if (literal === '"') {
      stringOrNumber.lastIndex = endOfString(text, match.index);
    } else if (/^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal))) {
      parts.push(text.slice(copiedTo, match.index), `{"$int":"${literal}"}`);
      copiedTo = stringOrNumber.lastIndex;
    }
  }
  return parts.length === 0 ? text : parts.join("") + text.slice(copiedTo);
}

/** The index after the string literal that starts at `start`. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text[index - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}

/** Where parsing stopped. V8's messages quote the input, which may be secret. */
function placeOf(error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  return position === undefined
    ? "it is cut short or malformed"
    : `unexpected character at offset ${position}`;
}
