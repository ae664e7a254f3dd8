import { nextSlice, sliceItems } from "@everdict/protocol";
import { Deadlines } from "@everdict/store";
import type { DictEntries } from "./dict-entries.ts";

/**
 * The moment when the next entry of each dictionary ends. So due entries are found without a look at other
 * dictionaries.
 */
export class EntryDeadlines {
  /** No entry of these dictionaries ends earlier. */
  readonly #deadlines = new Deadlines<DictEntries>();

  /** No entry ends earlier; `Infinity` if none ends. */
  get earliestMs(): number {
    return this.#deadlines.earliestMs;
  }

  /** Says that an entry of a dictionary will end. */
  expect(entries: DictEntries, endMs: number): void {
    if (endMs >= entries.nextEndMs || entries.isInternal) return;
    this.#set(entries, endMs);
  }

  /** Forgets a dictionary that is gone. */
  forget(entries: DictEntries): void {
    this.#deadlines.delete(entries);
  }

  /** A dictionary that has entries to remove. Puts right what is known of those that turn out to have none. */
  async due(nowMs: number): Promise<DictEntries | undefined> {
    for (let looked = 1; ; looked++) {
      if (looked % sliceItems === 0) await nextSlice();
      const entries = this.#deadlines.due(nowMs);
      if (entries === undefined) return undefined;
      const endMs = entries.table.earliestMs;
      if (endMs <= nowMs) return entries;
      this.#set(entries, endMs);
    }
  }

  #set(entries: DictEntries, endMs: number): void {
    entries.nextEndMs = endMs;
    this.#deadlines.set(entries, endMs);
  }
}
