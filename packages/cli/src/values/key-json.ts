/**
 * Keys as JSON from which exactly the same key is read back. A key has the form of a value (json-form.ts) if that gives
 * the stored bytes. Otherwise it is written by its bytes, with a text for people: a key of a class that only Python
 * has, or a tuple whose equal texts are not shared as they would be here.
 */

import { encodeKey, SerializationError } from "@everdict/pickle";
import { decodeShownKey, formatValue } from "@everdict/pickle/show";
import { CliError } from "../cli-error.ts";
import { parseJson } from "./parse-json.ts";
import { keyToJsonText } from "./to-json-text.ts";

/** Most characters of the text for people. */
const textMaxLength = 1_000;

/** The JSON text of a stored key. */
export function keyJsonText(bytes: Uint8Array): string {
  const key = decodeShownKey(bytes);
  if (typeof key !== "object" || key === null) return keyToJsonText(key);
  const text = textReadBack(key, bytes);
  if (text !== undefined) return text;
  const shown = formatValue(key, { maxLength: textMaxLength });
  return JSON.stringify({ $key: { text: shown, hex: Buffer.from(bytes).toString("hex") } });
}

/** The form of a value, if the key that is read from it has these bytes. */
function textReadBack(key: unknown, bytes: Uint8Array): string | undefined {
  try {
    // Each part takes a byte at least; a key that refers to its parts again and again has no form but its bytes.
    const text = keyToJsonText(key, bytes.length);
    return Buffer.compare(encodeKey(parseJson(text, "KEY")), bytes) === 0 ? text : undefined;
  } catch (error) {
    if (error instanceof SerializationError || error instanceof CliError) return undefined;
    throw error;
  }
}
