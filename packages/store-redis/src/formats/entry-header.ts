/**
 * An entry as stored: a header of 8 bytes, then the value, or a pointer to a large one.
 *
 * | byte | |
 * | --- | --- |
 * | 0 | 0: the value follows; 1: a pointer follows |
 * | 1-6 | when it expires, in ms since the epoch, big-endian; 0: never |
 * | 7 | spare, 0 |
 *
 * A pointer is the id of a large value (16 bytes), the number of its chunks (4) and its length in bytes (6). Scripts
 * read this layout too. 8 bytes keep small entries in the allocator's class of their own size.
 */

/** Bytes before the value. */
export const headerBytes = 8;

const pointerFlag = 1;
const pointerBytes = 26;
const latestMs = 2 ** 48 - 1;

/** A large value as an entry refers to it. */
export interface ValuePointer {
  /** 16 bytes that no other value has. */
  readonly id: Buffer;
  readonly chunks: number;
  readonly bytes: number;
}

/** Whether this version writes such entries. */
export function isEntry(entry: Buffer): boolean {
  if (entry[0] === 0) return entry.length >= headerBytes;
  return entry[0] === pointerFlag && entry.length === headerBytes + pointerBytes;
}

/** Copies a value behind a header. */
export function encodeEntry(value: Uint8Array, expiresAtMs: number): Buffer {
  const entry = Buffer.allocUnsafe(headerBytes + value.length);
  writeHeader(entry, 0, expiresAtMs);
  entry.set(value, headerBytes);
  return entry;
}

/** An entry that refers to a large value. */
export function encodePointer({ id, chunks, bytes }: ValuePointer, expiresAtMs: number): Buffer {
  const entry = Buffer.alloc(headerBytes + pointerBytes);
  writeHeader(entry, pointerFlag, expiresAtMs);
  entry.set(id, headerBytes);
  entry.writeUInt32BE(chunks, headerBytes + 16);
  entry.writeUIntBE(bytes, headerBytes + 20, 6);
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

/** The pointer in an entry; undefined if the value itself is in it. */
export function pointerIn(entry: Buffer): ValuePointer | undefined {
  if (entry[0] !== pointerFlag) return undefined;
  return {
    id: entry.subarray(headerBytes, headerBytes + 16),
    chunks: entry.readUInt32BE(headerBytes + 16),
    bytes: entry.readUIntBE(headerBytes + 20, 6),
  };
}

function writeHeader(entry: Buffer, flags: number, expiresAtMs: number): void {
  entry[0] = flags;
  entry.writeUIntBE(Math.min(expiresAtMs, latestMs), 1, 6);
  entry[7] = 0;
}
