/** Counts calls under way, so that closing can wait for those that take several steps. */
export class InFlight {
  #count = 0;
  #onIdle: (() => void) | undefined;

  /** Counts a call until it settles, and hands it back. */
  track<T>(call: Promise<T>): Promise<T> {
    const settle = (): void => {
      this.#count--;
      if (this.#count === 0) this.#onIdle?.();
    };
    this.#count++;
    call.then(settle, settle);
    return call;
  }

  /** Resolves once no call is under way. New ones must be refused by then. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }
}
