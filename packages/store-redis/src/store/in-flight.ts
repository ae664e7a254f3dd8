/** Counts calls under way, so that closing can wait for them. */
export class InFlight {
  #count = 0;
  #onIdle: (() => void) | undefined;

  /** Counts a call until it is settled; answers its own promise. */
  track<Result>(call: Promise<Result>): Promise<Result> {
    this.#count++;
    call.then(this.#settled, this.#settled);
    return call;
  }

  /** Resolves when no call is under way any more. */
  idle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  readonly #settled = (): void => {
    this.#count--;
    if (this.#count === 0) this.#onIdle?.();
  };
}
