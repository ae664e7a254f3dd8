import { EndHeap } from "./end-heap.ts";
import { ExpiryLists } from "./expiry-lists.ts";
import { noSlot } from "./slot-index.ts";
import { Double, doublesOf, placeOf, type Slots } from "./slots.ts";

// Each list is in order of ends only among its own. Entries that were written end after the dictionary's time to live;
// those that were read have some slack added; those that stood out of order in the log are sorted once.
const written = 1;
const touched = 2;
const sorted = 3;
const lists = [written, touched, sorted] as const;

/**
 * Which entries of a table end when.
 *
 * Nearly all end in the order in which they were written or read, and stand in lists. The others are in a heap: those
 * that have a time to live of their own or whose end was moved, and those that were written after the clock was set
 * back, or after the dictionary was given a shorter time to live.
 */
export class EntryEnds {
  readonly #slots: Slots;
  readonly #lists: ExpiryLists;
  readonly #heap: EndHeap;
  /** During recovery: slots of entries that stood out of order, some of them several times. */
  #unsorted: number[] | undefined = [];

  constructor(slots: Slots) {
    this.#slots = slots;
    this.#lists = new ExpiryLists(slots);
    this.#heap = new EndHeap(slots);
  }

  /** The memory it takes besides the slots. */
  get bytes(): number {
    return this.#heap.bytes;
  }

  /** An entry was written that ends as the dictionary's policy says. */
  addWritten(slot: number): void {
    this.#append(written, slot);
  }

  /** An entry was read and ends as the dictionary's policy says. */
  addRead(slot: number): void {
    this.#append(touched, slot);
  }

  /** An entry ends at any time. */
  add(slot: number): void {
    if (this.#unsorted === undefined) this.#heap.add(slot);
    else this.#unsorted.push(slot);
  }

  /** Whether a slot is known. */
  has(slot: number): boolean {
    return this.#lists.has(slot) || this.#heap.has(slot);
  }

  /** Whether a slot is known as one that ends at any time. */
  isApart(slot: number): boolean {
    return this.#heap.has(slot);
  }

  /** Forgets a slot, if it is known. To be called before its end is another. */
  remove(slot: number): void {
    this.#lists.remove(slot);
    this.#heap.remove(slot);
  }

  /** When the next entry ends, or `Infinity`. */
  get earliestMs(): number {
    let earliestMs = this.#endOf(this.#heap.first);
    for (const list of lists) earliestMs = Math.min(earliestMs, this.#endOf(this.#lists.first(list)));
    return earliestMs;
  }

  /**
   * Removes entries that ended.
   *
   * @param sweepOne - removes the entry of a slot; returns false if that may not be done yet
   * @returns how many were removed
   */
  sweep(nowMs: number, maxEntries: number, sweepOne: (slot: number) => boolean): number {
    let removed = 0;
    const sweepFrom = (first: () => number): void => {
      for (; removed < maxEntries; removed++) {
        const slot = first();
        if (slot === noSlot || this.#endOf(slot) > nowMs || !sweepOne(slot)) return;
      }
    };
    for (const list of lists) sweepFrom(() => this.#lists.first(list));
    sweepFrom(() => this.#heap.first);
    return removed;
  }

  /** Ends recovery. @param isEnding - whether a slot is that of an entry which ends */
  endRecovery(isEnding: (slot: number) => boolean): void {
    // What became of them since was replayed as well: they may be gone, or have been written again.
    const unsorted = (this.#unsorted ?? []).filter((slot) => isEnding(slot) && !this.#lists.has(slot));
    this.#unsorted = undefined;
    unsorted.sort((one, other) => this.#endOf(one) - this.#endOf(other));
    for (const slot of unsorted) if (!this.#lists.has(slot)) this.#lists.append(sorted, slot);
  }

  /** Visits the slots that end up to a moment, when recovery has just ended. The one at hand may be removed. */
  visitUpTo(endMs: number, visit: (slot: number) => void): void {
    for (const list of lists) {
      let slot = this.#lists.first(list);
      while (slot !== noSlot && this.#endOf(slot) <= endMs) {
        const later = this.#lists.later(slot);
        visit(slot);
        slot = later;
      }
    }
  }

  #append(list: number, slot: number): void {
    const last = this.#lists.last(list);
    if (last === noSlot || this.#endOf(last) <= this.#endOf(slot)) this.#lists.append(list, slot);
    else this.add(slot);
  }

  #endOf(slot: number): number {
    if (slot === noSlot) return Number.POSITIVE_INFINITY;
    return this.#slots.chunkOf(slot).doubles[doublesOf(placeOf(slot)) + Double.expiresAtMs]!;
  }
}
