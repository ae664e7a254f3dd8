const keptMax = 8;
/** A next page that is asked for later begins at the oldest entry. */
const keptForMs = 60_000;

/** Goes over the entries of a dictionary in memory, the oldest first. What is removed ahead of it does not show. */
export class MemoryWalk<Item> {
  readonly #entries: Iterator<Item>;
  readonly #isThere: (entry: Item) => boolean;
  #ahead: Item | undefined;

  constructor(entries: Iterator<Item>, isThere: (entry: Item) => boolean) {
    this.#entries = entries;
    this.#isThere = isThere;
  }

  /** The next entry; undefined if there is none. */
  peek(): Item | undefined {
    while (this.#ahead === undefined || !this.#isThere(this.#ahead)) {
      const step = this.#entries.next();
      if (step.done) return undefined;
      this.#ahead = step.value;
    }
    return this.#ahead;
  }

  /** Goes past the entry that `peek` answered. */
  skip(): void {
    this.#ahead = undefined;
  }
}

interface KeptWalk<Item> {
  readonly walk: MemoryWalk<Item>;
  readonly sinceMs: number;
}

/**
 * Keeps the walks of the last pages, so that the pages behind them need not begin at the oldest entry. A walk holds on to
 * entries that were there when it came by, so none is kept for long.
 */
export class KeptWalks<Item> {
  readonly #byOrdinal = new Map<number, KeptWalk<Item>>();

  /** Keeps a walk that has gone past the entry of this ordinal and no further. */
  keep(ordinal: number, walk: MemoryWalk<Item>, nowMs: number): void {
    this.#byOrdinal.set(ordinal, { walk, sinceMs: nowMs });
    if (this.#byOrdinal.size <= keptMax) return;
    const [oldest] = this.#byOrdinal.keys();
    this.#byOrdinal.delete(oldest!);
  }

  /** Gives a walk away that was kept. */
  take(ordinal: number): MemoryWalk<Item> | undefined {
    const kept = this.#byOrdinal.get(ordinal);
    this.#byOrdinal.delete(ordinal);
    return kept?.walk;
  }

  /** Forgets the walks that nobody went on with for a minute. */
  forgetOld(nowMs: number): void {
    for (const [ordinal, { sinceMs }] of this.#byOrdinal)
      if (nowMs - sinceMs >= keptForMs) this.#byOrdinal.delete(ordinal);
  }

  clear(): void {
    this.#byOrdinal.clear();
  }
}
