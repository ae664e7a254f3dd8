// Short ASCII texts as the decoder meets them. Property names and the like repeat within and across pickles;
// finding one here costs less than building it, and property access is faster on the very same string.

const SLOTS = 1_024;
/** Longer texts are not looked up. */
export const CACHED_TEXT_MAX_BYTES = 24;
/** Up to this length a text is put together here; beyond it the platform's decoder is faster. */
export const SHORT_TEXT_MAX_BYTES = 56;

const texts: string[] = new Array(SLOTS).fill("");

/** The text at `from`, or `undefined` if it is not ASCII. At most {@link SHORT_TEXT_MAX_BYTES} bytes. */
export function shortText(bytes: Uint8Array, from: number, length: number): string | undefined {
  if (length === 0) return "";
  if (length > CACHED_TEXT_MAX_BYTES) return asciiText(bytes, from, length);
  const first = bytes[from] as number;
  const middle = bytes[from + (length >> 1)] as number;
  const last = bytes[from + length - 1] as number;
  const slot = (length + first * 7 + middle * 61 + last * 251) & (SLOTS - 1);
  const cached = texts[slot] as string;
  if (cached.length === length) {
    let index = 0;
    while (index < length && cached.charCodeAt(index) === bytes[from + index]) index++;
    if (index === length) return cached;
  }
  const text = asciiText(bytes, from, length);
  if (text !== undefined) texts[slot] = text;
  return text;
}

// Eight at a time: each call and each concatenation costs more than a character.
function asciiText(bytes: Uint8Array, from: number, length: number): string | undefined {
  let seen = 0;
  for (let index = from; index < from + length; index++) seen |= bytes[index] as number;
  if (seen >= 0x80) return undefined;
  const { fromCharCode } = String;
  const at = (index: number): number => bytes[index] as number;
  let text = "";
  let index = from;
  for (const end = from + length - 7; index < end; index += 8) {
    text += fromCharCode(
      at(index),
      at(index + 1),
      at(index + 2),
      at(index + 3),
      at(index + 4),
      at(index + 5),
      at(index + 6),
      at(index + 7),
    );
  }
  const end = from + length;
  if (end - index >= 4) {
    text += fromCharCode(at(index), at(index + 1), at(index + 2), at(index + 3));
    index += 4;
  }
  for (; index < end; index++) text += fromCharCode(at(index));
  return text;
}
