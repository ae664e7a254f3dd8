// How Python's types show themselves. On the console of Node, Deno and Bun they take one line, or a few if they have
// many elements. In JSON they are plain data, where bigints, bytes, maps and sets would throw or say nothing.

/** What the consoles of Node, Deno and Bun ask a value for. */
export const inspectHook = Symbol.for("nodejs.util.inspect.custom");

/** The platform's inspector, which it gives to the hook. */
export type Inspect = (value: unknown, options?: object) => string;

const TEXT_MAX_LENGTH = 100;

/** Text that a pickle holds, as it may be printed: what would drive a terminal or turn the line is spelled out. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) as number;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** A code point as Python escapes it in a text. */
export function pythonEscape(code: number): string {
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** One value within what is shown, in one line, as it may be printed. */
export function shownText(value: unknown, inspect?: Inspect): string {
  return printable(rawText(value, inspect));
}

function rawText(value: unknown, inspect?: Inspect): string {
  if (typeof value === "string") return JSON.stringify(shortened(value));
  if (value instanceof Uint8Array) return bytesText(value);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
  // What shows itself in one line is its text among others.
  if (inspectHook in value && value.toString !== Object.prototype.toString) return shortened(String(value));
  const text = inspect?.(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, compact: true });
  return shortened((text ?? String(value)).replaceAll(/\s*\n\s*/g, " "));
}

/** The beginning of a text that is longer than it may be shown. */
export function shortened(text: string, lengthMax = TEXT_MAX_LENGTH): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`;
}

function bytesText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, TEXT_MAX_LENGTH / 2)) {
    const isShown = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += isShown ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `b"${text}${bytes.length > TEXT_MAX_LENGTH / 2 ? "…" : ""}"`;
}

/** A bigint where JSON has none: a number if that is exact, else its digits. */
function jsonInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/**
 * A value as `JSON.stringify` takes it without throwing: a bigint is a number or, if that is not exact, its digits;
 * bytes are text of a character for each; a Map is an object or, with other than text keys, pairs; a Set is an array.
 * What holds itself is cut off there.
 */
export function jsonForm(value: unknown, within: readonly object[] = []): unknown {
  if (typeof value === "bigint") return jsonInteger(value);
  if (typeof value !== "object" || value === null) return value;
  if (within.includes(value) || within.length > 100) return "[circular]";
  const inner = [...within, value];
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function") return jsonForm(toJSON.call(value), inner);
  if (value instanceof Uint8Array) return Array.from(value, (byte) => String.fromCharCode(byte)).join("");
  if (ArrayBuffer.isView(value) && Symbol.iterator in value)
    return Array.from(value as unknown as Iterable<unknown>, (each) => jsonForm(each, inner));
  if (Array.isArray(value)) return value.map((each) => jsonForm(each, inner));
  if (value instanceof Set) return Array.from(value, (each) => jsonForm(each, inner));
  if (!(value instanceof Map)) return jsonObject(Object.entries(value), inner);
  const entries = [...value] as [unknown, unknown][];
  return entries.every(([key]) => typeof key === "string")
    ? jsonObject(entries as [string, unknown][], inner)
    : entries.map((pair) => pair.map((each) => jsonForm(each, inner)));
}

function jsonObject(entries: [string, unknown][], within: readonly object[]): object {
  return Object.fromEntries(entries.map(([key, value]) => [key, jsonForm(value, within)]));
}
