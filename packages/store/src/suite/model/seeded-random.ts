// Mulberry32: a small generator whose whole state is one 32-bit number, so that a failing test can print its seed and be
// run again exactly. The tests of every package take their random numbers from here.

/** Random choices that depend on the seed alone. */
export class SeededRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, not including, `below`. */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** True once in this many times. */
  oneIn(times: number): boolean {
    return this.integer(times) === 0;
  }

  /** One of the items, each as likely. */
  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new TypeError("pick() from no items");
    return items[this.integer(items.length)]!;
  }

  /** One of the items, as likely as its weight says. */
  weighted<Item>(items: readonly (readonly [Item, number])[]): Item {
    let place = this.integer(items.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [item, weight] of items) {
      if (place < weight) return item;
      place -= weight;
    }
    throw new Error("weights must be whole numbers, and one of them positive");
  }
}

/** Random choices for a seed, by default one taken from the time. Print it when a test fails. */
export function seededRandom(seed: number = Date.now() >>> 0): SeededRandom {
  return new SeededRandom(seed);
}
