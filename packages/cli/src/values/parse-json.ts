/**
 * JSON text to values, without the losses that `JSON.parse` has: integers beyond 2^53 keep every digit, `2.0`
 * stays a float (to Python it is another value, and another key, than `2`), and the tags of the JSON form (see
 * json-form.ts) become what they stand for.
 */

import type { ReadableTag } from "@everdict/pickle/show";
import { usageError } from "../cli-error.ts";
import { fromJsonForm } from "./from-json-form.ts";

/** Reads JSON text; `what` names it in the message, which never repeats the text itself. */
export function parseJson(text: string, what: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
    const exact = tagInexactNumbers(text);
    if (exact !== text) parsed = JSON.parse(exact);
  } catch (error) {
    throw usageError(`${what} is not JSON${placeOf(error)}`);
  }
  return fromJsonForm(parsed, what);
}

// Text without such digits has no number that needs a tag.
const mayBeInexact = /\d{16}|\d[.eE]|-0/;

/**
 * Rewrites numbers that would lose something to their tagged form, `{"$int":"…"}` or `{"$float":"2.0"}`, and `-0` to `0`. The text is
 * known to be JSON, so outside of strings a digit can only belong to a number.
 *
 * A loop rather than one regular expression: over a long string full of escapes that would overflow the stack.
 */
function tagInexactNumbers(text: string): string {
  if (!mayBeInexact.test(text)) return text;
  const stringOrNumber = /"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const parts: string[] = [];
  let copiedTo = 0;
  for (let match = stringOrNumber.exec(text); match !== null; match = stringOrNumber.exec(text)) {
    const literal = match[0];
    if (literal === '"') {
      stringOrNumber.lastIndex = endOfString(text, match.index);
      continue;
    }
    const exact = exactForm(literal);
    if (exact === undefined) continue;
    parts.push(text.slice(copiedTo, match.index), exact);
    copiedTo = stringOrNumber.lastIndex;
  }
  return parts.length === 0 ? text : parts.join("") + text.slice(copiedTo);
}

/** What to write instead of a number that would lose something; undefined if it would not. */
function exactForm(literal: string): string | undefined {
  // An integer has no sign of zero, while `JSON.parse` makes a float of this.
  if (literal === "-0") return "0";
  const value = Number(literal);
  const tag: ReadableTag = /^-?\d+$/.test(literal) ? "$int" : "$float";
  const isExact = tag === "$int" ? Number.isSafeInteger(value) : !Number.isInteger(value);
  return isExact ? undefined : `{"${tag}":"${literal}"}`;
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

/** Where parsing stopped, if the platform says so. Its own message quotes the input, which may be secret. */
function placeOf(error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  return position === undefined ? "" : `, see offset ${position}`;
}
