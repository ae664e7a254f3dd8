import { nextSlice, sliceItems } from "@everdict/protocol";
import { type Clock, Deadlines, type SweepResult } from "@everdict/store";
import { sweptUpToEntry } from "./catalog.ts";
import type { DictCatalog } from "./dict-catalog.ts";
import type { DictEntries } from "./dict-entries.ts";
import type { Tokens } from "./tokens.ts";

export interface SweeperOptions {
  readonly clock: Clock;
  readonly catalog: DictCatalog;
  readonly tokens: Tokens;
  /** Resolves when everything decided so far is durable and applied. */
  readonly flushed: () => Promise<void>;
  /** The last mark that is in the log. */
  readonly markedUpToMs: number;
}

/**
 * Finds what is due and removes it.
 *
 * An entry's end is in its record, so its removal needs no record of its own. But a clock may be set back, and
 * what was swept must not come back: so a sweep leaves one mark that says up to which moment everything is gone.
 */
export class Sweeper {
  readonly #clock: Clock;
  readonly #catalog: DictCatalog;
  readonly #tokens: Tokens;
  readonly #flushed: () => Promise<void>;
  /** No entry of these dictionaries ends earlier. */
  readonly #deadlines = new Deadlines<DictEntries>();
  #markedUpToMs: number;

  constructor({ clock, catalog, tokens, flushed, markedUpToMs }: SweeperOptions) {
    this.#clock = clock;
    this.#catalog = catalog;
    this.#tokens = tokens;
    this.#flushed = flushed;
    this.#markedUpToMs = markedUpToMs;
  }

  /** Says that an entry of a dictionary will end. */
  expect(entries: DictEntries, endMs: number): void {
    if (endMs >= entries.nextEndMs || entries.isInternal) return;
    entries.nextEndMs = endMs;
    this.#deadlines.set(entries, endMs);
  }

  /** Forgets a dictionary that is gone. */
  forget(entries: DictEntries): void {
    this.#deadlines.delete(entries);
  }

  /** Removes at most so many of what is due. */
  async sweep(maxEntries: number): Promise<SweepResult> {
    const removedDicts = await this.#catalog.removeDue(maxEntries);
    const nowMs = this.#clock();
    let left = maxEntries - removedDicts;
    let due = await this.#due(nowMs);
    for (; due !== undefined && left > 0; due = await this.#due(nowMs)) {
      const count = due.table.sweep(nowMs, left);
      left -= count;
      // Compaction holds on to those in front until its copies of them are durable.
      if (count === 0) await this.#flushed();
    }
    const removedTokens = this.#tokens.sweep(maxEntries);
    const moreEntries = due !== undefined;
    const removed = maxEntries - left;
    if (removed - removedDicts + removedTokens > 0) {
      // Everything that ended before the first that is left.
      await this.#mark(moreEntries ? this.#deadlines.earliestMs - 1 : nowMs);
    }
    const moreTokens = removedTokens === maxEntries && this.#tokens.areDue;
    return { removed, more: moreEntries || moreTokens || this.#catalog.registry.dueDicts(1).length > 0 };
  }

  /** A dictionary that has entries to remove. Puts right what is known of those that turn out to have none. */
  async #due(nowMs: number): Promise<DictEntries | undefined> {
    for (let looked = 1; ; looked++) {
      if (looked % sliceItems === 0) await nextSlice();
      const entries = this.#deadlines.due(nowMs);
      if (entries === undefined) return undefined;
      const endMs = entries.table.earliestMs;
      if (endMs <= nowMs) return entries;
      this.#reschedule(entries, endMs);
    }
  }

  #reschedule(entries: DictEntries, endMs: number): void {
    entries.nextEndMs = endMs;
    this.#deadlines.set(entries, endMs);
  }

  async #mark(endMs: number): Promise<void> {
    // Never lowered: a clock that was set back takes nothing back. Tokens share the mark, which is right because
    // those past their time need not be remembered.
    if (endMs <= this.#markedUpToMs) return;
    const before = this.#markedUpToMs;
    this.#markedUpToMs = endMs;
    try {
      await this.#catalog.putMark(sweptUpToEntry(endMs));
    } catch (error) {
      // It is not in the log, so the next sweep has to leave one that says as much.
      if (this.#markedUpToMs === endMs) this.#markedUpToMs = before;
      throw error;
    }
  }
}
