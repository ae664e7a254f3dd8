/** A clock that stands still until it is moved. Call it for the time in Unix milliseconds. */
export interface FakeClock {
  (): number;
  /** Moves the clock forward. */
  advanceMs(ms: number): void;
  /** Sets the clock, also backwards. */
  setMs(unixMs: number): void;
}

/** A fake clock at `startMs`, by default the start of 2026. */
export function fakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  return Object.assign(() => nowMs, {
    advanceMs: (ms: number) => {
      nowMs += ms;
    },
    setMs: (unixMs: number) => {
      nowMs = unixMs;
    },
  });
}
