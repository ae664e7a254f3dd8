import type { Entry } from "@everdict/protocol";
import { framePrefixBytes, writeFramePrefix } from "../grpc/message-frame.ts";
import { uncopiedMinBytes } from "./field-head.ts";

/**
 * Writes entries as messages: one `DictEntry` per entry, each in its frame, as `DictContents` has them; or each as the
 * first field of a message that holds many.
 *
 * A dictionary may stream a million of them, so they are written by hand (field 1: key, field 2: value, both
 * bytes, an empty one left out as proto3 has it) and gathered in pieces of a bounded size. A large value is a
 * piece of its own and is not copied.
 */

/** A piece is handed out when it has at least this size. */
const pieceBytes = 64 * 1024;

const entriesTag = 0x0a;
const keyTag = 0x0a;
const valueTag = 0x12;

/** What stands before each entry. */
interface EntryHead {
  bytes(entryBytes: number): number;
  /** Returns where it ends. */
  write(target: Buffer, offset: number, entryBytes: number): number;
}

const frameHead: EntryHead = {
  bytes: () => framePrefixBytes,
  write: (target, offset, entryBytes) => {
    writeFramePrefix(target, offset, entryBytes);
    return offset + framePrefixBytes;
  },
};

const fieldHead: EntryHead = {
  bytes: (entryBytes) => 1 + varintBytes(entryBytes),
  write: (target, offset, entryBytes) => writeHead(target, offset, entriesTag, entryBytes),
};

/** Some entries as they were written, and behind them, uncopied, the value of the last if it is large. */
interface EntryPiece {
  readonly written: Buffer;
  readonly value: Uint8Array | undefined;
}

/** Frames a batch of entries. The pieces refer to large values: they must not change until they are written. */
export function* entryFrames(entries: readonly Entry[]): Generator<Uint8Array, void, undefined> {
  for (const { written, value } of entryPieces(entries, frameHead)) {
    yield written;
    if (value !== undefined) yield value;
  }
}

/** A batch as messages of many entries, each in its frame. As above. */
export function* batchFrames(entries: readonly Entry[]): Generator<Uint8Array, void, undefined> {
  for (const { written, value } of entryPieces(entries, fieldHead)) {
    const prefix = Buffer.allocUnsafe(framePrefixBytes);
    writeFramePrefix(prefix, 0, written.length + (value?.length ?? 0));
    yield Buffer.concat([prefix, written]);
    if (value !== undefined) yield value;
  }
}

/** All entries as the first field of one message, without a frame. As above. */
export function entryFields(entries: readonly Entry[]): Uint8Array[] {
  return [...entryPieces(entries, fieldHead)].flatMap(({ written, value }) =>
    value === undefined ? [written] : [written, value],
  );
}

function* entryPieces(entries: readonly Entry[], head: EntryHead): Generator<EntryPiece, void, undefined> {
  for (let from = 0; from < entries.length; ) {
    let bytes = 0;
    let to = from;
    while (to < entries.length && bytes < pieceBytes) {
      const entry = entries[to] as Entry;
      const entryBytes = bytesOf(entry);
      bytes += head.bytes(entryBytes) + entryBytes - (isUncopied(entry) ? entry.value.length : 0);
      to++;
      if (isUncopied(entry)) break;
    }
    const last = entries[to - 1] as Entry;
    const written = Buffer.allocUnsafe(bytes);
    let offset = 0;
    for (let index = from; index < to; index++) {
      offset = writeEntry(written, offset, entries[index] as Entry, head);
    }
    yield { written, value: isUncopied(last) ? last.value : undefined };
    from = to;
  }
}

function isUncopied({ value }: Entry): boolean {
  return value.length >= uncopiedMinBytes;
}

function writeEntry(target: Buffer, start: number, entry: Entry, head: EntryHead): number {
  const { key, value } = entry;
  let offset = head.write(target, start, bytesOf(entry));
  offset = writeFieldHead(target, offset, keyTag, key.length);
  target.set(key, offset);
  offset = writeFieldHead(target, offset + key.length, valueTag, value.length);
  if (isUncopied(entry)) return offset;
  target.set(value, offset);
  return offset + value.length;
}

function bytesOf({ key, value }: Entry): number {
  return fieldBytes(key) + fieldBytes(value);
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
  return length === 0 ? offset : writeHead(target, offset, tag, length);
}

function writeHead(target: Buffer, offset: number, tag: number, length: number): number {
  target[offset++] = tag;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) target[offset++] = (rest & 0x7f) | 0x80;
  target[offset++] = rest;
  return offset;
}
