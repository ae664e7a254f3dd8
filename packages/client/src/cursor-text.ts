import { createError } from "@everdict/protocol";

/** Where a page begins: text that means something only to the dictionary that it is from. */
export type Cursor = string;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The bytes of a cursor as text, in base64url without padding. Browsers and Node have no one call for it. */
export function cursorText(bytes: Uint8Array): Cursor {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) text += alphabet[(bits >> shift) & 63];
  }
  return text.slice(0, Math.ceil((bytes.length * 4) / 3));
}

/** The bytes that a cursor stands for. @throws {InvalidError} `invalid_argument` for a text that is none */
export function cursorBytes(cursor: Cursor): Uint8Array {
  const bytes = new Uint8Array(Math.floor((cursor.length * 3) / 4));
  let bits = 0;
  let at = 0;
  for (const [index, letter] of [...cursor].entries()) {
    const six = alphabet.indexOf(letter);
    if (six < 0)
      throw createError("invalid_argument", "page: `after` is no cursor, as page() returns it in `next`");
    bits = (bits << 6) | six;
    if (index % 4 > 0) bytes[at++] = (bits >> (6 - 2 * (index % 4))) & 0xff;
  }
  return bytes;
}
