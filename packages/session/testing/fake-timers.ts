import type { Timers } from "@everdict/protocol";

/** Timers that stand still until they are moved. */
export interface FakeTimers extends Timers {
  /** Moves time forward, calling back what is due on the way, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** How many callbacks are set. */
  readonly count: number;
}

interface Due {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Fake timers at time 0. */
export function fakeTimers(): FakeTimers {
  let nowMs = 0;
  const due = new Set<Due>();
  // As many turns as a frame and its answer take between two ends in memory.
  const settle = async () => {
    for (let turn = 0; turn < 8; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return {
    set(callback, delayMs) {
      const entry = { atMs: nowMs + delayMs, callback };
      due.add(entry);
      return entry;
    },
    clear: (handle) => void due.delete(handle as Due),
    now: () => nowMs,
    get count() {
      return due.size;
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const [next] = [...due]
          .filter((each) => each.atMs <= untilMs)
          .sort((one, other) => one.atMs - other.atMs);
        if (next === undefined) break;
        due.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.callback();
        await settle();
      }
      nowMs = untilMs;
    },
  };
}
