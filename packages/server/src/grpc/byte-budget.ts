/**
 * How many bytes may be held at once. Whoever takes must give back exactly what it took.
 */
export class ByteBudget {
  readonly #maxBytes: number;
  #takenBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The largest sum that may be taken. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** What is taken now. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Takes so many bytes; false, and nothing taken, if they would exceed the budget. */
  take(bytes: number): boolean {
    if (this.#takenBytes + bytes > this.#maxBytes) return false;
    this.#takenBytes += bytes;
    return true;
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#takenBytes -= bytes;
  }
}
