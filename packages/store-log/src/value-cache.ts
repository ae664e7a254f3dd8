import type { KeyState } from "./key-state.ts";

/**
 * The values that are kept in memory, within a budget; the others are read from the log.
 *
 * Eviction is by the clock algorithm: a hand goes round the states, spares once those that were read since it
 * last came by, and evicts the rest. That is close to least recently used, and costs a read one flag.
 */
export class ValueCache {
  readonly #maxBytes: number;
  /** Values larger than this would push out too much else. */
  readonly #valueMaxBytes: number;
  #ring: KeyState[] = [];
  #hand = 0;
  #bytes = 0;
  #staleCount = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#valueMaxBytes = maxBytes / 8;
  }

  /** Whether a value of that size is worth keeping. */
  accepts(valueBytes: number): boolean {
    return valueBytes + overheadBytes <= this.#valueMaxBytes;
  }

  /** Counts the value that a state now has, and evicts others to stay within the budget. */
  admit(state: KeyState): void {
    this.#ring.push(state);
    this.#bytes += cost(state);
    while (this.#bytes > this.#maxBytes) this.#step();
  }

  /** Drops the value of a state that is no more. Nothing happens if it has none. */
  readonly forget = (state: KeyState): void => {
    if (state.value === undefined) return;
    this.#bytes -= cost(state);
    state.value = undefined;
    this.#staleCount++;
    if (this.#staleCount > this.#ring.length / 2 + fewStale) {
      this.#ring = this.#ring.filter((kept) => kept.value !== undefined);
      this.#staleCount = 0;
      this.#hand = 0;
    }
  };

  #step(): void {
    if (this.#hand >= this.#ring.length) this.#hand = 0;
    const state = this.#ring[this.#hand]!;
    if (state.value !== undefined && state.wasRead) {
      state.wasRead = false;
      this.#hand++;
      return;
    }
    if (state.value === undefined) this.#staleCount--;
    else {
      this.#bytes -= cost(state);
      state.value = undefined;
    }
    const last = this.#ring.pop()!;
    if (last !== state) this.#ring[this.#hand] = last;
  }
}

// What a small buffer costs besides its bytes, roughly.
const overheadBytes = 96;
const fewStale = 64;

function cost(state: KeyState): number {
  return state.value!.length + overheadBytes;
}
