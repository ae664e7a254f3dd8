import { BoundedSpin, type SpinPlatform } from "../time/bounded-spin.ts";

/**
 * The server's spin, one for all sessions: awake for a moment after a few requests of a session that asked for it,
 * since its next may be on its way. Not while any answer waits for the store, for any client and by whichever protocol:
 * the store may be flushing on a thread that needs the core.
 */
export class RequestSpin {
  readonly #spin: BoundedSpin;
  #pending = 0;

  constructor(platform: SpinPlatform) {
    this.#spin = new BoundedSpin(platform);
  }

  /** An answer waits for the store. */
  pendingAdded(): void {
    this.#pending++;
    this.#spin.stop();
  }

  /** It came. `mayContinue`: to a session that asked for a spin and sends few requests at a time. */
  pendingRemoved(mayContinue: boolean): void {
    this.#pending--;
    if (mayContinue) this.served();
  }

  /** A few requests of a session that asked for a spin were handled. */
  served(): void {
    if (this.#pending === 0) this.#spin.start();
  }
}
