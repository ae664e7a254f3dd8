// Whether a value could be written in the bytes of its key and in no others. A look along both decides that for the
// shape that nearly all keys have, at a tenth of the cost of writing the key and comparing. For other keys it may say
// no.

import { PyFloat } from "../values/py-float.ts";
import { Op, tupleOpcode } from "../wire/opcodes.ts";

const { NONE, NEWTRUE, NEWFALSE, BININT, BININT1, BININT2, BINFLOAT, SHORT_BINBYTES, SHORT_BINUNICODE } = Op;
const { PROTO, FRAME, MEMOIZE, MARK, EMPTY_TUPLE } = Op;

/** Longer keys, deeper ones and those of more texts are left to a closer look. */
const LENGTH_MAX = 4_096;
const LEVELS_MAX = 16;
const TEXTS_MAX = 16;
const FRAME_HEADER_BYTES = 11;

/** Whether a key that was just read is surely written in these bytes, as {@link encodeKey} does, and in no others. */
export function isPlainKey(bytes: Uint8Array, value: unknown): boolean {
  const { length } = bytes;
  if (length > LENGTH_MAX || bytes[0] !== PROTO || bytes[1] !== 4) return false;
  let at = 2;
  if (bytes[2] === FRAME) {
    const frame = length - FRAME_HEADER_BYTES;
    if (frame < 4 || bytes[3] !== (frame & 0xff) || bytes[4] !== frame >> 8) return false;
    for (let high = 5; high < FRAME_HEADER_BYTES; high++) if (bytes[high] !== 0) return false;
    at = FRAME_HEADER_BYTES;
  } else if (length - at >= 4) return false;
  const end = Array.isArray(value) ? new TupleLook(bytes).after(value, at, 0) : afterScalar(bytes, value, at);
  return end === length - 1;
}

/** Where a scalar ends that begins there; -1 if it is not surely written so. */
function afterScalar(bytes: Uint8Array, value: unknown, at: number): number {
  switch (typeof value) {
    case "string":
      return bytes[at] === SHORT_BINUNICODE ? afterCounted(bytes, at, utf8Length(value, bytes[at + 1])) : -1;
    case "number":
      return afterNumber(bytes[at], value, at);
    case "boolean":
      return bytes[at] === (value ? NEWTRUE : NEWFALSE) ? at + 1 : -1;
    default:
  }
  if (value === null) return bytes[at] === NONE ? at + 1 : -1;
  if (value instanceof PyFloat) return bytes[at] === BINFLOAT ? at + 9 : -1;
  return value instanceof Uint8Array && bytes[at] === SHORT_BINBYTES
    ? afterCounted(bytes, at, value.length)
    : -1;
}

function afterCounted(bytes: Uint8Array, at: number, length: number): number {
  const end = at + 2 + length;
  return bytes[at + 1] === length && bytes[end] === MEMOIZE ? end + 1 : -1;
}

/** A look at a tuple and at what it holds. */
class TupleLook {
  private readonly bytes: Uint8Array;
  private texts: unknown[] | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Where a tuple ends that begins there; -1 if it is not surely written so. */
  after(items: readonly unknown[], begin: number, level: number): number {
    const { bytes } = this;
    const count = items.length;
    if (count === 0) return bytes[begin] === EMPTY_TUPLE ? begin + 1 : -1;
    if (level === LEVELS_MAX || !Object.isFrozen(items)) return -1;
    let at = begin;
    if (count > 3 && bytes[at++] !== MARK) return -1;
    for (let index = 0; index < count; index++) {
      const item = items[index];
      at = Array.isArray(item) ? this.after(item, at, level + 1) : this.afterItem(item, at);
      if (at < 0) return -1;
    }
    return bytes[at] === tupleOpcode(count) && bytes[at + 1] === MEMOIZE ? at + 2 : -1;
  }

  private afterItem(item: unknown, at: number): number {
    // Bytes that repeat are rare, and not worth a look.
    const isNew = typeof item === "string" ? this.isNew(item) : !(item instanceof Uint8Array);
    return isNew ? afterScalar(this.bytes, item, at) : -1;
  }

  /** Whether no equal text came before. */
  private isNew(text: string): boolean {
    if (this.texts === undefined) {
      this.texts = [text];
      return true;
    }
    return this.texts.length < TEXTS_MAX && !this.texts.includes(text) && this.texts.push(text) > 0;
  }
}

function afterNumber(opcode: number | undefined, value: number, at: number): number {
  switch (opcode) {
    case BININT1:
      return at + 2;
    case BININT2:
      return value > 0xff ? at + 3 : -1;
    case BININT:
      return value < 0 || value > 0xffff ? at + 5 : -1;
    case BINFLOAT:
      return Number.isNaN(value) ? -1 : at + 9;
    default:
      return -1;
  }
}

/** How long a text is in UTF-8, or -1 if it has surrogates, which there are two ways to write. */
function utf8Length(text: string, written: number | undefined): number {
  // As many bytes as units are ASCII.
  if (text.length === written) return written;
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdfff) return -1;
    length += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return length;
}
