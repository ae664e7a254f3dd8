import type { Clock, SweepResult } from "@everdict/store";
import { sweptUpToEntry } from "./catalog.ts";
import type { DictCatalog } from "./dict-catalog.ts";
import type { EntryDeadlines } from "./entry-deadlines.ts";
import type { RecordedAnswers } from "./recorded-answers.ts";

export interface SweeperOptions {
  readonly clock: Clock;
  readonly catalog: DictCatalog;
  readonly answers: RecordedAnswers;
  readonly deadlines: EntryDeadlines;
  /** Resolves when everything decided so far is durable and applied. */
  readonly flushed: () => Promise<void>;
  /** The last mark that is in the log. */
  readonly markedUpToMs: number;
}

/**
 * Finds expired entries and dictionaries and removes them.
 *
 * An entry's end is in its record, so its removal needs no record of its own. But a clock may be set back, and swept
 * entries must not come back. So a sweep leaves one mark that says up to which moment everything is gone.
 */
export class Sweeper {
  readonly #clock: Clock;
  readonly #catalog: DictCatalog;
  readonly #answers: RecordedAnswers;
  readonly #flushed: () => Promise<void>;
  readonly #deadlines: EntryDeadlines;
  #markedUpToMs: number;

  constructor({ clock, catalog, answers, deadlines, flushed, markedUpToMs }: SweeperOptions) {
    this.#clock = clock;
    this.#catalog = catalog;
    this.#answers = answers;
    this.#deadlines = deadlines;
    this.#flushed = flushed;
    this.#markedUpToMs = markedUpToMs;
  }

  /** Removes at most this many of them. */
  async sweep(maxEntries: number): Promise<SweepResult> {
    const removedDicts = await this.#catalog.removeDue(maxEntries);
    const nowMs = this.#clock();
    let left = maxEntries - removedDicts;
    let due = await this.#deadlines.due(nowMs);
    for (; due !== undefined && left > 0; due = await this.#deadlines.due(nowMs)) {
      const count = due.sweep(nowMs, left);
      left -= count;
      // Those in front are held until copies of them, or moves of their ends, are durable.
      if (count === 0) await this.#flushed();
    }
    const removedAnswers = this.#answers.sweep(maxEntries);
    const moreEntries = due !== undefined;
    const removed = maxEntries - left;
    if (removed - removedDicts + removedAnswers > 0) {
      // Everything that ended before the first that is left.
      await this.#mark(moreEntries ? this.#deadlines.earliestMs - 1 : nowMs);
    }
    const moreAnswers = removedAnswers === maxEntries && this.#answers.areDue;
    return { removed, more: moreEntries || moreAnswers || this.#catalog.registry.dueDicts(1).length > 0 };
  }

  async #mark(endMs: number): Promise<void> {
    // Never lowered: a clock that was set back takes nothing back. Idempotency keys share the mark, which is right because
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
