/** Counts calls under way, so that closing can wait for them. */
export class InFlight {
  #count = 0;
  #idle: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /** Counts a call until it settles, and hands it back. */
  track<T>(call: Promise<T>): Promise<T> {
    this.begin();
    call.then(this.#onSettled, this.#onSettled);
    return call;
  }

  /** Counts a call until `end()`. */
  begin(): void {
    this.#count++;
  }

  /** One of the calls that began has settled. */
  end(): void {
    this.#count--;
    if (this.#count > 0) return;
    this.#idle = undefined;
    this.#onIdle?.();
  }

  /** Whether no call is under way. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  /** Resolves once no call is under way. New calls must be refused before that. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    this.#idle ??= new Promise((resolve) => {
      this.#onIdle = resolve;
    });
    return this.#idle;
  }

  readonly #onSettled = (): void => this.end();
}
