/** Random choices that depend on the seed only (the generator is "mulberry32"). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  /** True once in this many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the items, each as likely. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** One of the items, as likely as its weight says. */
  weighted<Item>(items: readonly (readonly [Item, number])[]): Item {
    let place = this.below(items.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [item, weight] of items) {
      if (place < weight) return item;
      place -= weight;
    }
    throw new Error("weights must be whole numbers, and one of them positive");
  }
}
