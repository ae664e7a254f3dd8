import { expect, test } from "vitest";
import { pauseMs } from "./modify.ts";

test("pauses of modify spread over more and more attempts, and over fewer again for those that have waited for long", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => pauseMs(attempt, 10, () => 1));
  expect(longest).toEqual([20, 40, 80, 160, 80, 40, 40, 40]);
  expect(pauseMs(4, 10, () => 0)).toBe(0);
  expect(pauseMs(4, 10, () => 0.5)).toBe(80);
});

test("no pause is shorter than a timer can tell, or as long as a stall of the machine", () => {
  expect(pauseMs(4, 0, () => 1)).toBe(8);
  expect(pauseMs(4, 60_000, () => 1)).toBe(800);
});
