// What every part of the decoder works on: the input, the stack with its marks, the memo, and the limits.
//
// Beside each stack slot stands how deep the value in it nests, so that depth is known without ever walking a
// value. Slots above the top always have depth 0, hence pushing a scalar writes no depth.

import { DeserializationError } from "./errors.ts";
import { type DecodeLimits, type ResolvedDecodeLimits, resolveDecodeLimits } from "./limits.ts";
import { latin1 } from "./opcode-arguments.ts";
import { SHORT_TEXT_MAX_BYTES, shortText } from "./text-cache.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Rough costs of what the reader builds, in bytes. */
export const Cost = {
  array: 32,
  object: 56,
  element: 8,
  property: 16,
  collection: 200,
  bytes: 200,
  text: 16,
  placeholder: 160,
} as const;

const KEPT_SLOTS = 1_024;
const STACK_SLOT_BYTES = 16;
const MEMO_ENTRY_BYTES = 16;
const noBytes = new Uint8Array(0);

/** Input, stack, memo and limits of one pickle at a time. */
export class DecoderState {
  bytes: Uint8Array = noBytes;
  view: DataView = new DataView(noBytes.buffer);
  position = 0;
  protocol = 0;
  stack: unknown[] = [];
  /** How many stack slots are in use. */
  size = 0;
  depths = new Int32Array(KEPT_SLOTS);
  /** Where the dict in a slot was created, or -1 if unknown. Valid only for slots that hold a plain dict. */
  origins = new Float64Array(KEPT_SLOTS);
  marks: number[] = [];
  /** Slots below belong to an outer mark. */
  fence = 0;
  limits: ResolvedDecodeLimits = resolveDecodeLimits({}, 0);
  private memo: unknown[] = [];
  private memoDepths = new Int32Array(KEPT_SLOTS);
  private memoCount = 0;
  private sparseMemo: Map<number, unknown> | undefined;
  private memoryLeft = 0;
  private elementsLeft = 0;

  /** Starts reading from the first byte. */
  protected beginInput(bytes: Uint8Array, limits: DecodeLimits): void {
    if (this.bytes !== bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.limits = resolveDecodeLimits(limits, bytes.length);
    this.memoryLeft = this.limits.memoryMaxBytes;
    this.elementsLeft = this.limits.elementsMax;
    this.position = 0;
    this.protocol = 0;
    this.clear();
  }

  /** Forgets the input and every value, so that nothing is kept alive. */
  protected endInput(): void {
    this.bytes = noBytes;
    this.clear();
  }

  private clear(): void {
    this.stack.length = 0;
    this.marks.length = 0;
    if (this.depths.length > KEPT_SLOTS) {
      this.depths = new Int32Array(KEPT_SLOTS);
      this.origins = new Float64Array(KEPT_SLOTS);
    } else this.depths.fill(0, 0, this.size);
    this.size = 0;
    this.fence = 0;
    if (this.memoCount > KEPT_SLOTS) {
      this.memo = [];
      this.memoDepths = new Int32Array(KEPT_SLOTS);
    } else for (let index = 0; index < this.memoCount; index++) this.memo[index] = undefined;
    this.memoCount = 0;
    this.sparseMemo = undefined;
  }

  /** An error about the byte position just read. */
  fail(reason: string): DeserializationError {
    return new DeserializationError(`cannot decode: ${reason}, at byte ${this.position}`, {
      offset: this.position,
    });
  }

  // --- limits

  /** Takes an estimated number of bytes from the memory budget. */
  spend(costBytes: number): void {
    this.memoryLeft -= costBytes;
    if (this.memoryLeft < 0)
      throw this.fail(`the value takes more than memoryMaxBytes = ${this.limits.memoryMaxBytes}`);
  }

  /** Counts elements that go into a container. */
  countElements(count: number, costBytes: number): void {
    this.elementsLeft -= count;
    if (this.elementsLeft < 0) throw this.fail(`more elements than elementsMax = ${this.limits.elementsMax}`);
    this.spend(count * costBytes);
  }

  // --- input

  /** Makes sure that so many bytes follow. */
  need(count: number): void {
    if (count > this.bytes.length - this.position) throw this.fail("the pickle is cut off");
  }

  readUint1(): number {
    this.need(1);
    return this.bytes[this.position++] as number;
  }

  readUint2(): number {
    this.need(2);
    this.position += 2;
    return this.view.getUint16(this.position - 2, true);
  }

  readInt4(): number {
    this.need(4);
    this.position += 4;
    return this.view.getInt32(this.position - 4, true);
  }

  readUint4(): number {
    this.need(4);
    this.position += 4;
    return this.view.getUint32(this.position - 4, true);
  }

  /** A length of eight bytes; those beyond the safe range are beyond any input too. */
  readUint8(): number {
    this.need(8);
    this.position += 8;
    return (
      this.view.getUint32(this.position - 8, true) + this.view.getUint32(this.position - 4, true) * 2 ** 32
    );
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

  /** So many bytes, as a view of the input. */
  readView(length: number): Uint8Array {
    this.need(length);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** So many bytes, copied. */
  readBytes(length: number): Uint8Array<ArrayBuffer> {
    this.need(length);
    this.spend(Cost.bytes);
    this.position += length;
    const copy = new Uint8Array(length);
    copy.set(this.bytes.subarray(this.position - length, this.position));
    return copy;
  }

  /** A text of so many bytes of UTF-8. */
  readText(length: number): string {
    this.need(length);
    const from = this.position;
    if (length <= SHORT_TEXT_MAX_BYTES) {
      const text = shortText(this.bytes, from, length);
      if (text !== undefined) {
        this.position = from + length;
        return text;
      }
    }
    if (length > this.limits.stringMaxBytes) {
      throw this.fail(`a text of ${length} bytes is over stringMaxBytes = ${this.limits.stringMaxBytes}`);
    }
    this.spend(Cost.text);
    this.position = from + length;
    return decodeUtf8(this.bytes.subarray(from, from + length));
  }

  // --- stack

  /** Pushes a value that holds no other. */
  push(value: unknown): void {
    this.stack[this.size++] = value;
  }

  /** Pushes a value that nests so deep. */
  pushNested(value: unknown, depth: number): void {
    if (depth > this.limits.depthMax)
      throw this.fail(`nested deeper than depthMax = ${this.limits.depthMax}`);
    this.depths[this.size] = depth;
    this.stack[this.size++] = value;
  }

  /** Makes room for more slots. To be called before each opcode; one opcode pushes at most one value. */
  growStack(): void {
    this.spend(this.depths.length * STACK_SLOT_BYTES);
    this.depths = enlarge(this.depths, new Int32Array(this.depths.length * 2));
    this.origins = enlarge(this.origins, new Float64Array(this.origins.length * 2));
  }

  /** Takes the top value; its depth is forgotten. */
  pop(): unknown {
    if (this.size <= this.fence) throw this.fail("the stack is empty");
    const value = this.stack[--this.size];
    this.depths[this.size] = 0;
    return value;
  }

  /** Makes sure that so many values stand above the last mark. */
  needStack(count: number): void {
    if (this.size - count < this.fence) throw this.fail("the stack is empty");
  }

  /** Sets a mark at the top. */
  mark(): void {
    if (this.marks.length >= this.limits.depthMax) {
      throw this.fail(`nested deeper than depthMax = ${this.limits.depthMax}`);
    }
    this.marks.push(this.size);
    this.fence = this.size;
  }

  /** Takes the last mark and tells which slot it stood at; what lies above stays on the stack. */
  popMark(): number {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.fail("there is no mark");
    this.fence = this.marks.length === 0 ? 0 : (this.marks[this.marks.length - 1] as number);
    return mark;
  }

  /** Cuts the stack down to a slot and tells how deep the deepest of the dropped values nests. */
  dropFrom(slot: number): number {
    const { depths, size } = this;
    let deepest = 0;
    for (let index = slot; index < size; index++) {
      const depth = depths[index] as number;
      if (depth === 0) continue;
      if (depth > deepest) deepest = depth;
      depths[index] = 0;
    }
    this.size = slot;
    return deepest;
  }

  /** Notes that what is in a slot now holds something that nests so deep. */
  deepen(slot: number, inner: number): void {
    const depth = inner + 1;
    if (depth <= (this.depths[slot] as number)) return;
    if (depth > this.limits.depthMax)
      throw this.fail(`nested deeper than depthMax = ${this.limits.depthMax}`);
    this.depths[slot] = depth;
  }

  // --- memo

  /** Stores the top value under the next number. */
  memoize(): void {
    this.putMemo(this.sparseMemo === undefined ? this.memoCount : this.memoCount + this.sparseMemo.size);
  }

  /** Stores the top value under a number. */
  putMemo(number: number): void {
    if (this.size <= this.fence) throw this.fail("the stack is empty");
    if (!(number <= this.limits.memoMax))
      throw this.fail(`a memo number is over memoMax = ${this.limits.memoMax}`);
    const value = this.stack[this.size - 1];
    if (number > this.memoCount) {
      // Numbers may have gaps, but they must not make anyone allocate what lies between.
      this.spend(MEMO_ENTRY_BYTES * 4);
      this.sparseMemo ??= new Map();
      this.sparseMemo.set(number, value);
      return;
    }
    if (number === this.memoCount && ++this.memoCount > this.memoDepths.length) {
      this.spend(this.memoDepths.length * MEMO_ENTRY_BYTES);
      this.memoDepths = enlarge(this.memoDepths, new Int32Array(this.memoDepths.length * 2));
    }
    this.memo[number] = value;
    this.memoDepths[number] = this.depths[this.size - 1] as number;
  }

  /** Pushes what is stored under a number. */
  getMemo(number: number): void {
    if (number < this.memoCount) {
      this.depths[this.size] = this.memoDepths[number] as number;
      this.origins[this.size] = -1;
      this.stack[this.size++] = this.memo[number];
      return;
    }
    const value = this.sparseMemo?.get(number);
    if (value === undefined) throw this.fail(`memo number ${number} is not set`);
    this.origins[this.size] = -1;
    this.push(value);
  }
}

function enlarge<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
