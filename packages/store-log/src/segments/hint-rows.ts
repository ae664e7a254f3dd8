import { firstDictNumber } from "../record/dict-numbers.ts";
import { RecordKind, type RecordView, recordHeaderBytes } from "../record/record.ts";
import { segmentHeaderBytes } from "./segment-header.ts";

const kindMask = 0b111;
const hasSameDict = 0b1000;
const isFresh = 0b1_0000;
const expiryShift = 5;
const hasValue = 0b1000_0000;
const Expiry = { never: 0, same: 1, step: 2, whole: 3 } as const;

const never = Number.POSITIVE_INFINITY;
const partBytes = 256 * 1024;
// Flags and variable-length numbers of a row, at most.
const rowHeadMaxBytes = 80;

/** Collects the rows of a hint (`hint.ts`). */
export class HintRows {
  readonly #full: Buffer[] = [];
  /** The part that is being filled, and how far it is. */
  #buffer = Buffer.allocUnsafeSlow(partBytes);
  #length = 0;
  #dict = -1;
  #generation = -1;
  #expiresAtMs = 0;
  lastSequence = 0;

  /** Adds the row of a record; to be called for each record of a segment, in order. */
  add(record: RecordView): void {
    const { kind, sequence, version, keyLength, dict, generation, expiresAtMs } = record;
    const isOfLog = kind === RecordKind.manifest || (kind === RecordKind.put && dict < firstDictNumber);
    const keepsValue = isOfLog || kind === RecordKind.ownTouch;
    const sameDict = dict === this.#dict && generation === this.#generation;
    const expiry = this.#expiryOf(expiresAtMs);
    const end = keepsValue ? record.end : record.valueStart;
    this.#reserve(rowHeadMaxBytes + end - record.keyStart);
    this.#buffer[this.#length++] =
      kind |
      (sameDict ? hasSameDict : 0) |
      (version === sequence ? isFresh : 0) |
      (expiry << expiryShift) |
      (keepsValue ? hasValue : 0);
    this.#number(sequence - this.lastSequence);
    this.#number(record.length);
    this.#number(keyLength);
    if (!sameDict) {
      this.#number(dict);
      this.#number(generation);
    }
    if (version !== sequence) this.#number(sequence - version);
    this.#expiry(expiry, expiresAtMs);
    this.#length += record.bytes.copy(this.#buffer, this.#length, record.keyStart, end);
    this.lastSequence = sequence;
    this.#dict = dict;
    this.#generation = generation;
  }

  /** All rows, in parts: none is so large that going through it would hold anybody up. */
  parts(): readonly Buffer[] {
    return [...this.#full, this.#buffer.subarray(0, this.#length)];
  }

  #expiryOf(expiresAtMs: number): number {
    if (expiresAtMs === never) return Expiry.never;
    if (expiresAtMs === this.#expiresAtMs) return Expiry.same;
    const step = expiresAtMs - this.#expiresAtMs;
    return Number.isSafeInteger(step) && this.#expiresAtMs + step === expiresAtMs && step > 0
      ? Expiry.step
      : Expiry.whole;
  }

  #expiry(form: number, expiresAtMs: number): void {
    if (form === Expiry.step) this.#number(expiresAtMs - this.#expiresAtMs);
    if (form === Expiry.whole) this.#length = this.#buffer.writeDoubleLE(expiresAtMs, this.#length);
    if (form === Expiry.step || form === Expiry.whole) this.#expiresAtMs = expiresAtMs;
  }

  #number(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
    this.#buffer[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    this.#full.push(this.#buffer.subarray(0, this.#length));
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(partBytes, bytes));
    this.#length = 0;
  }
}

/** A window on one row, as `RecordView` is on a record. */
export class HintRow {
  readonly bytes: Buffer;
  kind: RecordKind = RecordKind.put;
  sequence = 0;
  version = 0;
  /** The record's. */
  length = 0;
  dict = 0;
  generation = 0;
  expiresAtMs = 0;
  keyStart = 0;
  keyLength = 0;
  #valueEnd = 0;
  #at = 0;
  #finiteMs = 0;

  constructor(rows: Buffer) {
    this.bytes = rows;
  }

  get valueStart(): number {
    return this.keyStart + this.keyLength;
  }

  key(): Buffer {
    return this.bytes.subarray(this.keyStart, this.valueStart);
  }

  /** The value, if the row has it. */
  value(): Buffer {
    return this.bytes.subarray(this.valueStart, this.#valueEnd);
  }

  visitAll(visit: (row: HintRow, offset: number) => void): void {
    let offset = segmentHeaderBytes;
    while (this.#at < this.bytes.length) {
      this.#read();
      visit(this, offset);
      offset += this.length;
    }
  }

  #read(): void {
    const flags = this.bytes[this.#at++]!;
    this.kind = (flags & kindMask) as RecordKind;
    this.sequence += this.#number();
    this.length = this.#number();
    this.keyLength = this.#number();
    if ((flags & hasSameDict) === 0) {
      this.dict = this.#number();
      this.generation = this.#number();
    }
    this.version = (flags & isFresh) === 0 ? this.sequence - this.#number() : this.sequence;
    this.#readExpiry((flags >>> expiryShift) & 0b11);
    this.keyStart = this.#at;
    const isLong = (flags & hasValue) !== 0;
    this.#valueEnd = this.valueStart + (isLong ? this.length - recordHeaderBytes - this.keyLength : 0);
    this.#at = this.#valueEnd;
  }

  #readExpiry(form: number): void {
    if (form === Expiry.step) this.#finiteMs += this.#number();
    else if (form === Expiry.whole) {
      this.#finiteMs = this.bytes.readDoubleLE(this.#at);
      this.#at += 8;
    }
    this.expiresAtMs = form === Expiry.never ? never : this.#finiteMs;
  }

  #number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.#at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }
}
