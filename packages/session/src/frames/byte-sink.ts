/** Writes the primitives of the protocol into memory that somebody else made large enough. Little-endian. */

const encoder = new TextEncoder();
const scratch = new DataView(new ArrayBuffer(8));

/** A place to write at. */
export class ByteSink {
  bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  u8(value: number): void {
    this.bytes[this.position++] = value;
  }

  u16(value: number): void {
    this.u8(value);
    this.u8(value >>> 8);
  }

  u32(value: number): void {
    const { bytes, position } = this;
    bytes[position] = value;
    bytes[position + 1] = value >>> 8;
    bytes[position + 2] = value >>> 16;
    bytes[position + 3] = value >>> 24;
    this.position = position + 4;
  }

  /** An integer from 0 to 2^53 - 1 in eight bytes. */
  u64(value: number): void {
    this.u32(value % 2 ** 32);
    this.u32(Math.floor(value / 2 ** 32));
  }

  f64(value: number): void {
    scratch.setFloat64(0, value, true);
    for (let index = 0; index < 8; index++) this.u8(scratch.getUint8(index));
  }

  /** Bytes as they are, without their length. */
  raw(source: Uint8Array): void {
    // Also for a few bytes quicker than a loop, which sees both Buffers and plain arrays.
    this.bytes.set(source, this.position);
    this.position += source.length;
  }

  /** Bytes behind their length. */
  sized(source: Uint8Array): void {
    this.u32(source.length);
    this.raw(source);
  }

  /** A text: its length in bytes and its UTF-8. Takes at most {@link textRoom}. */
  text(value: string): void {
    const start = this.position + 4;
    const { written } = encoder.encodeInto(value, this.bytes.subarray(start));
    this.u32(written);
    this.position = start + written;
  }
}

/** The most bytes that a text may take. */
export function textRoom(value: string): number {
  return 4 + 3 * value.length;
}

/** A little-endian `u32` anywhere. */
export function readU32(bytes: Uint8Array, position: number): number {
  return (
    (bytes[position]! |
      (bytes[position + 1]! << 8) |
      (bytes[position + 2]! << 16) |
      (bytes[position + 3]! << 24)) >>>
    0
  );
}

/** Writes a `u32` somewhere else than at the end. */
export function patchU32(bytes: Uint8Array, position: number, value: number): void {
  bytes[position] = value;
  bytes[position + 1] = value >>> 8;
  bytes[position + 2] = value >>> 16;
  bytes[position + 3] = value >>> 24;
}
