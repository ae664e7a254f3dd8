/**
 * Time that a simulation owns: the clock it gives a store, and the timers of the process, which wait for that clock.
 * Time passes only in `pass`, so a run repeats exactly however busy the machine is.
 */

interface Timer {
  readonly callback: () => void;
  dueMs: number;
  /** Absent: fires once. */
  readonly everyMs: number | undefined;
}

const startMs = Date.UTC(2026, 0, 1);

/** See the top of the file. */
export class VirtualTime {
  #nowMs = startMs;
  readonly #timers = new Set<Timer>();

  get nowMs(): number {
    return this.#nowMs;
  }

  readonly clock = (): number => this.#nowMs;

  /** Lets time pass and runs what became due meanwhile, each at its own moment. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let timer = this.#next(untilMs); timer !== undefined; timer = this.#next(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      if (timer.everyMs === undefined) this.#timers.delete(timer);
      else timer.dueMs += Math.max(1, timer.everyMs);
      timer.callback();
    }
    this.#nowMs = untilMs;
  }

  /** Goes back to the beginning, so that a run meets the same moments whatever ran before it. */
  restart(): void {
    this.#nowMs = startMs;
    this.forgetTimers();
  }

  /** Forgets all timers: those who set them are no more. */
  forgetTimers(): void {
    this.#timers.clear();
  }

  /** Takes the place of the timers and clocks of this process. For processes that run nothing but a simulation. */
  install(): void {
    const start =
      (everyMs: boolean) =>
      (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
        this.#start(() => callback(...args), ms, everyMs ? ms : undefined);
    const stop = (handle: { stop?: () => void } | undefined) => handle?.stop?.();
    Object.assign(globalThis, {
      setTimeout: start(false),
      setInterval: start(true),
      clearTimeout: stop,
      clearInterval: stop,
    });
    Date.now = this.clock;
    performance.now = this.clock;
  }

  #start(callback: () => void, ms: number, everyMs: number | undefined) {
    const timer: Timer = { callback, dueMs: this.#nowMs + Math.max(1, ms), everyMs };
    this.#timers.add(timer);
    const handle = {
      stop: () => this.#timers.delete(timer),
      ref: () => handle,
      unref: () => handle,
      hasRef: () => false,
      refresh: () => {
        timer.dueMs = this.#nowMs + Math.max(1, ms);
        this.#timers.add(timer);
        return handle;
      },
    };
    return handle;
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }
}
