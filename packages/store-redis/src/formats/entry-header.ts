/**
 * An entry as stored: a header, then the value, or a pointer to a large one.
 *
 * | byte | |
 * | --- | --- |
 * | 0 | what it is: 16 plus 1 if a pointer follows, plus 32 if it has a time to live of its own |
 * | 1-6 | when it expires, in ms since the epoch, big-endian; 0: never |
 * | 7 | spare, 0 |
 * | 8-15 | its version: random bytes, new with every write |
 * | 16-21 | only if it has one: its own time to live in ms; 0: for ever |
 *
 * Earlier versions of Everdict wrote entries without a version: byte 0 is 0, or 1 for a pointer, and the value begins at
 * byte 8. Such an entry has the first 8 bytes of the SHA-1 of what follows its header as its version. A touch keeps it,
 * and whatever writes the entry now gives it a random one. Those earlier versions take an entry with a version for a
 * foreign record, and say so.
 *
 * A pointer is the id of a large value (16 bytes), the number of its chunks (4) and its length in bytes (6). It is
 * always the last 26 bytes. Scripts read this layout too.
 */

import { createHash, randomFillSync } from "node:crypto";
import type { TimeToLiveMs, Version } from "@everdict/protocol";

const pointerFlag = 1;
const versionFlag = 16;
const ownLifeFlag = 32;
const plainBytes = 8;
const versionBytes = 8;
const ownLifeBytes = 6;
const pointerBytes = 26;
/** The latest time, and the longest time to live, that fits. */
const latestMs = 2 ** 48 - 1;

/** A large value as an entry refers to it. */
export interface ValuePointer {
  /** 16 bytes that no other value has. */
  readonly id: Buffer;
  readonly chunks: number;
  readonly bytes: number;
}

/** How long an entry lives. */
export interface EntryLife {
  /** 0: for ever. */
  readonly expiresAtMs: number;
  /** Undefined: it lives as the dictionary's policy says. */
  readonly ownMs: TimeToLiveMs | undefined;
}

/** Whether this version or an earlier one writes such entries. */
export function isEntry(entry: Buffer): boolean {
  // Most are of this kind.
  if (entry[0] === versionFlag) return entry.length >= plainBytes + versionBytes;
  const bytes = headerBytesOf(entry);
  return isPointer(entry) ? entry.length === bytes + pointerBytes : entry.length >= bytes;
}

/** The header of a new entry, with a new version. */
export function encodeHeader(life: EntryLife): Buffer {
  return newEntry(0, life, 0);
}

/** How long an entry lives, as scripts take it: when it expires, and its own time to live if it has one. */
export function encodeLife({ expiresAtMs, ownMs }: EntryLife): Buffer {
  const life = Buffer.alloc(ownMs === undefined ? 6 : 6 + ownLifeBytes);
  life.writeUIntBE(Math.min(expiresAtMs, latestMs), 0, 6);
  if (ownMs !== undefined) life.writeUIntBE(Math.min(ownMs ?? 0, latestMs), 6, ownLifeBytes);
  return life;
}

/** A header with a new version, with room for a body behind it. */
function newEntry(flags: number, { expiresAtMs, ownMs }: EntryLife, bodyBytes: number): Buffer {
  const hasOwn = ownMs !== undefined;
  const bytes = plainBytes + versionBytes + (hasOwn ? ownLifeBytes : 0);
  const entry = Buffer.allocUnsafe(bytes + bodyBytes);
  entry[0] = flags | versionFlag | (hasOwn ? ownLifeFlag : 0);
  entry.writeUIntBE(Math.min(expiresAtMs, latestMs), 1, 6);
  entry[7] = 0;
  writeNewVersion(entry, plainBytes);
  if (hasOwn) entry.writeUIntBE(Math.min(ownMs ?? 0, latestMs), plainBytes + versionBytes, ownLifeBytes);
  return entry;
}

/** Gives a new entry another version. */
export function renewVersion(entry: Buffer): void {
  writeNewVersion(entry, plainBytes);
}

/** Copies a value behind a header with a new version. */
export function encodeEntry(value: Uint8Array, life: EntryLife): Buffer {
  const entry = newEntry(0, life, value.length);
  entry.set(value, entry.length - value.length);
  return entry;
}

/** An entry with a new version that refers to a large value. */
export function encodePointer({ id, chunks, bytes }: ValuePointer, life: EntryLife): Buffer {
  const entry = newEntry(pointerFlag, life, pointerBytes);
  const start = entry.length - pointerBytes;
  entry.set(id, start);
  entry.writeUInt32BE(chunks, start + 16);
  entry.writeUIntBE(bytes, start + 20, 6);
  return entry;
}

/** When an entry expires; 0: never. */
export function expiryOf(entry: Buffer): number {
  // By hand: this is asked of every entry of a stream, and a call of the platform's costs as much as the rest.
  const high = (entry[1]! << 8) | entry[2]!;
  const low = ((entry[3]! << 24) | (entry[4]! << 16) | (entry[5]! << 8) | entry[6]!) >>> 0;
  return high * 0x1_0000_0000 + low;
}

/** Whether an entry is there for readers. */
export function isLive(entry: Buffer, nowMs: number): boolean {
  const expiresAtMs = expiryOf(entry);
  return expiresAtMs === 0 || nowMs < expiresAtMs;
}

/** The version of an entry. */
export function versionOf(entry: Buffer): Version {
  if (entry[0]! >= versionFlag) return entry.toString("hex", plainBytes, plainBytes + versionBytes);
  const digest = createHash("sha1").update(entry.subarray(plainBytes)).digest();
  return digest.toString("hex", 0, versionBytes);
}

/** The time to live that an entry has of its own; undefined if it has none, null: for ever. */
export function ownLifeOf(entry: Buffer): TimeToLiveMs | undefined {
  if ((entry[0]! & ownLifeFlag) === 0) return undefined;
  return entry.readUIntBE(plainBytes + versionBytes, ownLifeBytes) || null;
}

/** Whether the value itself is elsewhere. */
export function isPointer(entry: Buffer): boolean {
  return (entry[0]! & pointerFlag) !== 0;
}

/** The pointer in an entry; undefined if the value itself is in it. */
export function pointerIn(entry: Buffer): ValuePointer | undefined {
  return isPointer(entry) ? readPointer(entry.subarray(-pointerBytes)) : undefined;
}

/** Reads a pointer. */
export function readPointer(pointer: Buffer): ValuePointer {
  return {
    id: pointer.subarray(0, 16),
    chunks: pointer.readUInt32BE(16),
    bytes: pointer.readUIntBE(20, 6),
  };
}

/** The value in an entry that is no pointer. */
export function valueIn(entry: Buffer): Buffer {
  return entry.subarray(entry[0] === versionFlag ? plainBytes + versionBytes : headerBytesOf(entry));
}

/** Bytes before the value or pointer; infinite if it is no entry. */
function headerBytesOf(entry: Buffer): number {
  switch (entry[0]! & ~pointerFlag) {
    case 0:
      return entry.length === 0 ? Number.POSITIVE_INFINITY : plainBytes;
    case versionFlag:
      return plainBytes + versionBytes;
    case versionFlag | ownLifeFlag:
      return plainBytes + versionBytes + ownLifeBytes;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

// In words: copying eight bytes by a call of the platform's takes longer than the rest of a header.
const randomWords = new Int32Array(2 * 1024);
let wordsUsed = randomWords.length;

/** A version that no key ever had. */
function writeNewVersion(target: Buffer, at: number): void {
  if (wordsUsed === randomWords.length) {
    randomFillSync(randomWords);
    wordsUsed = 0;
  }
  target.writeInt32BE(randomWords[wordsUsed++]!, at);
  target.writeInt32BE(randomWords[wordsUsed++]!, at + 4);
}
