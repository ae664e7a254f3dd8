// The bytes of one protocol-4 pickle, framed as CPython frames them (protocol section 4.1).
//
// A frame's header is nine bytes that hold the length of what follows, so the writer keeps nine bytes free and
// fills them in when the frame closes. CPython opens a frame at the first byte written; keeping the space free at
// once comes to the same, since a frame of fewer than four bytes loses its header again.
//
// Repeated short texts in a value (property names above all) are written once and referred to afterwards, as CPython does
// for names that are one object. Which texts repeat is guessed by a small direct-mapped table that lives as long as the
// writer: a collision only costs a repeated spelling, which Python reads as equal.
//
// Small results are views into a shared slab: a memory block of its own costs ten times the encoding of a small
// object. Large ones are built in a scratch buffer that is reused, or handed over whole when it is mostly full.

import { hashOfText } from "./content-hash.ts";
import { Op } from "./opcodes.ts";
import { twosComplement } from "./twos-complement.ts";
import { encodeUtf8, encodeUtf8Into, hasLoneSurrogate } from "./utf8.ts";

const { SHORT_BINBYTES, BINBYTES, BINBYTES8, SHORT_BINUNICODE, BINUNICODE, BINUNICODE8 } = Op;
const { BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT, BINGET, LONG_BINGET } = Op;
const { PROTO, FRAME, MEMOIZE, STOP } = Op;

const SLAB_BYTES = 16_384;
const SLAB_FREE_MIN_BYTES = 1_024;
const SCRATCH_KEPT_MAX_BYTES = 1_048_576;
const FRAME_HEADER_BYTES = 9;
const FRAME_TARGET_BYTES = 65_536;
const FRAME_MIN_BYTES = 4;
/** Longer texts seldom repeat, and comparing them costs more than writing them. */
const SHARED_TEXT_MAX_UNITS = 40;
const SHARED_TEXT_SLOTS = 512;
/** What a boundary leaves room for: the longest scalar. */
const SCALAR_MAX_BYTES = 16;
const INT32_MIN = -2_147_483_648;
const INT32_MAX = 2_147_483_647;
/** Up to this many UTF-16 units, text cannot take more than the 255 bytes of the short form. */
const SHORT_TEXT_MAX_UNITS = 85;
/** Below this many units a loop beats the platform's encoder. */
const LOOP_TEXT_MAX_UNITS = 48;

/** Grows a pickle byte by byte; one instance is used for many pickles, one after the other. */
export class ByteWriter {
  /** How many objects this pickle has memoised so far: the number that the next one gets. */
  memoCount = 0;
  private readonly sharedTexts: string[] = new Array(SHARED_TEXT_SLOTS).fill("");
  private readonly sharedNumbers = new Int32Array(SHARED_TEXT_SLOTS);
  /** In which pickle a text was written, since forgetting all of them for each pickle would take too long. */
  private readonly sharedEpochs = new Float64Array(SHARED_TEXT_SLOTS);
  private epoch = 0;
  /** By slot: that of the name which was written after this one the last time. */
  private readonly nextNames = new Uint16Array(SHARED_TEXT_SLOTS);
  private lastName = 0;
  private slab = new Uint8Array(SLAB_BYTES);
  private slabUsed = 0;
  private scratch: Uint8Array<ArrayBuffer> | undefined;
  private bytes: Uint8Array<ArrayBuffer> = this.slab;
  private view = new DataView(this.slab.buffer);
  private slabBuffer = this.slab.buffer;
  private slabView = this.view;
  private start = 0;
  private position = 0;
  private frameStart = 0;
  /** Beyond this position {@link boundary} has something to do. */
  private roomyUntil = 0;

  /** Starts a pickle: protocol header and the first frame. */
  begin(): void {
    // A length of 0 means that somebody transferred the memory away.
    if (this.slab.length - this.slabUsed < SLAB_FREE_MIN_BYTES) this.startSlab();
    this.bytes = this.slab;
    this.view = this.slabView;
    this.start = this.position = this.slabUsed;
    this.memoCount = 0;
    this.epoch++;
    this.bytes[this.position++] = PROTO;
    this.bytes[this.position++] = 4;
    this.openFrame();
  }

  private startSlab(): void {
    this.slab = new Uint8Array(SLAB_BYTES);
    this.slabBuffer = this.slab.buffer;
    this.slabView = new DataView(this.slabBuffer);
    this.slabUsed = 0;
  }

  /** Ends the pickle and gives its bytes; `own` asks for memory that no other result shares. */
  finish(own: boolean): Uint8Array<ArrayBuffer> {
    this.writeByte(STOP);
    this.closeFrame();
    if (this.bytes === this.slab) {
      if (own) return this.bytes.slice(this.start, this.position);
      // Results begin at multiples of 8, as DataView and typed-array readers like them.
      this.slabUsed = Math.min((this.position + 7) & ~7, this.slab.length);
      return new Uint8Array(this.slabBuffer, this.start, this.position - this.start);
    }
    const length = this.position;
    if (length > FRAME_TARGET_BYTES && length > this.bytes.length / 2) {
      this.scratch = undefined;
      return this.bytes.subarray(0, length);
    }
    const result = this.bytes.slice(0, length);
    if (this.bytes.length > SCRATCH_KEPT_MAX_BYTES) this.scratch = undefined;
    return result;
  }

  /** To be called before each object: a frame that is full ends here, and there is room for a scalar. */
  boundary(): void {
    if (this.position > this.roomyUntil) this.makeRoom();
  }

  private makeRoom(): void {
    if (this.position - this.frameStart >= FRAME_TARGET_BYTES + FRAME_HEADER_BYTES) {
      this.closeFrame();
      this.openFrame();
    }
    this.ensure(SCALAR_MAX_BYTES);
    this.noteRoom();
  }

  private noteRoom(): void {
    const frameEnd = this.frameStart + FRAME_TARGET_BYTES + FRAME_HEADER_BYTES;
    this.roomyUntil = Math.min(frameEnd - 1, this.bytes.length - SCALAR_MAX_BYTES);
  }

  /** Writes one byte, mostly an opcode without argument. */
  writeByte(byte: number): void {
    if (this.position === this.bytes.length) this.grow(1);
    this.bytes[this.position++] = byte;
  }

  /** Stores the object just written under the next memo number, which is returned. */
  memoize(): number {
    this.writeByte(MEMOIZE);
    return this.memoCount++;
  }

  /** Refers to a memoised object. */
  writeMemoRead(index: number): void {
    this.ensure(5);
    if (index < 256) {
      this.bytes[this.position++] = BINGET;
      this.bytes[this.position++] = index;
    } else {
      this.bytes[this.position++] = LONG_BINGET;
      this.view.setUint32(this.position, index, true);
      this.position += 4;
    }
  }

  /** Writes a number as Python's int or float, after a boundary. -0 is the one integral number that an int cannot hold. */
  writeNumber(value: number): void {
    if (Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)) this.writeInteger(value);
    else this.writeFloat(value);
  }

  /** Writes an integral number within the safe range, after a boundary. */
  writeInteger(value: number): void {
    const { bytes } = this;
    if (value >= 0 && value <= 0xff) {
      bytes[this.position++] = BININT1;
      bytes[this.position++] = value;
    } else if (value >= 0 && value <= 0xffff) {
      bytes[this.position++] = BININT2;
      bytes[this.position++] = value;
      bytes[this.position++] = value >> 8;
    } else if (value >= INT32_MIN && value <= INT32_MAX) {
      bytes[this.position++] = BININT;
      this.view.setInt32(this.position, value, true);
      this.position += 4;
    } else this.writeWideInteger(value);
  }

  private writeWideInteger(value: number): void {
    const high = Math.floor(value / 2 ** 32);
    const at = this.position + 2;
    this.view.setUint32(at, value - high * 2 ** 32, true);
    this.view.setInt32(at + 4, high, true);
    let length = 8;
    // Two's complement in as few bytes as keep the sign.
    for (; length > 1; length--) {
      const last = this.bytes[at + length - 1];
      const sign = (this.bytes[at + length - 2] as number) & 0x80;
      if (last !== (sign === 0 ? 0 : 0xff)) break;
    }
    this.bytes[this.position] = LONG1;
    this.bytes[this.position + 1] = length;
    this.position = at + length;
  }

  /** Writes an integer in CPython's own form, or, if `long`, always in the form for over 255 bytes. */
  writeBigInt(value: bigint, long: boolean): void {
    if (!long && value >= BigInt(INT32_MIN) && value <= BigInt(INT32_MAX)) {
      this.writeInteger(Number(value));
      return;
    }
    const digits = twosComplement(value);
    const { length } = digits;
    this.ensure(length + 5);
    if (long || length > 255) {
      this.bytes[this.position++] = LONG4;
      this.view.setUint32(this.position, length, true);
      this.position += 4;
    } else {
      this.bytes[this.position++] = LONG1;
      this.bytes[this.position++] = length;
    }
    this.bytes.set(digits, this.position);
    this.position += length;
  }

  /** Writes a float, after a boundary. Every NaN is written as the one that CPython makes. */
  writeFloat(value: number): void {
    this.bytes[this.position++] = BINFLOAT;
    this.view.setFloat64(this.position, Number.isNaN(value) ? Number.NaN : value);
    this.position += 8;
  }

  /** Writes a property name as {@link writeShared} does. Objects of one kind have the same names in the same order. */
  writeName(name: string): void {
    const expected = this.nextNames[this.lastName] as number;
    if (this.isShared(expected, name)) this.writeMemoRead(this.sharedNumbers[expected] as number);
    else this.nextNames[this.lastName] = this.writeShared(name);
    this.lastName = this.nextNames[this.lastName] as number;
  }

  private isShared(slot: number, text: string): boolean {
    return this.sharedEpochs[slot] === this.epoch && this.sharedTexts[slot] === text;
  }

  /**
   * Writes a text, or a reference if it is known to have been written. After a boundary. Returns the slot to look for it
   * the next time.
   */
  writeShared(text: string): number {
    const { length } = text;
    if (length > SHARED_TEXT_MAX_UNITS) {
      this.writeText(text);
      return 0;
    }
    const slot = hashOfText(text) & (SHARED_TEXT_SLOTS - 1);
    if (this.isShared(slot, text)) {
      this.writeMemoRead(this.sharedNumbers[slot] as number);
      return slot;
    }
    this.sharedTexts[slot] = text;
    this.sharedNumbers[slot] = this.memoCount;
    this.sharedEpochs[slot] = this.epoch;
    this.ensure(length * 3 + 3);
    const { bytes, position } = this;
    let end = position + 2;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      if (unit >= 0x80) {
        this.writeText(text);
        return slot;
      }
      bytes[end++] = unit;
    }
    bytes[position] = SHORT_BINUNICODE;
    bytes[position + 1] = length;
    bytes[end] = MEMOIZE;
    this.position = end + 1;
    this.memoCount++;
    return slot;
  }

  /** Writes a text and memoises it; returns its memo number. */
  writeText(text: string): number {
    const { length } = text;
    if (length > SHORT_TEXT_MAX_UNITS) return this.writeLongText(text);
    this.ensure(length * 3 + 3);
    const { bytes } = this;
    const from = this.position + 2;
    let end = from;
    if (length <= LOOP_TEXT_MAX_UNITS) {
      for (let index = 0; index < length; index++) {
        const unit = text.charCodeAt(index);
        if (unit >= 0x80) return this.writeTextBytes(encodeUtf8(text));
        bytes[end++] = unit;
      }
    } else {
      if (hasLoneSurrogate(text)) return this.writeTextBytes(encodeUtf8(text));
      end += encodeUtf8Into(text, bytes, from);
    }
    bytes[this.position] = SHORT_BINUNICODE;
    bytes[this.position + 1] = end - from;
    bytes[end] = MEMOIZE;
    this.position = end + 1;
    return this.memoCount++;
  }

  private writeLongText(text: string): number {
    const { length } = text;
    if (length * 3 >= FRAME_TARGET_BYTES || hasLoneSurrogate(text))
      return this.writeTextBytes(encodeUtf8(text));
    this.ensure(length * 3 + 6);
    const written = encodeUtf8Into(text, this.bytes, this.position + 5);
    if (written <= 0xff) {
      this.bytes.copyWithin(this.position + 2, this.position + 5, this.position + 5 + written);
      this.bytes[this.position] = SHORT_BINUNICODE;
      this.bytes[this.position + 1] = written;
      this.position += 2 + written;
    } else {
      this.bytes[this.position] = BINUNICODE;
      this.view.setUint32(this.position + 1, written, true);
      this.position += 5 + written;
    }
    return this.memoize();
  }

  private writeTextBytes(utf8: Uint8Array): number {
    return this.writeCounted(utf8, SHORT_BINUNICODE, BINUNICODE, BINUNICODE8);
  }

  /** Writes bytes and memoises them; returns their memo number. */
  writeBytes(data: Uint8Array): number {
    return this.writeCounted(data, SHORT_BINBYTES, BINBYTES, BINBYTES8);
  }

  // Data of 64 KiB and more stands outside any frame.
  private writeCounted(data: Uint8Array, short: number, medium: number, large: number): number {
    const { length } = data;
    const bare = length >= FRAME_TARGET_BYTES;
    if (bare) this.closeFrame();
    this.ensure(length + 9);
    if (length <= 0xff) {
      this.bytes[this.position++] = short;
      this.bytes[this.position++] = length;
    } else if (length <= 0xffffffff) {
      this.bytes[this.position++] = medium;
      this.view.setUint32(this.position, length, true);
      this.position += 4;
    } else {
      this.bytes[this.position++] = large;
      this.view.setUint32(this.position, length % 2 ** 32, true);
      this.view.setUint32(this.position + 4, Math.floor(length / 2 ** 32), true);
      this.position += 8;
    }
    this.bytes.set(data, this.position);
    this.position += length;
    if (bare) this.openFrame();
    return this.memoize();
  }

  private openFrame(): void {
    this.ensure(FRAME_HEADER_BYTES);
    this.frameStart = this.position;
    this.position += FRAME_HEADER_BYTES;
    this.noteRoom();
  }

  private closeFrame(): void {
    const payload = this.frameStart + FRAME_HEADER_BYTES;
    const length = this.position - payload;
    if (length < FRAME_MIN_BYTES) {
      this.bytes.copyWithin(this.frameStart, payload, this.position);
      this.position -= FRAME_HEADER_BYTES;
      return;
    }
    this.bytes[this.frameStart] = FRAME;
    this.view.setUint32(this.frameStart + 1, length, true);
    this.view.setUint32(this.frameStart + 5, 0, true);
  }

  private ensure(count: number): void {
    if (this.position + count > this.bytes.length) this.grow(count);
  }

  private grow(count: number): void {
    const used = this.position - this.start;
    const needed = used + count;
    const target = this.roomFor(needed, used);
    target.set(this.bytes.subarray(this.start, this.position));
    this.frameStart -= this.start;
    this.start = 0;
    this.position = used;
    this.bytes = target;
    this.view = new DataView(target.buffer);
    this.noteRoom();
  }

  private roomFor(needed: number, used: number): Uint8Array<ArrayBuffer> {
    let target: Uint8Array<ArrayBuffer> | undefined;
    if (this.bytes === this.slab) {
      if (needed < SLAB_BYTES / 2) {
        this.startSlab();
        return this.slab;
      }
      target = this.scratch;
    }
    if (target === undefined || target.length < needed) {
      // Doubling for small steps; for one large item just what it takes, so that the result can be handed over.
      target = new Uint8Array(Math.max(needed + FRAME_TARGET_BYTES, Math.min(used * 2, needed + 2 ** 26)));
      this.scratch = target;
    }
    return target;
  }
}
