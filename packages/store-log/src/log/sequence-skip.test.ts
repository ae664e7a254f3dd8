import { expect, test } from "vitest";
import { behindLostSequences } from "./sequence-skip.ts";

const nowMs = Date.UTC(2026, 0);

test("an empty log begins at its first sequence number", () => {
  expect(behindLostSequences(0, nowMs)).toBe(0);
});

test("a log goes on behind every number that a process could have given out until now", () => {
  const first = behindLostSequences(1, nowMs);
  expect(behindLostSequences(1, nowMs + 1) - first).toBe(2048);
  expect(behindLostSequences(first + 10, nowMs)).toBe(first + 10 + 2 ** 28);
});

test("a clock that is wrong never takes a log back, nor to its last numbers", () => {
  expect(behindLostSequences(7, 0)).toBe(7 + 2 ** 28);
  expect(behindLostSequences(7, -1)).toBe(7 + 2 ** 28);
  const latest = behindLostSequences(7, Number.MAX_SAFE_INTEGER);
  expect(Number.MAX_SAFE_INTEGER - latest).toBeGreaterThan(2 ** 50);
});
