import { expect, test } from "vitest";
import { Durations, durationBoundsSeconds, durationsBetween, quantileSeconds } from "./durations.ts";

test("a duration is counted in the first class that holds it, and in the last if none does", () => {
  const durations = new Durations();
  durations.record(0.01);
  durations.record(0.0101);
  durations.record(60_000, 2);
  const { counts, sumSeconds } = durations.snapshot();
  expect(counts).toHaveLength(durationBoundsSeconds.length + 1);
  expect([counts[0], counts[1], counts.at(-1)]).toEqual([1, 1, 2]);
  expect(sumSeconds).toBeCloseTo(120.000_020_1, 9);
});

test("a quantile is the bound of the class that it falls in", () => {
  const durations = new Durations();
  expect(quantileSeconds(durations.snapshot(), 0.5)).toBeUndefined();
  durations.record(0.9, 98);
  durations.record(900, 2);
  expect(quantileSeconds(durations.snapshot(), 0.5)).toBe(0.001);
  expect(quantileSeconds(durations.snapshot(), 0.99)).toBe(1);
  durations.record(60_000, 1000);
  expect(quantileSeconds(durations.snapshot(), 0.99)).toBe(Number.POSITIVE_INFINITY);
});

test("between two moments lies what was counted after the first", () => {
  const durations = new Durations();
  durations.record(1);
  const earlier = durations.snapshot();
  durations.record(1, 3);
  const between = durationsBetween(earlier, durations.snapshot());
  expect(between.counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(between.sumSeconds).toBeCloseTo(0.003, 12);
});
