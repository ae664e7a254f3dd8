/**
 * Keys as JSON from which the very key is read back: in the form of values (json-form.ts) where that gives the bytes that
 * are stored, else by its bytes, with a text for people: a key of a class that only Python has, or a tuple of which the
 * equal texts are not shared as they would be here.
 */

import { encodeKey, SerializationError } from "@everdict/pickle";
import { CliError } from "../cli-error.ts";
import { decodeShownKey } from "./decode-shown.ts";
import { formatValue } from "./format-value.ts";
import { parseJson } from "./parse-json.ts";
import { keyToJsonText } from "./to-json-text.ts";

/** Most characters of the text for people. */
const textMaxLength = 1_000;

/** The JSON text of a stored key. */
export function keyJsonText(bytes: Uint8Array): string {
  const key = decodeShownKey(bytes);
  if (typeof key !== "object" || key === null) return keyToJsonText(key);
  const text = keyToJsonText(key);
  if (isReadBack(text, bytes)) return text;
  const shown = formatValue(key, { maxLength: textMaxLength });
  return JSON.stringify({ $key: { text: shown, pickle: Buffer.from(bytes).toString("base64") } });
}

function isReadBack(text: string, bytes: Uint8Array): boolean {
  try {
    return Buffer.compare(encodeKey(parseJson(text, "KEY")), bytes) === 0;
  } catch (error) {
    if (error instanceof SerializationError || error instanceof CliError) return false;
    throw error;
  }
}
