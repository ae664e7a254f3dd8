// The stack machine that the pickle format asks for: the stack with its marks, and the memo.
//
// Beside each stack slot stands how deep the value in it nests, so that the depth is known without a walk through the
// value. Slots above the top always have depth 0, so that pushing a scalar writes no depth. Lists, dicts and objects go
// into the memo before they are filled. A container that is taken out of the memo counts as empty, as it does for a
// writer that meets it again. Only a writer that does not write as it walks can make a value deeper that way, so a
// large value in which this happens is walked at the end (see nesting.ts).

import { PyObject } from "../values/py-object.ts";
import { type DecodeLimits, limitDefaults } from "../wire/limits.ts";
import type { PickleInput } from "./pickle-input.ts";

const KEPT_SLOTS = 4_096;
/** What stack and memo begin as: the engine writes within an array faster than at its end. Few values take more. */
const emptyStack: unknown[] = new Array(64).fill(undefined);
const emptyMemo: unknown[] = new Array(512).fill(undefined);
/** Pickles of more bytes get a stack and a memo of their own. */
const OWN_ARRAYS_MIN_BYTES = 1_000;
/** Beside a memo entry: whether the container was taken out of the memo. */
const TAKEN = 2 ** 30;
const STACK_SLOT_BYTES = 32;
const MEMO_ENTRY_BYTES = 16;

/** Stack and memo of one pickle at a time. */
export class PickleMachine {
  private readonly input: PickleInput;
  private readonly keptStack = emptyStack.slice();
  stack = this.keptStack;
  /** How many stack slots are in use. */
  size = 0;
  /** Whether the stack may hold something that must be settled before it is taken. */
  unsettled = false;
  /** Whether anything was noted beside stack and memo, which few pickles need: else there is nothing to end or forget. */
  hasNotes = false;
  depths = new Int32Array(KEPT_SLOTS);
  /** Under which number the container in a slot is in the memo, or -1. Valid only for slots with a depth. */
  memoNumbers = new Int32Array(KEPT_SLOTS);
  /**
   * Where the dict in a slot was created, or -1 if unknown; once something was set in it, -2 less that. Valid only for
   * slots that hold a plain dict.
   */
  origins = new Int32Array(KEPT_SLOTS);
  marks: number[] = [];
  /** Slots below belong to an outer mark. */
  fence = 0;
  depthMax = 0;
  memoMax = 0;
  private readonly keptMemo = emptyMemo.slice();
  memo = this.keptMemo;
  memoDepths = new Int32Array(KEPT_SLOTS);
  /** How many numbers are set without a gap. */
  memoCount = 0;
  /** Below this number {@link memoize} has nothing to check. */
  memoRoom = 0;
  /** Whether a container stands at two places, so that depths may be more than is written beside them. */
  sharesContainers = false;
  private hasDuplicates = false;
  private sparseMemo: Map<number, unknown> | undefined;

  constructor(input: PickleInput) {
    this.input = input;
  }

  /** Starts with the limits of a pickle. What was on the stack has been cleared. */
  begin(lengthBytes: number, limits: DecodeLimits): void {
    this.depthMax = limits.depthMax ?? limitDefaults.depthMax;
    this.memoMax = limits.memoMax ?? limitDefaults.memoMax;
    this.unsettled = false;
    this.sharesContainers = false;
    this.hasDuplicates = false;
    if (lengthBytes > OWN_ARRAYS_MIN_BYTES) {
      // What is young costs the collector less in arrays that are young, too.
      this.stack = emptyStack.slice();
      this.memo = emptyMemo.slice();
    }
    this.noteMemoRoom();
  }

  private noteMemoRoom(): void {
    const room = Math.min(this.memoDepths.length, this.memoMax + 1);
    this.memoRoom = this.sparseMemo === undefined ? room : 0;
  }

  /**
   * Forgets every value. What was large is dropped; what is small is emptied and kept, as making it anew would cost more
   * than a small pickle takes to read.
   */
  clear(): void {
    if (this.depths.length > KEPT_SLOTS) {
      this.depths = new Int32Array(KEPT_SLOTS);
      this.origins = new Int32Array(KEPT_SLOTS);
      this.memoNumbers = new Int32Array(KEPT_SLOTS);
    } else if (this.size > 0) this.depths.fill(0, 0, this.size);
    if (this.memoDepths.length > KEPT_SLOTS) this.memoDepths = new Int32Array(KEPT_SLOTS);
    const { stack, memo, keptStack, keptMemo } = this;
    if (stack === keptStack) {
      for (let index = 0; index < stack.length && stack[index] !== undefined; index++)
        stack[index] = undefined;
      for (let index = 0; index < this.memoCount; index++) memo[index] = undefined;
    }
    this.stack = keptStack;
    this.memo = keptMemo;
    if (this.marks.length > 0) this.marks.length = 0;
    this.size = 0;
    this.fence = 0;
    this.memoCount = 0;
    this.sparseMemo = undefined;
  }

  /** Pushes a value that holds no other. */
  push(value: unknown): void {
    this.stack[this.size++] = value;
  }

  /** Pushes a value that nests so deep. */
  pushNested(value: unknown, depth: number): void {
    if (depth > this.depthMax) throw this.input.fail(`nested deeper than depthMax = ${this.depthMax}`);
    this.depths[this.size] = depth;
    this.memoNumbers[this.size] = -1;
    this.origins[this.size] = -1;
    this.stack[this.size++] = value;
  }

  /** Pushes once more what is in a slot. */
  duplicate(slot: number): void {
    const depth = this.depths[slot] as number;
    if (depth > 0) {
      this.sharesContainers = true;
      this.hasDuplicates = true;
    }
    this.pushNested(this.stack[slot], depth);
  }

  /** Makes room for more slots. To be called before each opcode; one opcode pushes at most one value. */
  growStack(): void {
    // Without a mark there are but a container, a key and a value for each level.
    if (this.marks.length === 0 && this.size > 4 * this.depthMax + KEPT_SLOTS) {
      throw this.input.fail(`nested deeper than depthMax = ${this.depthMax}`);
    }
    this.input.spend(this.depths.length * STACK_SLOT_BYTES);
    this.depths = enlarge(this.depths, new Int32Array(this.depths.length * 2));
    this.origins = enlarge(this.origins, new Int32Array(this.origins.length * 2));
    this.memoNumbers = enlarge(this.memoNumbers, new Int32Array(this.memoNumbers.length * 2));
  }

  /** Takes the top value; its depth is forgotten. */
  pop(): unknown {
    if (this.size <= this.fence) throw this.input.fail("the stack is empty");
    const value = this.stack[--this.size];
    this.depths[this.size] = 0;
    return value;
  }

  /** Whether the result could nest deeper than is allowed, though nothing has shown it yet. */
  mayNestTooDeep(): boolean {
    // Every level takes a byte.
    return this.sharesContainers && this.input.bytes.length > this.depthMax;
  }

  /** Makes sure that `count` values stand above the last mark. */
  needStack(count: number): void {
    if (this.size - count < this.fence) throw this.input.fail("the stack is empty");
  }

  /** Sets a mark at the top. */
  mark(): void {
    if (this.marks.length >= this.depthMax) {
      throw this.input.fail(`nested deeper than depthMax = ${this.depthMax}`);
    }
    this.marks.push(this.size);
    this.fence = this.size;
  }

  /** Takes the last mark and tells which slot it stood at; what lies above stays on the stack. */
  popMark(): number {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.input.fail("there is no mark");
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
    if (depth > this.depthMax) throw this.input.fail(`nested deeper than depthMax = ${this.depthMax}`);
    this.depths[slot] = depth;
  }

  /** Notes that something is set in the dict in a slot; true if it is surely the first. */
  beginsToFill(slot: number): boolean {
    const origin = this.origins[slot] as number;
    if (origin < 0) return false;
    this.origins[slot] = -2 - origin;
    return true;
  }

  /** Where the dict in a slot was created, or -1 if unknown. */
  originOf(slot: number): number {
    const origin = this.origins[slot] as number;
    return origin < -1 ? -2 - origin : origin;
  }

  /** Puts another in the place of a container for which {@link isUntaken} holds. */
  replaceUntaken(slot: number, container: unknown): void {
    this.stack[slot] = container;
    this.memo[this.memoNumbers[slot] as number] = container;
  }

  /** Notes that the container in a slot goes under this memo number; gives what is to stand beside it. */
  noteMemoNumber(slot: number, number: number): number {
    const depth = this.depths[slot] as number;
    if (depth === 0) return 0;
    // Under a second number it is taken for one that is known elsewhere.
    const isKnown = (this.memoNumbers[slot] as number) >= 0;
    this.memoNumbers[slot] = number;
    return isKnown ? depth | TAKEN : depth;
  }

  /** Whether the container in a slot is nowhere but there and in the memo, as far as is known. */
  isUntaken(slot: number): boolean {
    const number = this.memoNumbers[slot] as number;
    if (number < 0 || this.hasDuplicates) return false;
    return (this.memoDepths[number] as number) < TAKEN && this.memo[number] === this.stack[slot];
  }

  /** Stores the top value under the next number. */
  memoize(): void {
    this.putMemo(this.sparseMemo === undefined ? this.memoCount : this.memoCount + this.sparseMemo.size);
  }

  /** Stores the top value under a number. */
  putMemo(number: number): void {
    if (this.size <= this.fence) throw this.input.fail("the stack is empty");
    if (!(number <= this.memoMax)) throw this.input.fail(`a memo number is over memoMax = ${this.memoMax}`);
    const value = this.stack[this.size - 1];
    if (number > this.memoCount) {
      // Numbers may have gaps, but a gap must not cost memory.
      this.input.spend(MEMO_ENTRY_BYTES * 4);
      this.sparseMemo ??= new Map();
      this.sparseMemo.set(number, value);
      this.memoNumbers[this.size - 1] = -1;
      this.noteMemoRoom();
      return;
    }
    if (number === this.memoCount && ++this.memoCount > this.memoDepths.length) {
      this.input.spend(this.memoDepths.length * MEMO_ENTRY_BYTES);
      this.memoDepths = enlarge(this.memoDepths, new Int32Array(this.memoDepths.length * 2));
      this.noteMemoRoom();
    }
    this.memo[number] = value;
    this.memoDepths[number] = this.noteMemoNumber(this.size - 1, number);
  }

  /** Pushes what is stored under a number. */
  getMemo(number: number): void {
    if (number < this.memoCount) {
      const beside = this.memoDepths[number] as number;
      if (beside > 0) {
        this.depths[this.size] = beside & ~TAKEN;
        this.memoDepths[number] = beside | TAKEN;
        this.memoNumbers[this.size] = number;
        this.origins[this.size] = -1;
        if (!this.sharesContainers) this.sharesContainers = isFillable(this.memo[number]);
      }
      this.stack[this.size++] = this.memo[number];
      return;
    }
    const value = this.sparseMemo?.get(number);
    if (value === undefined) throw this.input.fail(`memo number ${number} is not set`);
    if (typeof value !== "object") {
      this.push(value);
      return;
    }
    this.sharesContainers = true;
    this.pushNested(value, 1);
  }
}

/** Whether a value goes into the memo before it is filled. */
function isFillable(value: unknown): boolean {
  if (Array.isArray(value)) return !Object.isFrozen(value);
  if (value instanceof PyObject || value instanceof Map || value instanceof Set) return true;
  return (value as object).constructor === Object;
}

function enlarge(from: Int32Array, to: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  to.set(from);
  return to;
}
