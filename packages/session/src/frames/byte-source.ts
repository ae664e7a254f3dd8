import { createError, requestTextMaxBytes } from "@everdict/protocol";
import { readU32 } from "./byte-sink.ts";
import { SessionProtocolError } from "./session-protocol-error.ts";

// A text that is not UTF-8 is no fatal error: it gets replacement characters, and is then checked like any other text.
const decoder = new TextDecoder();
const scratch = new DataView(new ArrayBuffer(8));

/** Reads the primitives of the protocol, in place, within the bounds of one frame. Little-endian. */
export class ByteSource {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;

  /** Reads from `position` to `end`. */
  reset(bytes: Uint8Array, position: number, end: number): this {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    return this;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.end - this.position;
  }

  u8(): number {
    if (this.position >= this.end) throw tooShort();
    return this.bytes[this.position++]!;
  }

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  u32(): number {
    const { position } = this;
    if (this.end - position < 4) throw tooShort();
    this.position = position + 4;
    return readU32(this.bytes, position);
  }

  u64(): number {
    const low = this.u32();
    const value = this.u32() * 2 ** 32 + low;
    if (value > Number.MAX_SAFE_INTEGER) throw new SessionProtocolError("a number is over 2^53 - 1");
    return value;
  }

  f64(): number {
    for (let index = 0; index < 8; index++) scratch.setUint8(index, this.u8());
    return scratch.getFloat64(0, true);
  }

  /** This many bytes, in place. */
  view(length: number): Uint8Array {
    const { bytes, position } = this;
    if (length > this.end - position) throw tooShort();
    this.position = position + length;
    // `subarray` of a Buffer would take several times as long.
    return new Uint8Array(bytes.buffer, bytes.byteOffset + position, length);
  }

  /** Bytes behind their length, in place. */
  sized(): Uint8Array {
    return this.view(this.u32());
  }

  /** All that is left, in place. */
  rest(): Uint8Array {
    return this.view(this.end - this.position);
  }

  /** A text. @throws `invalid_argument` for one that is longer than any text of a request may be */
  text(): string {
    const bytes = this.view(this.u32());
    if (bytes.length > requestTextMaxBytes) throw textTooLong(bytes.length);
    return decoder.decode(bytes);
  }

  /**
   * The number of items that are announced, each of so many bytes at least. To be asked before any memory is taken for
   * them.
   */
  announced(count: number, itemMinBytes: number, items: string): number {
    if (count * itemMinBytes > this.left) {
      throw new SessionProtocolError(`${count} ${items} are announced in ${this.left} bytes`);
    }
    return count;
  }

  /** To be called where a frame must end. */
  finish(): void {
    if (this.position !== this.end) {
      throw new SessionProtocolError(`${this.end - this.position} bytes follow the end of a frame's content`);
    }
  }
}

function tooShort(): SessionProtocolError {
  return new SessionProtocolError("a frame ends before its content does");
}

/** Not a broken frame: the request is refused, and the session goes on. */
function textTooLong(bytes: number): Error {
  return createError("invalid_argument", `a text is ${bytes} bytes, limit is ${requestTextMaxBytes} bytes`);
}
