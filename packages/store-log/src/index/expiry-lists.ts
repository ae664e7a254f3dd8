import { baseOf, Flag, listShift, placeOf, type Slots, Word } from "./slots.ts";

/**
 * Slots in the order in which their entries end.
 *
 * Entries of a dictionary live equally long, so they end in the order in which they were written. A new entry goes to the
 * end of a list, which takes constant time, and due entries are at the front. The lists are doubly linked through the
 * slots themselves, so that a removal leaves nothing behind. What ends in another order is not here: see `EntryEnds`.
 */
export class ExpiryLists {
  readonly #slots: Slots;
  // By list; slots plus one, as in the slots. List 0 stands for none.
  readonly #first = [0, 0, 0, 0];
  readonly #last = [0, 0, 0, 0];

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** The slot that ends first in a list, or -1. */
  first(list: number): number {
    return this.#first[list]! - 1;
  }

  /** The slot that ends last in a list, or -1. */
  last(list: number): number {
    return this.#last[list]! - 1;
  }

  /** Adds a slot that is in no list and ends no earlier than the others in this one. */
  append(list: number, slot: number): void {
    const { words, flags } = this.#slots.chunkOf(slot);
    const place = placeOf(slot);
    const last = this.#last[list]!;
    words[baseOf(place) + Word.earlier] = last;
    words[baseOf(place) + Word.later] = 0;
    flags[place]! |= list << listShift;
    if (last === 0) this.#first[list] = slot + 1;
    else this.#setWord(last - 1, Word.later, slot + 1);
    this.#last[list] = slot + 1;
  }

  /** The slot behind another in its list, or -1. */
  later(slot: number): number {
    return this.#slots.chunkOf(slot).words[baseOf(placeOf(slot)) + Word.later]! - 1;
  }

  /** Whether a slot is in a list. */
  has(slot: number): boolean {
    return (this.#slots.chunkOf(slot).flags[placeOf(slot)]! & Flag.list) !== 0;
  }

  /** Takes a slot out of whichever list it is in, if it is in one. */
  remove(slot: number): void {
    const { words, flags } = this.#slots.chunkOf(slot);
    const place = placeOf(slot);
    const list = (flags[place]! & Flag.list) >>> listShift;
    if (list === 0) return;
    const base = baseOf(place);
    const earlier = words[base + Word.earlier]!;
    const later = words[base + Word.later]!;
    if (earlier === 0) this.#first[list] = later;
    else this.#setWord(earlier - 1, Word.later, later);
    if (later === 0) this.#last[list] = earlier;
    else this.#setWord(later - 1, Word.earlier, earlier);
    flags[place]! &= ~Flag.list;
  }

  #setWord(slot: number, word: number, value: number): void {
    this.#slots.chunkOf(slot).words[baseOf(placeOf(slot)) + word] = value;
  }
}
