import { encodeKey } from "@everdict/pickle";
import { decodeShownKey, formatValue } from "@everdict/pickle/show";

/** The most characters that are made of a key. */
const keyMaxLength = 2_000;

/** A key as people read it: as the command prints it. */
export function keyText(key: Uint8Array): string {
  return formatValue(decodeShownKey(key), { maxLength: keyMaxLength });
}

/** The bytes of a key as text for an address. */
export function keyToAddress(key: Uint8Array): string {
  let binary = "";
  for (const byte of key) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The bytes of a key in an address; undefined if these are none. */
export function keyFromAddress(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Bytes in hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
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
  return typeof read === "string" && sameBytes(encodeKey(read), key) ? [read] : ["--key-raw", hexOf(key)];
}

/** Whether two byte strings are the same. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
