/** How code waits. It is passed in, so that tests control time; the default is the platform's. */
export interface Timers {
  /**
   * Calls back once, `delayMs` from now.
   *
   * @param background the wait alone must not keep the process alive.
   * @returns what `clear` takes.
   */
  set(callback: () => void, delayMs: number, background: boolean): unknown;
  /** Forgets a callback that `set` announced. No effect once it was called. */
  clear(handle: unknown): void;
  /** Milliseconds on a scale that only grows. */
  now(): number;
}

/** The longest delay that timers of every platform take, in milliseconds: some 24 days. */
export const timerMaxMs = 2 ** 31 - 1;

/** The platform's timers. */
export const systemTimers: Timers = {
  set(callback, delayMs, background) {
    const handle: unknown = setTimeout(callback, delayMs);
    // Node and its kin keep the process alive for a timer unless told otherwise; browsers have no such call.
    if (background) (handle as { unref?: () => void }).unref?.();
    return handle;
  },
  clear(handle) {
    clearTimeout(handle as ReturnType<typeof setTimeout>);
  },
  now: () => performance.now(),
};
