import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallBounds } from "./call-bounds.ts";
import { systemTimers } from "./timers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A bounded call that notes how it was ended. */
function begin(options: { signal?: AbortSignal; timeoutMs?: number }) {
  const ends: unknown[] = [];
  const bounds = new CallBounds(options, systemTimers, {
    onCancelled: (reason) => ends.push(reason),
    onTimeout: (timeoutMs) => ends.push(timeoutMs),
  });
  return { bounds, ends };
}

test("the signal ends a call with its reason, and the timeout after it no more", () => {
  const caller = new AbortController();
  const { ends } = begin({ signal: caller.signal, timeoutMs: 50 });
  caller.abort("enough");
  vi.advanceTimersByTime(100);
  expect(ends).toEqual(["enough"]);
});

test("the timeout ends a call, and the signal after it no more", () => {
  const caller = new AbortController();
  const { ends, bounds } = begin({ signal: caller.signal, timeoutMs: 50 });
  expect(bounds.deadlineMs).toBe(performance.now() + 50);
  vi.advanceTimersByTime(50);
  caller.abort();
  expect(ends).toEqual([50]);
});

test("what has ended by itself is told nothing and leaves no timer behind", () => {
  const caller = new AbortController();
  const { ends, bounds } = begin({ signal: caller.signal, timeoutMs: 50 });
  bounds.end();
  bounds.end();
  expect(vi.getTimerCount()).toBe(0);
  caller.abort();
  expect(ends).toEqual([]);
});

test("a timeout longer than a timer can be is none", () => {
  const { bounds } = begin({ timeoutMs: 2 ** 31 });
  expect(bounds.deadlineMs).toBeUndefined();
  expect(vi.getTimerCount()).toBe(0);
});
