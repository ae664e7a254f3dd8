import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CompactionPace } from "./compaction-pace.ts";

const kib = 1024;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** Reads so much in slices of 64 KiB; answers how long it took. */
async function read(pace: CompactionPace, bytes: number): Promise<number> {
  const startMs = performance.now();
  for (let left = bytes; left > 0; left -= 64 * kib) {
    const paused = pace.pause(64 * kib);
    await new Promise((resolve) => setImmediate(resolve));
    await vi.runAllTimersAsync();
    await paused;
  }
  return performance.now() - startMs;
}

test("goes on as fast as it may, and no faster", async () => {
  const pace = new CompactionPace({ bytesPerSecond: 1024 * kib, isUrgent: () => false });
  const tookMs = await read(pace, 4096 * kib);
  expect(tookMs).toBeGreaterThan(3900);
  expect(tookMs).toBeLessThanOrEqual(4000);
});

test("does not wait when space is needed, and waits again when it is not", async () => {
  let isUrgent = true;
  const pace = new CompactionPace({ bytesPerSecond: 1024 * kib, isUrgent: () => isUrgent });
  expect(await read(pace, 8192 * kib)).toBe(0);
  isUrgent = false;
  expect(await read(pace, 4096 * kib)).toBeGreaterThan(2000);
});

test("a stop ends the wait", async () => {
  const pace = new CompactionPace({ bytesPerSecond: 1, isUrgent: () => false });
  const paused = pace.pause(64 * kib);
  await new Promise((resolve) => setImmediate(resolve));
  pace.stop();
  await paused;
  const beforeMs = performance.now();
  await pace.pause(64 * kib);
  expect(performance.now()).toBe(beforeMs);
});
