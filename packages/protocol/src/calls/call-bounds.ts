import type { CallOptions } from "../service.ts";
import { type Timers, timerMaxMs } from "./timers.ts";

/** What ends when its bounds say so. At most one of the two is called, and once. */
export interface BoundedCall {
  /** The caller's signal was aborted, for this reason. */
  onCancelled(reason: unknown): void;
  /** The time that the caller gave is over. */
  onTimeout(timeoutMs: number): void;
}

/** Whether a timeout is a bound: what is longer than a timer can be is none in practice. */
export function isBound(timeoutMs: number | undefined): timeoutMs is number {
  return timeoutMs !== undefined && timeoutMs <= timerMaxMs;
}

/** Whether the options could end a call early. */
export function isBounded(options: CallOptions | undefined): options is CallOptions {
  return options !== undefined && (options.signal !== undefined || options.timeoutMs !== undefined);
}

/** The signal and the timeout of one call. They end the wait, not the work: what was asked for may still be applied. */
export class CallBounds {
  /** On the timers' scale; undefined if there is no timeout. */
  readonly deadlineMs: number | undefined;
  readonly #call: BoundedCall;
  readonly #timers: Timers;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: unknown;

  /** The signal must not have been aborted yet. */
  constructor({ signal, timeoutMs }: CallOptions, timers: Timers, call: BoundedCall) {
    this.#call = call;
    this.#timers = timers;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (!isBound(timeoutMs)) return;
    this.deadlineMs = timers.now() + timeoutMs;
    const onDeadline = (): void => {
      this.end();
      call.onTimeout(timeoutMs);
    };
    this.#timer = timers.set(onDeadline, timeoutMs, false);
  }

  /** Releases the timer and the listener. Safe to repeat. */
  end(): void {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    if (this.#timer !== undefined) this.#timers.clear(this.#timer);
  }

  readonly #onAbort = (): void => {
    this.end();
    this.#call.onCancelled(this.#signal?.reason);
  };
}
