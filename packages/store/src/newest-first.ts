/**
 * The named dictionaries of one environment, newest first, by pages.
 *
 * They are kept oldest first in an array. A new dictionary is newer than all others, so it goes to the end. A page is a
 * binary search and a walk backwards. A deleted dictionary leaves its slot empty, because closing the gap would move
 * half of the array. The gaps are closed when they outnumber the rest. Restoring may insert in any order; the next read
 * then sorts once.
 */

import type { DictRecord } from "./store.ts";

interface Slot {
  readonly createdAtSeconds: number;
  record: DictRecord | undefined;
}

/** What a page is bounded by; both as in `ListDicts`. */
export interface PageBounds {
  readonly createdBeforeSeconds?: number | undefined;
  readonly maxObjects?: number | undefined;
}

const fewGaps = 16;

/** An index of records by creation time, made for reading pages from the newest on. */
export class NewestFirst {
  #slots: Slot[] = [];
  readonly #byId = new Map<string, Slot>();
  #sorted = true;

  /** Adds a record, or replaces the one of the same id. */
  put(record: DictRecord): void {
    const present = this.#byId.get(record.id);
    if (present?.createdAtSeconds === record.createdAtSeconds) {
      present.record = record;
      return;
    }
    this.remove(record.id);
    const slot = { createdAtSeconds: record.createdAtSeconds, record };
    const newest = this.#slots.at(-1);
    if (newest !== undefined && newest.createdAtSeconds > slot.createdAtSeconds) this.#sorted = false;
    this.#slots.push(slot);
    this.#byId.set(record.id, slot);
  }

  /** Drops the record of that id if there is one. */
  remove(id: string): void {
    const slot = this.#byId.get(id);
    if (slot === undefined) return;
    slot.record = undefined;
    this.#byId.delete(id);
    if (this.#slots.length > 2 * this.#byId.size + fewGaps) {
      this.#slots = this.#slots.filter((kept) => kept.record !== undefined);
    }
  }

  /** Records created before the bound, newest first, at most this many. */
  page(bounds: PageBounds): DictRecord[] {
    const wanted = bounds.maxObjects ?? Number.POSITIVE_INFINITY;
    const records: DictRecord[] = [];
    for (let index = this.#countBefore(bounds.createdBeforeSeconds) - 1; index >= 0; index--) {
      if (records.length >= wanted) break;
      const record = this.#slots[index]!.record;
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  #countBefore(seconds: number | undefined): number {
    if (!this.#sorted) this.#slots.sort((a, b) => a.createdAtSeconds - b.createdAtSeconds);
    this.#sorted = true;
    if (seconds === undefined) return this.#slots.length;
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#slots[middle]!.createdAtSeconds < seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
