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

/** Reads a stretch of bytes as UTF-8; anything else becomes U+FFFD. */
type ReadUtf8 = (this: Uint8Array, from: number, end: number) => string;

// Where there is Node's Buffer (Node, Bun, Deno), its method takes half the time of TextDecoder for short texts. It is
// not documented, so what it does is tried out first.
const readUtf8 = findReadUtf8();

function findReadUtf8(): ReadUtf8 | undefined {
  try {
    const { Buffer } = globalThis as { Buffer?: { readonly prototype: { readonly utf8Slice?: ReadUtf8 } } };
    const found = Buffer?.prototype.utf8Slice;
    const sample = Uint8Array.of(0x2d, 0xef, 0xbb, 0xbf, 0xc3, 0xa9, 0xff, 0x2d);
    return found?.call(sample, 1, 7) === "\ufeffé\ufffd" ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The bytes of a text, lone surrogates included. */
export function encodeUtf8(text: string): Uint8Array {
  return hasLoneSurrogate(text) ? encodeWithSurrogates(text) : encoder.encode(text);
}

/** Writes a text without lone surrogates at `position`; returns how many bytes it took. */
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
export function decodeUtf8(bytes: Uint8Array, from = 0, end = bytes.length): string {
  if (readUtf8 !== undefined) {
    const text = readUtf8.call(bytes, from, end);
    // It may have been there; the decoder below tells.
    if (!text.includes("\ufffd")) return text;
  }
  const part = bytes.subarray(from, end);
  try {
    return decoder.decode(part);
  } catch {
    return decodeWithSurrogates(part);
  }
}

// The platform's decoder refused: either there are lone surrogates, three bytes each, or the bytes are bad.
function decodeWithSurrogates(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at++] as number;
    if (lead < 0x80) {
      units[count++] = lead;
      continue;
    }
    const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    let code = lead & (0x3f >> more);
    for (let index = 0; index < more; index++) {
      const byte = bytes[at++] ?? 0;
      if ((byte & 0xc0) !== 0x80) throw malformed();
      code = (code << 6) | (byte & 0x3f);
    }
    // A continuation without a lead, a form that is longer than need be, or what is beyond Unicode.
    if (lead < 0xc2 || lead > 0xf4 || code < (firstOf[more] as number) || code > 0x10ffff) throw malformed();
    if (code > 0xffff) units[count++] = 0xd7c0 + (code >> 10);
    units[count++] = code > 0xffff ? 0xdc00 | (code & 0x3ff) : code;
  }
  return fromCodeUnits(units.subarray(0, count));
}

/** The first code point that takes so many bytes more. */
const firstOf = [0, 0x80, 0x800, 0x10000];

function malformed(): DeserializationError {
  return new DeserializationError("text is not valid UTF-8");
}

/** UTF-16 code units as text. */
export function fromCodeUnits(units: Uint8Array | Uint16Array): string {
  const parts: string[] = [];
  for (let from = 0; from < units.length; from += 4_096) {
    parts.push(String.fromCharCode.apply(null, units.subarray(from, from + 4_096) as unknown as number[]));
  }
  return parts.join("");
}

/** Bytes as text, each byte one character. */
export function latin1(bytes: Uint8Array): string {
  return fromCodeUnits(bytes);
}
