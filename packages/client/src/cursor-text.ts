import { createError, fromBase64Url, toBase64Url } from "@everdict/protocol";

/** Where a page begins: text that means something only to the dictionary that it is from. */
export type Cursor = string;

/** The bytes of a cursor as text. */
export function cursorText(bytes: Uint8Array): Cursor {
  return toBase64Url(bytes);
}

/** The bytes that a cursor stands for. @throws {InvalidError} `invalid_argument` for a text that is none */
export function cursorBytes(cursor: Cursor): Uint8Array {
  const bytes = fromBase64Url(cursor);
  if (bytes !== undefined) return bytes;
  throw createError("invalid_argument", "page: `after` is no cursor, as page() returns it in `next`");
}
