import { encodeKey } from "@everdict/pickle";
import { decodeShownKey, formatValue, hexOf } from "@everdict/pickle/show";

/** The most characters that are made of a key. */
const keyMaxLength = 2_000;

/** A key as people read it: as the command prints it. */
export function keyText(key: Uint8Array): string {
  return formatValue(decodeShownKey(key), { maxLength: keyMaxLength });
}

/**
 * The bytes of a key that somebody typed.
 *
 * @param isJson whether it is JSON: a number, a constant, or an array, which is a tuple in Python. Else it is a text.
 * @throws {SyntaxError | SerializationError} for what is no key
 */
export function typedKey(text: string, isJson: boolean): Uint8Array {
  return encodeKey(isJson ? (JSON.parse(text) as unknown) : text);
}

/** A key as words of the command: the text itself, or its bytes where it is none. */
export function keyWords(key: Uint8Array): string[] {
  const read = decodeShownKey(key);
  return typeof read === "string" && hexOf(encodeKey(read)) === hexOf(key)
    ? [read]
    : ["--key-raw", hexOf(key)];
}
