/**
 * Lets one connection through per turn of the event loop, in order. Examining the first bytes of a stranger may take
 * milliseconds, and a crowd of strangers must leave time for connections that were let in before.
 */
export class Turnstile {
  #waiting: (() => void)[] = [];
  #next = 0;

  /** Calls `enter` in a turn of its own. */
  pass(enter: () => void): void {
    if (this.#waiting.push(enter) === 1) setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    const enter = this.#waiting[this.#next++]!;
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    } else setImmediate(this.#turn);
    enter();
  };
}
