/** One call of one client, as it was seen from outside. */
export interface Operation<Input, Output> {
  readonly input: Input;
  /** Absent: the outcome is unknown; it may take effect at any time after `calledAt`, or never. */
  readonly output?: { readonly value: Output } | undefined;
  /** Moments on one clock that all clients share; any unit. */
  readonly calledAt: number;
  /** Absent like `output`. */
  readonly returnedAt?: number | undefined;
}

/** What clients did, in any order. */
export type History<Input, Output> = readonly Operation<Input, Output>[];

/** Writes down calls while they are made. The clock counts, unless processes have to agree on one. */
export class HistoryRecorder<Input, Output> {
  readonly #operations: Operation<Input, Output>[] = [];
  readonly #now: () => number;

  constructor(now: () => number = counter()) {
    this.#now = now;
  }

  get operations(): History<Input, Output> {
    return this.#operations;
  }

  /** Makes a call and answers what it answered. An error leaves the outcome unknown, and is thrown on. */
  async record(input: Input, call: () => Output | Promise<Output>): Promise<Output> {
    const calledAt = this.#now();
    try {
      const value = await call();
      this.#operations.push({ input, output: { value }, calledAt, returnedAt: this.#now() });
      return value;
    } catch (error) {
      this.#operations.push({ input, calledAt });
      throw error;
    }
  }
}

function counter(): () => number {
  let count = 0;
  return () => count++;
}
