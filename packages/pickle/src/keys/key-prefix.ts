// What the keys that begin alike have in common as bytes, so that somebody who knows nothing of pickles can find them.
//
// A text has its length in front, a tuple of more than three has a mark, a pickle of four bytes or more a frame, and
// texts of 64 KiB stand outside of frames. So one prefix is a few patterns. Bytes at a place cannot tell everything:
// the tuple ("ab", 1), a datetime and the text "ab" may begin with the same bytes. Who reads the keys tells the rest.

import { SerializationError } from "../wire/errors.ts";
import { Op } from "../wire/opcodes.ts";
import { encodeUtf8 } from "../wire/utf8.ts";
import { type EncodeKeyOptions, encodeKey, writeKey } from "./encode-key.ts";
import { areSameBytes } from "./key-bytes.ts";
import { FORMS_MAX, otherKeyForms } from "./key-forms.ts";
import { PyKey } from "./py-key.ts";

const { PROTO, FRAME, SHORT_BINUNICODE, BINUNICODE } = Op;
const FRAME_HEADER_BYTES = 9;
const FRAME_MIN_BYTES = 4;
const BODY_OFFSET = 2;
/** Longer tuples begin with a mark. */
const UNMARKED_MAX = 3;
const SHORT_TEXT_MAX_BYTES = 255;
/** More of a long prefix is not compared as bytes. */
const COMPARED_MAX_BYTES = 1_024;
const PATTERNS_MAX = 16;

/** Bytes at a place in a key. */
export interface PrefixPart {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The keys that begin alike. */
export interface KeyPrefix {
  /**
   * At most 16 patterns. All parts of one of them are in every key that Python writes with this prefix, and in few other
   * keys. Undefined: any key may have the prefix.
   */
  readonly patterns: readonly (readonly PrefixPart[])[] | undefined;
  /** Whether a key has the prefix, of which one pattern matched and which {@link decodeKey} read. */
  has(key: unknown): boolean;
}

/**
 * The keys that begin with a prefix: texts with these first characters, or tuples with these first elements. The last
 * element counts as a whole: of `["user", 4]` no key `["user", 42]` begins so.
 *
 * Equal texts within a prefix are found as one object and as several, as Python may have written them.
 *
 * @throws {SerializationError} for a prefix that is neither text nor an array, or an element that no key can have
 * @example keyPrefix(["user", 42]).patterns // where d["user", 42, "name"] and d["user", 42] have which bytes
 */
export function keyPrefix(prefix: unknown, options: EncodeKeyOptions = {}): KeyPrefix {
  if (typeof prefix === "string") {
    const has = (key: unknown): boolean => {
      const text = contentOf(key);
      return typeof text === "string" && text.startsWith(prefix);
    };
    return { patterns: textPatterns(prefix), has };
  }
  if (!Array.isArray(prefix)) {
    throw new SerializationError("a prefix is text, or an array of the first elements of a tuple", {
      path: "prefix",
    });
  }
  // A copy: an array that was read stands for the bytes of its own key.
  const elements: readonly unknown[] = [...prefix];
  return { patterns: tuplePatterns(elements, options), has: beginsWith(elements) };
}

/** What a key stands for; Python may have written a text in other bytes than we do. */
function contentOf(key: unknown): unknown {
  return key instanceof PyKey ? key.value : key;
}

type Pattern = readonly PrefixPart[];

function textPatterns(prefix: string): readonly Pattern[] {
  const utf8 = encodeUtf8(prefix);
  const compared = utf8.slice(0, COMPARED_MAX_BYTES);
  const framed = BODY_OFFSET + FRAME_HEADER_BYTES;
  const patterns = [
    [part(0, [PROTO, 4, FRAME]), part(framed, [BINUNICODE]), part(framed + 5, compared)],
    [part(0, [PROTO, 4, BINUNICODE]), part(BODY_OFFSET + 5, compared)],
  ];
  if (utf8.length <= SHORT_TEXT_MAX_BYTES)
    patterns.unshift([
      part(0, [PROTO, 4, FRAME]),
      part(framed, [SHORT_BINUNICODE]),
      part(framed + 2, compared),
    ]);
  return patterns.map((parts) => parts.filter(({ bytes }) => bytes.length > 0));
}

function part(offset: number, bytes: ArrayLike<number>): PrefixPart {
  return { offset, bytes: Uint8Array.from(bytes) };
}

/** Of a prefix with too many repeats, the patterns of its beginning. */
function tuplePatterns(
  elements: readonly unknown[],
  options: EncodeKeyOptions,
): readonly Pattern[] | undefined {
  for (let count = elements.length; count > 0; count--) {
    const patterns = patternsOfAll(elements.slice(0, count), options);
    if (patterns !== undefined) return patterns;
  }
  return undefined;
}

function patternsOfAll(
  elements: readonly unknown[],
  options: EncodeKeyOptions,
): readonly Pattern[] | undefined {
  const padding = Math.max(0, UNMARKED_MAX + 1 - elements.length);
  const marked = [...elements, ...new Array<null>(padding).fill(null)];
  const others = otherKeyForms(marked, options);
  if (others.length + 1 === FORMS_MAX) return undefined;
  const patterns = [encodeKey(marked, options), ...others].flatMap((form) => beginningsOf(form, padding));
  if (padding > 0) {
    const forms = [encodeKey(elements, options), ...otherKeyForms(elements, options)];
    patterns.push(...forms.flatMap((form) => beginningsOf(form, 0)));
  }
  return patterns.length <= PATTERNS_MAX ? patterns : undefined;
}

/** What a tuple and every longer one have in common; `padding`: how many elements of one byte are none of the prefix's. */
function beginningsOf(form: Uint8Array, padding: number): readonly Pattern[] {
  // The tuple's opcode, MEMOIZE and STOP.
  const end = form.length - padding - 3;
  if (form[BODY_OFFSET] !== FRAME) {
    return [[part(0, form.subarray(0, Math.min(end, COMPARED_MAX_BYTES)))]];
  }
  const body = BODY_OFFSET + FRAME_HEADER_BYTES;
  // Only the first of several frames is compared: a frame ends before a long text.
  const frameBytes = new DataView(form.buffer, form.byteOffset).getUint32(BODY_OFFSET + 1, true);
  const bytes = form.subarray(body, Math.min(end, body + frameBytes, body + COMPARED_MAX_BYTES));
  const framed = [part(0, [PROTO, 4, FRAME]), part(body, bytes)];
  if (bytes.length >= FRAME_MIN_BYTES) return [framed];
  // Before a long text so few bytes have no frame.
  return [framed, [part(0, [PROTO, 4, ...bytes])]];
}

function beginsWith(elements: readonly unknown[]): (key: unknown) => boolean {
  const written = elements.map((element) => writeKey(element, {}, undefined));
  return (key) => {
    const items = contentOf(key);
    return (
      Array.isArray(items) &&
      items.length >= elements.length &&
      elements.every((element, at) => Object.is(element, items[at]) || isWritten(items[at], written[at]!))
    );
  };
}

/** Whether an element would be written in these bytes. */
function isWritten(element: unknown, bytes: Uint8Array): boolean {
  try {
    return areSameBytes(writeKey(element, {}, undefined), bytes);
  } catch {
    return false; // Nothing that a prefix can have.
  }
}
