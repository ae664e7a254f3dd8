import type { EverdictError } from "../errors.ts";
import type { CallOptions } from "../service.ts";
import { type BoundedCall, CallBounds } from "./call-bounds.ts";
import type { Timers } from "./timers.ts";

/** The errors of a wait that ends early. */
export interface EarlyEndErrors {
  /** The caller's signal was aborted, for this reason. */
  cancelled(reason: unknown): EverdictError;
  /** The time that the caller gave is over. */
  tooLate(timeoutMs: number): EverdictError;
}

/**
 * The patience of one caller: waits for answers until the caller's signal or deadline ends it.
 *
 * One wait at a time. `end()` must be called in any case, it releases the timer and the listener.
 */
export class Patience implements BoundedCall {
  readonly #bounds: CallBounds;
  readonly #errors: EarlyEndErrors;
  #over: EverdictError | undefined;
  #rejectWait: ((error: EverdictError) => void) | undefined;

  /** Starts the clock. The signal must not have been aborted yet. */
  constructor(options: CallOptions, timers: Timers, errors: EarlyEndErrors) {
    this.#errors = errors;
    this.#bounds = new CallBounds(options, timers, this);
  }

  /** The error if the caller gave up already. */
  get over(): EverdictError | undefined {
    return this.#over;
  }

  /** The answer, or the error of the early end, whichever comes first. */
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
    this.#bounds.end();
  }

  onCancelled(reason: unknown): void {
    this.#giveUp(this.#errors.cancelled(reason));
  }

  onTimeout(timeoutMs: number): void {
    this.#giveUp(this.#errors.tooLate(timeoutMs));
  }

  #giveUp(error: EverdictError): void {
    this.#over = error;
    this.#rejectWait?.(error);
  }
}

/** The answer, or the error of the early end, whichever comes first. The signal must not have been aborted yet. */
export function waitWithin<T>(
  answer: Promise<T>,
  options: CallOptions,
  timers: Timers,
  errors: EarlyEndErrors,
): Promise<T> {
  const patience = new Patience(options, timers, errors);
  const end = () => patience.end();
  // First, so that nothing is left behind when the caller hears of the answer.
  answer.then(end, end);
  return patience.wait(answer);
}
