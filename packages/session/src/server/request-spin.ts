import { BoundedSpin, type SpinPlatform } from "../time/bounded-spin.ts";

/**
 * The server's spin, one for all sessions: awake for a moment after a few requests of a session that asked for it,
 * since the next may be on its way. Not while any answer waits for the store, which may be flushing on a thread that
 * needs the core.
 */
export class RequestSpin {
  readonly #spin: BoundedSpin;
  #pending = 0;
  #wasFew = false;

  constructor(platform: SpinPlatform) {
    this.#spin = new BoundedSpin(platform);
  }

  /** An answer waits for the store. */
  pendingAdded(): void {
    this.#pending++;
    this.#spin.stop();
  }

  /** It came; the next request may follow. */
  pendingRemoved(): void {
    this.#pending--;
    if (this.#wasFew && this.#pending === 0) this.#spin.start();
  }

  /** A batch of requests was handled. */
  served(wereFew: boolean): void {
    this.#wasFew = wereFew;
    if (wereFew && this.#pending === 0) this.#spin.start();
  }
}
