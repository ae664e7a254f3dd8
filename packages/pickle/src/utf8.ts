// UTF-8 as Python's pickler writes it: "surrogatepass", that is, a lone surrogate travels as the three bytes
// its number would have. The platform's encoder and decoder do the work; the hand-written paths below run only
// for text that holds a lone surrogate.

import { DeserializationError } from "./errors.ts";

const encoder = new TextEncoder();
// Without ignoreBOM a leading U+FEFF would be dropped.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const loneSurrogate = /\p{Surrogate}/u;
// Newer than the library declarations, and absent from older browsers.
const isWellFormed = (String.prototype as { isWellFormed?: (this: string) => boolean }).isWellFormed;

/** The bytes of a text, lone surrogates included. */
export function encodeUtf8(text: string): Uint8Array {
  return hasLoneSurrogate(text) ? encodeWithSurrogates(text) : encoder.encode(text);
}

/** Writes a text without lone surrogates at `position`; answers how many bytes it took. */
export function encodeUtf8Into(text: string, target: Uint8Array, position: number): number {
  return encoder.encodeInto(text, position === 0 ? target : target.subarray(position)).written;
}

/** Whether a text holds half of a surrogate pair on its own. */
export function hasLoneSurrogate(text: string): boolean {
  return isWellFormed === undefined ? loneSurrogate.test(text) : !isWellFormed.call(text);
}

function encodeWithSurrogates(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) bytes[at++] = code;
    else if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
      bytes[at++] = 0x80 | (code & 0x3f);
    } else if (code < 0x10000) {
      bytes[at++] = 0xe0 | (code >> 12);
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at++] = 0x80 | (code & 0x3f);
    } else {
      bytes[at++] = 0xf0 | (code >> 18);
      bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at++] = 0x80 | (code & 0x3f);
    }
  }
  return bytes.slice(0, at);
}

/** The text that bytes spell, lone surrogates included; anything else that is not UTF-8 is refused. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return decodeWithSurrogates(bytes);
  }
}

// The platform's decoder refused: either there are lone surrogates (a 0xED lead byte with a second byte of 0xA0
// and above) or the bytes are bad. Stretches between surrogates go back to the platform's decoder.
function decodeWithSurrogates(bytes: Uint8Array): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at + 2 < bytes.length; at++) {
    if (bytes[at] !== 0xed) continue;
    const second = bytes[at + 1] as number;
    const third = bytes[at + 2] as number;
    if (second < 0xa0 || second > 0xbf || (third & 0xc0) !== 0x80) continue;
    parts.push(decodeStrictly(bytes.subarray(from, at)));
    parts.push(String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f)));
    at += 2;
    from = at + 1;
  }
  parts.push(decodeStrictly(bytes.subarray(from)));
  return parts.join("");
}

function decodeStrictly(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new DeserializationError("text is not valid UTF-8", { cause });
  }
}
