// Mulberry32: a small generator whose whole state is one 32-bit number, so that a failing test can print its
// seed and be run again exactly.

/** Numbers that depend on the seed alone. */
export interface SeededRandom {
  readonly seed: number;
  /** A number from 0 up to but not including 1. */
  next(): number;
  /** An integer from 0 up to but not including `below`. */
  integer(below: number): number;
  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

/** A generator for `seed`, by default one taken from the time; print it when a test fails. */
export function seededRandom(seed: number = Date.now() >>> 0): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    seed,
    next,
    integer,
    pick: (items) => {
      if (items.length === 0) throw new TypeError("pick() from no items");
      return items[integer(items.length)]!;
    },
    chance: (probability) => next() < probability,
  };
}
