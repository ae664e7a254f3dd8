import { type CallOptions, createError, type EverdictError } from "@everdict/protocol";
import { type Timers, timerMaxMs } from "./timers.ts";

/**
 * Whether a call that has not begun may begin. A call that was given up before it began does nothing.
 *
 * @throws `cancelled`, `deadline_exceeded`, `invalid_argument` for a timeout that is not a number
 */
export function assertNotGivenUp(options: CallOptions | undefined): void {
  if (options === undefined) return;
  if (options.signal?.aborted) {
    const cause: unknown = options.signal.reason;
    throw createError("cancelled", "the call was cancelled before it began; nothing was done", { cause });
  }
  const { timeoutMs } = options;
  if (timeoutMs === undefined || timeoutMs > 0) return;
  if (Number.isNaN(timeoutMs)) throw createError("invalid_argument", "timeoutMs is not a number");
  throw createError("deadline_exceeded", `the call had ${timeoutMs} ms and did not begin; nothing was done`);
}

/** Whether there is anything that could end a wait early. */
export function mayGiveUp(options: CallOptions | undefined): options is CallOptions {
  return options !== undefined && (options.signal !== undefined || options.timeoutMs !== undefined);
}

/**
 * The patience of one caller: waits for answers until the caller's signal or deadline ends it.
 *
 * Giving up ends the wait, not the work: what was asked for may still be applied. One wait at a time. `end()`
 * must be called in any case, it releases the timer and the listener.
 */
export class Patience {
  readonly #timers: Timers;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: unknown;
  #over: EverdictError | undefined;
  #rejectWait: ((error: EverdictError) => void) | undefined;

  /** Starts the clock. The options must have passed {@link assertNotGivenUp}. */
  constructor(options: CallOptions, timers: Timers) {
    this.#timers = timers;
    this.#signal = options.signal;
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    const { timeoutMs } = options;
    // What is longer than a timer can be is no deadline in practice.
    if (timeoutMs === undefined || timeoutMs > timerMaxMs) return;
    this.#timer = timers.set(() => this.#onDeadline(timeoutMs), timeoutMs, false);
  }

  /** The error if the caller gave up already. */
  get over(): EverdictError | undefined {
    return this.#over;
  }

  /** The answer, or `cancelled` or `deadline_exceeded`, whichever comes first. */
  wait<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#rejectWait = reject;
      answer.then(resolve, reject);
      if (this.#over !== undefined) reject(this.#over);
    });
  }

  /** Releases the timer and the listener. */
  end(): void {
    this.#rejectWait = undefined;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    if (this.#timer !== undefined) this.#timers.clear(this.#timer);
  }

  readonly #onAbort = (): void => {
    const cause: unknown = this.#signal?.reason;
    this.#giveUp(createError("cancelled", "the caller gave up; the call may have been applied", { cause }));
  };

  #onDeadline(timeoutMs: number): void {
    const message = `no answer within ${timeoutMs} ms; the call may have been applied`;
    this.#giveUp(createError("deadline_exceeded", message));
  }

  #giveUp(error: EverdictError): void {
    this.#over ??= error;
    this.#rejectWait?.(this.#over);
  }
}
