import { BoundedSpin, type SpinPlatform, spinMaxOutstanding } from "../time/bounded-spin.ts";

/** After spins in vain, at most this many batches of the same kind go without a spin. */
const restMaxBatches = 64;

/**
 * The client's spin keeps the process awake while an answer is due. It learns: if answers take longer than a spin
 * lasts, because the server is far away or flushes to a disk, it rests before it tries again. It learns for reads and
 * for writes apart.
 */
export class AnswerSpin {
  readonly #spin: BoundedSpin;
  readonly #kinds = { read: { rest: 0, nextRest: 1 }, write: { rest: 0, nextRest: 1 } };
  #current = this.#kinds.read;

  constructor(platform: SpinPlatform) {
    this.#spin = new BoundedSpin(platform, () => this.#onVain());
  }

  /** A batch went out; this many operations are outstanding now. */
  sent(outstanding: number, hasWrites: boolean): void {
    const kind = hasWrites ? this.#kinds.write : this.#kinds.read;
    if (outstanding === 0 || outstanding > spinMaxOutstanding) {
      this.#spin.stop();
    } else if (kind.rest > 0) {
      kind.rest--;
    } else {
      this.#current = kind;
      this.#spin.start();
    }
  }

  /** Something arrived; this many operations are outstanding now. */
  received(outstanding: number): void {
    if (outstanding > 0) return;
    if (this.#spin.isWanted) this.#current.nextRest = 1;
    this.#spin.stop();
  }

  #onVain(): void {
    const kind = this.#current;
    kind.rest = kind.nextRest;
    kind.nextRest = Math.min(restMaxBatches, 2 * kind.nextRest);
  }
}
