import type { SlotState, SlotTable } from "./slot-state.ts";

/**
 * Keeps values in memory, within a budget. Other values are read from the log.
 *
 * Eviction uses the clock algorithm. Values stand in a queue. The value in front goes to the end if it was read since
 * it last stood in front; otherwise it is evicted. That is close to least recently used, and costs a read one flag. A
 * place in the queue is a table and a slot, two numbers; it is stale if the slot has no value. A value that is written
 * over keeps its place, as if it had been read. So there is one place for each, however often it changes.
 */
export class ValueCache {
  readonly #maxBytes: number;
  /** Values larger than this would push out too much else. */
  readonly #valueMaxBytes: number;
  /** Whether memory is short for another reason: then values go, whatever the budget. */
  isShort: () => boolean = () => false;
  readonly #tables = new Map<number, SlotTable>();
  readonly #numbers = new Map<SlotTable, number>();
  #lastTable = 0;
  /** A ring of pairs; its length is a power of two. */
  #queue = new Uint32Array(firstQueueLength);
  #first = 0;
  #places = 0;
  #values = 0;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#valueMaxBytes = maxBytes / 8;
  }

  /** What the values take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What the queue takes. */
  get queueBytes(): number {
    return this.#queue.byteLength;
  }

  /** Whether a value of that size is worth keeping. */
  accepts(valueBytes: number): boolean {
    return valueBytes + overheadBytes <= this.#valueMaxBytes;
  }

  /** Keeps a copy of the value of a state that has none, and evicts others to stay within the budget. */
  admit(state: SlotState, bytes: Uint8Array, start: number): void {
    state.keepValue(bytes, start);
    state.wasRead = state.isQueued;
    this.#values++;
    this.#bytes += cost(state);
    if (!state.isQueued) this.#push(this.#numberOf(state.table), state);
    while ((this.#bytes > this.#maxBytes || this.isShort()) && this.#places > 0) this.#step();
  }

  /** Evicts until values take no more than this many bytes. */
  shrink(maxBytes: number): void {
    while (this.#bytes > maxBytes && this.#places > 0) this.#step();
  }

  /** A state, and its value with it, is about to go. Nothing happens if it has none. */
  readonly forget = (state: SlotState): void => {
    if (!state.hasValue) return;
    this.#values--;
    this.#bytes -= cost(state);
  };

  /** Forgets a table that is over. */
  forgetTable(table: SlotTable): void {
    const number = this.#numbers.get(table);
    if (number === undefined) return;
    this.#numbers.delete(table);
    this.#tables.delete(number);
  }

  #step(): void {
    const at = this.#first;
    const [number, slot] = [this.#queue[at]!, this.#queue[at + 1]!];
    this.#first = (at + 2) & (this.#queue.length - 1);
    this.#places--;
    const state = this.#tables.get(number)?.peek(slot);
    if (state === undefined) return;
    state.isQueued = false;
    if (!state.hasValue) return;
    if (state.wasRead) {
      state.wasRead = false;
      this.#push(number, state);
      return;
    }
    this.forget(state);
    state.dropValue();
  }

  #push(number: number, state: SlotState): void {
    if (2 * this.#places === this.#queue.length) this.#makeRoom();
    const at = (this.#first + 2 * this.#places) & (this.#queue.length - 1);
    this.#queue[at] = number;
    this.#queue[at + 1] = state.slot;
    this.#places++;
    state.isQueued = true;
  }

  /** Drops stale places if they are many, else makes the queue longer. */
  #makeRoom(): void {
    if (this.#values < this.#places / 2) {
      this.#dropStale();
      return;
    }
    const source = this.#queue;
    this.#queue = new Uint32Array(2 * source.length);
    this.#queue.set(source.subarray(this.#first));
    this.#queue.set(source.subarray(0, this.#first), source.length - this.#first);
    this.#first = 0;
  }

  #dropStale(): void {
    const queue = this.#queue;
    const count = this.#places;
    const atOf = (index: number) => (this.#first + 2 * index) & (queue.length - 1);
    const stateAt = (at: number) => this.#tables.get(queue[at]!)?.peek(queue[at + 1]!);
    for (let index = 0; index < count; index++) {
      const state = stateAt(atOf(index));
      if (state !== undefined) state.isQueued = false;
    }
    this.#places = 0;
    for (let index = 0; index < count; index++) {
      const at = atOf(index);
      const state = stateAt(at);
      // A slot that was used again may have stood here twice.
      if (state === undefined || !state.hasValue || state.isQueued) continue;
      state.isQueued = true;
      queue.copyWithin(atOf(this.#places++), at, at + 2);
    }
  }

  #numberOf(table: SlotTable): number {
    let number = this.#numbers.get(table);
    if (number === undefined) {
      number = ++this.#lastTable;
      this.#numbers.set(table, number);
      this.#tables.set(number, table);
    }
    return number;
  }
}

const firstQueueLength = 128;
// What a small value costs besides its bytes, roughly: its place in the queue, and what its block has to spare.
const overheadBytes = 16;

function cost(state: SlotState): number {
  return state.valueLength + overheadBytes;
}
