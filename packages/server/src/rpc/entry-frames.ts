import type { Entry } from "@everdict/protocol";
import { framePrefixBytes, writeFramePrefix } from "../grpc/message-frame.ts";

/**
 * Writes entries as the body of a `DictContents` response: one `DictEntry` message per entry, each in its frame.
 *
 * A dictionary may stream a million of them, so they are written by hand (field 1: key, field 2: value, both
 * bytes, an empty one left out as proto3 has it) and gathered in pieces of a bounded size. A large value is a
 * piece of its own and is not copied.
 */

/** A piece is handed out when it has at least this size. */
const pieceBytes = 64 * 1024;
/** A value from this size on is not copied. */
const uncopiedMinBytes = 32 * 1024;

const keyTag = 0x0a;
const valueTag = 0x12;

/** Frames a batch of entries. The pieces refer to large values: they must not change until they are written. */
export function* entryFrames(entries: readonly Entry[]): Generator<Uint8Array, void, undefined> {
  for (let from = 0; from < entries.length; ) {
    let bytes = 0;
    let to = from;
    while (to < entries.length && bytes < pieceBytes) {
      const entry = entries[to] as Entry;
      bytes += headBytes(entry) + (isUncopied(entry) ? 0 : entry.value.length);
      to++;
      if (isUncopied(entry)) break;
    }
    const last = entries[to - 1] as Entry;
    yield writeFrames(entries, from, to, bytes);
    if (isUncopied(last)) yield last.value;
    from = to;
  }
}

function isUncopied({ value }: Entry): boolean {
  return value.length >= uncopiedMinBytes;
}

function writeFrames(entries: readonly Entry[], from: number, to: number, bytes: number): Uint8Array {
  const piece = Buffer.allocUnsafe(bytes);
  let offset = 0;
  for (let index = from; index < to; index++) {
    const entry = entries[index] as Entry;
    const { key, value } = entry;
    writeFramePrefix(piece, offset, fieldBytes(key) + fieldBytes(value));
    offset = writeFieldHead(piece, offset + framePrefixBytes, keyTag, key.length);
    piece.set(key, offset);
    offset = writeFieldHead(piece, offset + key.length, valueTag, value.length);
    if (isUncopied(entry)) continue;
    piece.set(value, offset);
    offset += value.length;
  }
  return piece;
}

/** Everything of an entry's frame but the value's bytes. */
function headBytes({ key, value }: Entry): number {
  return framePrefixBytes + fieldBytes(key) + fieldBytes(value) - value.length;
}

function fieldBytes(content: Uint8Array): number {
  return content.length === 0 ? 0 : 1 + varintBytes(content.length) + content.length;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes++;
  return bytes;
}

function writeFieldHead(target: Buffer, offset: number, tag: number, length: number): number {
  if (length === 0) return offset;
  target[offset++] = tag;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) target[offset++] = (rest & 0x7f) | 0x80;
  target[offset++] = rest;
  return offset;
}
