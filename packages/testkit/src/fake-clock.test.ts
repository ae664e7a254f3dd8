import { expect, test } from "vitest";
import { fakeClock } from "./fake-clock.ts";

test("a fake clock moves only when told", () => {
  const clock = fakeClock(1_000);
  expect([clock(), clock()]).toEqual([1_000, 1_000]);
  clock.advanceMs(5);
  expect(clock()).toBe(1_005);
  clock.setMs(0);
  expect(clock()).toBe(0);
});
