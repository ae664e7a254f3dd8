/**
 * Finds transfers that stand still. It looks from time to time: a transfer stands still if next to nothing came between
 * two looks. So a standstill is found after the time between two looks at the earliest, and after twice that time at
 * the latest.
 */
export class StallClock {
  #seenBytes = 0;
  #quietLooks = 0;

  /** Begins anew, from this number of bytes. */
  restart(bytes: number): void {
    this.#seenBytes = bytes;
    this.#quietLooks = 0;
  }

  /** Looks: `bytes` only grows, and `minBytes` since the last look are getting on. */
  standsStill(bytes: number, minBytes: number): boolean {
    // Since when nothing comes, a look cannot tell: the first one only begins to count.
    this.#quietLooks = bytes - this.#seenBytes >= minBytes ? 1 : this.#quietLooks + 1;
    this.#seenBytes = bytes;
    return this.#quietLooks > 1;
  }
}
