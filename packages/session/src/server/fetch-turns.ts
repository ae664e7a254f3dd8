import type { AtEndOfTurn } from "../time/turns.ts";

/** Batches of streams that are fetched in one turn of the event loop, over all streams. */
const fetchesPerTurn = 16;

/**
 * Spreads the fetches of streams over the turns of the event loop. A store may fetch a batch without any wait, so a
 * thousand streams that begin or go on together would hold up all other work.
 */
export class FetchTurns {
  readonly #atEndOfTurn: AtEndOfTurn;
  #left = fetchesPerTurn;
  #isScheduled = false;
  #waiting: (() => void)[] = [];

  constructor(atEndOfTurn: AtEndOfTurn) {
    this.#atEndOfTurn = atEndOfTurn;
  }

  /** Leave to fetch a batch: undefined if it may be now, else later. */
  take(): Promise<void> | undefined {
    this.#schedule();
    if (this.#left > 0) {
      this.#left--;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#atEndOfTurn(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isScheduled = false;
    const next = this.#waiting.splice(0, fetchesPerTurn);
    this.#left = fetchesPerTurn - next.length;
    if (this.#waiting.length > 0) this.#schedule();
    for (const resolve of next) resolve();
  };
}
