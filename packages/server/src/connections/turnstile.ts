/**
 * Lets one through per turn of the event loop, in order: what strangers send first may take milliseconds to look at,
 * and a crowd of them must leave room in between for everybody who has been let in before.
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
