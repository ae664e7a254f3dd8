/**
 * Chooses among equivalent servers (protocol section 1.1). Attempts race: each next one starts three seconds after the
 * one before, or as soon as one has failed. The first that succeeds wins, and the others are given up.
 */

/** One attempt. What it gives is let go if another was first. */
export type Attempt<T> = (signal: AbortSignal) => Promise<T>;

/** What a race needs besides the attempts. */
export interface RaceOptions<T> {
  /** Lets go of what an attempt gave after the race was over. */
  readonly letGo: (late: T) => void;
  /** What the race fails with when all attempts have. Default: the first one's failure. */
  readonly failure?: ((failures: readonly unknown[]) => unknown) | undefined;
  /** Gives all attempts up. */
  readonly signal?: AbortSignal | undefined;
}

/** How long an attempt has before the next one starts, in milliseconds. */
export const headStartMs = 3000;

/** Races at least one attempt. Rejects when all have failed, or with the signal's reason. */
export function firstInTurn<T>(attempts: readonly Attempt<T>[], options: RaceOptions<T>): Promise<T> {
  return new Promise((resolve, reject) => new Race(attempts, options, resolve, reject).start());
}

class Race<T> {
  readonly #attempts: readonly Attempt<T>[];
  readonly #options: RaceOptions<T>;
  readonly #resolve: (result: T) => void;
  readonly #reject: (error: unknown) => void;
  /** Of the attempts that were started. */
  readonly #controllers: AbortController[] = [];
  readonly #failures: unknown[] = [];
  #failed = 0;
  #isOver = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    attempts: readonly Attempt<T>[],
    options: RaceOptions<T>,
    resolve: (result: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#attempts = attempts;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { signal } = this.#options;
    if (signal?.aborted) {
      this.#onAbort();
      return;
    }
    signal?.addEventListener("abort", this.#onAbort);
    this.#startNext();
  }

  #startNext(): void {
    clearTimeout(this.#timer);
    const index = this.#controllers.length;
    const attempt = this.#attempts[index];
    if (attempt === undefined) return;
    const controller = new AbortController();
    this.#controllers.push(controller);
    if (index + 1 < this.#attempts.length) this.#timer = setTimeout(() => this.#startNext(), headStartMs);
    attempt(controller.signal).then(
      (result) => this.#onSuccess(result, controller),
      (error: unknown) => this.#onFailure(error, index),
    );
  }

  #onSuccess(result: T, winner: AbortController): void {
    if (this.#isOver) {
      this.#options.letGo(result);
      return;
    }
    this.#end(winner);
    this.#resolve(result);
  }

  #onFailure(error: unknown, index: number): void {
    if (this.#isOver) return;
    this.#failures[index] = error;
    this.#failed++;
    if (this.#failed < this.#attempts.length) {
      this.#startNext();
      return;
    }
    this.#end();
    const { failure = ([first]) => first } = this.#options;
    this.#reject(failure(this.#failures));
  }

  readonly #onAbort = (): void => {
    this.#end();
    this.#reject(this.#options.signal?.reason);
  };

  #end(winner?: AbortController): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    for (const controller of this.#controllers) if (controller !== winner) controller.abort();
  }
}
