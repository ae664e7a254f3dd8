import { baseOf, Double, doublesOf, Flag, placeOf, type Slots, Word } from "./slots.ts";

/**
 * Slots of entries that end in no order of their own: the earliest first, a binary heap.
 *
 * A slot that is in it is in no expiry list, and has its place in the heap where others have their neighbour in a list.
 * So an entry takes eight bytes here, and others nothing. Adding and removing take O(log n).
 */
export class EndHeap {
  readonly #slots: Slots;
  readonly #heap: number[] = [];

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** The memory it takes. */
  get bytes(): number {
    return this.#heap.length * 8;
  }

  /** The slot whose entry ends first, or -1. */
  get first(): number {
    return this.#heap[0] ?? -1;
  }

  /** Whether a slot is in it. */
  has(slot: number): boolean {
    return (this.#slots.chunkOf(slot).flags[placeOf(slot)]! & Flag.isInHeap) !== 0;
  }

  /** Adds a slot that is neither here nor in a list. */
  add(slot: number): void {
    this.#slots.chunkOf(slot).flags[placeOf(slot)]! |= Flag.isInHeap;
    this.#rise(slot, this.#heap.length);
  }

  /** Takes a slot out, if it is here. To be called before its end is another. */
  remove(slot: number): void {
    if (!this.has(slot)) return;
    const chunk = this.#slots.chunkOf(slot);
    const at = chunk.words[baseOf(placeOf(slot)) + Word.earlier]!;
    chunk.flags[placeOf(slot)]! &= ~Flag.isInHeap;
    const last = this.#heap.pop()!;
    if (last === slot) return;
    if (this.#endOf(last) < this.#endOf(slot)) this.#rise(last, at);
    else this.#sink(last, at);
  }

  #rise(slot: number, from: number): void {
    const endMs = this.#endOf(slot);
    let at = from;
    while (at > 0) {
      const parent = this.#heap[(at - 1) >> 1]!;
      if (this.#endOf(parent) <= endMs) break;
      this.#place(parent, at);
      at = (at - 1) >> 1;
    }
    this.#place(slot, at);
  }

  #sink(slot: number, from: number): void {
    const heap = this.#heap;
    const endMs = this.#endOf(slot);
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#endOf(heap[child + 1]!) < this.#endOf(heap[child]!)) child++;
      if (this.#endOf(heap[child]!) >= endMs) break;
      this.#place(heap[child]!, at);
      at = child;
    }
    this.#place(slot, at);
  }

  #place(slot: number, at: number): void {
    this.#heap[at] = slot;
    this.#slots.chunkOf(slot).words[baseOf(placeOf(slot)) + Word.earlier] = at;
  }

  #endOf(slot: number): number {
    return this.#slots.chunkOf(slot).doubles[doublesOf(placeOf(slot)) + Double.expiresAtMs]!;
  }
}
