// What the decoder reads from: the bytes, how far they have been read, and the limits on what they may make it build.
//
// The limits belong to the position: each byte that has been read allows for more memory, so that few bytes cannot ask
// for much, and much data can be read without an option.

import { DeserializationError } from "../wire/errors.ts";
import {
  CONTENT_MIN_BYTES,
  type DecodeLimits,
  limitDefaults,
  MEMORY_BASE_BYTES,
  MEMORY_PER_BYTE,
  MEMORY_PER_CONTENT_BYTE,
  MEMORY_TOTAL_MAX_BYTES,
} from "../wire/limits.ts";
import { decodeUtf8, latin1 } from "../wire/utf8.ts";
import { Cost } from "./cost.ts";

const COPIED_BYTES_MAX = 64;
const noBytes = new Uint8Array(0);

/** The bytes of one pickle at a time, and what is left of its limits. */
export class PickleInput {
  bytes: Uint8Array = noBytes;
  /** The next byte to read. */
  position = 0;
  stringMaxBytes = 0;
  integerMaxBytes = 0;
  private memoryLeft = 0;
  private memoryMaxBytes = 0;
  /** What each byte allows beyond that. */
  private memoryPerByte = 0;
  private grantedUpTo = 0;
  private elementsLeft = 0;
  private elementsMax = 0;

  /** Starts reading from the first byte. */
  begin(bytes: Uint8Array, limits: DecodeLimits): void {
    this.bytes = bytes;
    this.position = 0;
    this.stringMaxBytes = limits.stringMaxBytes ?? limitDefaults.stringMaxBytes;
    this.integerMaxBytes = limits.integerMaxBytes ?? limitDefaults.integerMaxBytes;
    this.elementsMax = limits.elementsMax ?? limitDefaults.elementsMax;
    this.elementsLeft = this.elementsMax;
    this.memoryMaxBytes = limits.memoryMaxBytes ?? MEMORY_BASE_BYTES;
    this.memoryLeft = this.memoryMaxBytes;
    this.memoryPerByte = limits.memoryMaxBytes === undefined ? MEMORY_PER_BYTE : 0;
    this.grantedUpTo = 0;
  }

  /** Lets go of the bytes. */
  release(): void {
    this.bytes = noBytes;
  }

  /** An error about the byte position just read. */
  fail(reason: string): DeserializationError {
    return new DeserializationError(`cannot decode: ${reason}, at byte ${this.position}`, {
      offset: this.position,
    });
  }

  /** An error about a byte position. */
  failAt(position: number, reason: string): DeserializationError {
    this.position = position;
    return this.fail(reason);
  }

  /** Takes an estimated number of bytes from the memory budget. */
  spend(costBytes: number): void {
    this.memoryLeft -= costBytes;
    if (this.memoryLeft < 0) this.grantMore();
  }

  /** The same for a text or bytes of this length, which allows for less than as many opcodes do. */
  private spendContent(costBytes: number, lengthBytes: number): void {
    this.spend(costBytes);
    if (lengthBytes > CONTENT_MIN_BYTES)
      this.grantedUpTo += lengthBytes * (1 - MEMORY_PER_CONTENT_BYTE / MEMORY_PER_BYTE);
  }

  // What has been read since allows for more.
  private grantMore(): void {
    const allowed = Math.floor((this.position - this.grantedUpTo) * this.memoryPerByte);
    const granted = Math.min(allowed, Math.max(0, MEMORY_TOTAL_MAX_BYTES - this.memoryMaxBytes));
    this.grantedUpTo = this.position;
    this.memoryMaxBytes += granted;
    this.memoryLeft += granted;
    if (this.memoryLeft < 0)
      throw this.fail(
        `the value takes more memory than memoryMaxBytes = ${this.memoryMaxBytes}; the option memoryMaxBytes allows more`,
      );
  }

  /** Counts elements that go into a container. */
  countElements(count: number, costBytes: number): void {
    this.elementsLeft -= count;
    if (this.elementsLeft < 0) throw this.fail(`more elements than elementsMax = ${this.elementsMax}`);
    this.spend(count * costBytes);
  }

  /** An error about a text that is too long. */
  failText(lengthBytes: number): DeserializationError {
    return this.fail(`a text of ${lengthBytes} bytes is over stringMaxBytes = ${this.stringMaxBytes}`);
  }

  /** Makes sure that `count` bytes follow. */
  need(count: number): void {
    if (count > this.bytes.length - this.position) throw this.fail("the pickle is cut off");
  }

  readUint1(): number {
    this.need(1);
    return this.bytes[this.position++] as number;
  }

  readUint2(): number {
    this.need(2);
    const { bytes, position } = this;
    this.position += 2;
    return (bytes[position] as number) | ((bytes[position + 1] as number) << 8);
  }

  readInt4(): number {
    this.need(4);
    const { bytes, position } = this;
    this.position += 4;
    return (
      (bytes[position] as number) |
      ((bytes[position + 1] as number) << 8) |
      ((bytes[position + 2] as number) << 16) |
      ((bytes[position + 3] as number) << 24)
    );
  }

  readUint4(): number {
    return this.readInt4() >>> 0;
  }

  /** A length of eight bytes; those beyond the safe range are beyond any input too. */
  readUint8(): number {
    const low = this.readUint4();
    return low + this.readUint4() * 2 ** 32;
  }

  /** Bytes up to a line feed, without it, as Latin-1 text. */
  readLine(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw this.fail("a line does not end");
    const raw = this.readView(end - this.position);
    this.position = end + 1;
    this.spend(raw.length);
    return latin1(raw);
  }

  /** Bytes up to a line feed, without it, as UTF-8 text. */
  readNameLine(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) throw this.fail("a line does not end");
    const line = this.readText(end - this.position);
    this.position = end + 1;
    return line;
  }

  /** `length` bytes, as a view of the input. */
  readView(length: number): Uint8Array {
    this.need(length);
    this.spendContent(0, length);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** `length` bytes, copied. */
  readBytes(length: number): Uint8Array<ArrayBuffer> {
    this.need(length);
    this.spendContent(Cost.bytes, length);
    this.position += length;
    const copy = new Uint8Array(length);
    const from = this.position - length;
    // A view of a few bytes costs more than to copy them.
    if (length > COPIED_BYTES_MAX) copy.set(this.bytes.subarray(from, this.position));
    else for (let index = 0; index < length; index++) copy[index] = this.bytes[from + index] as number;
    return copy;
  }

  /** A text of `length` bytes of UTF-8. */
  readText(length: number): string {
    this.need(length);
    if (length > this.stringMaxBytes) throw this.failText(length);
    this.spendContent(Cost.text, length);
    const from = this.position;
    this.position = from + length;
    return decodeUtf8(this.bytes, from, this.position);
  }
}
