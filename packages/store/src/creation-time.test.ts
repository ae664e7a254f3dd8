import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextCreatedAtSeconds } from "./creation-time.ts";

describe("nextCreatedAtSeconds()", () => {
  test("is the clock's time in seconds when nothing is newer", () => {
    expect(nextCreatedAtSeconds(1_750_000_000_123, undefined)).toBe(1_750_000_000.123);
    expect(nextCreatedAtSeconds(1_750_000_000_123, 1_750_000_000.122)).toBe(1_750_000_000.123);
  });

  test("is a microsecond after the newest otherwise", () => {
    expect(nextCreatedAtSeconds(1_750_000_000_000, 1_750_000_000)).toBe(1_750_000_000.000001);
    expect(nextCreatedAtSeconds(0, 1_750_000_000.999999)).toBe(1_750_000_001);
  });

  test("drops what is finer than a microsecond, never into the future", () => {
    // A quarter of a microsecond is about as fine as a double of milliseconds is today.
    expect(nextCreatedAtSeconds(1_750_000_000_000 + 2 ** -12, undefined)).toBe(1_750_000_000);
    expect(nextCreatedAtSeconds(1_750_000_000_000 + 2 ** -10 + 2 ** -11, undefined)).toBe(
      1_750_000_000.000001,
    );
  });

  test("a million steps at one moment are a million microseconds, each a double of its own", () => {
    const startMs = 1_999_999_999_000;
    let seconds = nextCreatedAtSeconds(startMs, undefined);
    for (let step = 1; step <= 1_000_000; step++) {
      const next = nextCreatedAtSeconds(startMs, seconds);
      if (next <= seconds) expect.fail(`step ${step} from ${seconds} to ${next}`);
      seconds = next;
    }
    expect(seconds).toBe(2_000_000_000);
  });

  test("increases from wherever the newest is, through the year 2100", () => {
    const times = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(times, times, fc.integer({ min: 0, max: 999_999 }), (nowMs, newestMs, micros) => {
        const newest = (newestMs * 1000 + micros) / 1e6;
        const next = nextCreatedAtSeconds(nowMs, newest);
        expect(next).toBeGreaterThan(newest);
        expect(next).toBeGreaterThanOrEqual(nowMs / 1000);
        expect(Math.round(next * 1e6) / 1e6).toBe(next);
      }),
    );
  });
});
