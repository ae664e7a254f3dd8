const keptMax = 8;

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

/** Keeps the walks of the last pages, so that the pages behind them need not begin at the oldest entry. */
export class KeptWalks<Item> {
  readonly #byOrdinal = new Map<number, MemoryWalk<Item>>();

  /** Keeps a walk that has gone past the entry of this ordinal and no further. */
  keep(ordinal: number, walk: MemoryWalk<Item>): void {
    this.#byOrdinal.set(ordinal, walk);
    if (this.#byOrdinal.size <= keptMax) return;
    const [oldest] = this.#byOrdinal.keys();
    this.#byOrdinal.delete(oldest!);
  }

  /** Gives a walk away that was kept. */
  take(ordinal: number): MemoryWalk<Item> | undefined {
    const walk = this.#byOrdinal.get(ordinal);
    this.#byOrdinal.delete(ordinal);
    return walk;
  }
}
