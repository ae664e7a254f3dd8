import {
  type CallOptions,
  type ConnectionMemory,
  callerGaveUp,
  type EarlyEndErrors,
  type EverdictError,
  type Timers,
  tooLate,
  type ValueRoom,
  waitWithin,
} from "@everdict/protocol";

const nothingDone = "; it waited for room, and nothing was done";

/** Room for what one call reads, which it waits for no longer than it may take. */
export class CallRoom implements ValueRoom, EarlyEndErrors {
  readonly #memory: ConnectionMemory;

  constructor(memory: ConnectionMemory) {
    this.#memory = memory;
  }

  reserve(bytes: number): Promise<void> | undefined {
    return this.#memory.reserveFor("reads", bytes, this);
  }

  release(bytes: number): void {
    this.#memory.release(bytes);
  }

  /**
   * Waits for room that was reserved here.
   *
   * @returns the options of the call with the time that is left
   * @throws `deadline_exceeded`: then the room is not wanted any more
   */
  async wait(waiting: Promise<void>, options: CallOptions, timers: Timers): Promise<CallOptions> {
    const { timeoutMs } = options;
    if (timeoutMs === undefined) {
      await waiting;
      return options;
    }
    const sinceMs = timers.now();
    await waitWithin(waiting, options, timers, this);
    return { ...options, timeoutMs: timeoutMs - (timers.now() - sinceMs) };
  }

  cancelled(reason: unknown): EverdictError {
    return this.#notWanted(callerGaveUp(nothingDone, reason));
  }

  tooLate(timeoutMs: number): EverdictError {
    return this.#notWanted(tooLate(timeoutMs, nothingDone));
  }

  #notWanted(error: EverdictError): EverdictError {
    this.#memory.forgetReads(this, error);
    return error;
  }
}
