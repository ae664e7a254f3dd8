import { describe, expect, test } from "vitest";
import { SeededRandom } from "./seeded-random.ts";

describe("SeededRandom", () => {
  test("depends on the seed only", () => {
    const draw = (seed: number) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 50 }, () => random.integer(1_000));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test("spreads over the range", () => {
    const random = new SeededRandom(7);
    const numbers = Array.from({ length: 1_000 }, () => random.integer(10));
    for (let digit = 0; digit < 10; digit++)
      expect(numbers.filter((each) => each === digit).length).toBeGreaterThan(50);
  });

  test("stays below the end and reaches every number", () => {
    const random = new SeededRandom(1);
    const seen = new Set(Array.from({ length: 1_000 }, () => random.integer(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("weighs: what weighs nothing is never taken, what weighs more comes more often", () => {
    const random = new SeededRandom(1);
    const counts = { never: 0, seldom: 0, often: 0 };
    for (let draw = 0; draw < 1_000; draw++) {
      counts[
        random.weighted([
          ["never", 0],
          ["seldom", 1],
          ["often", 9],
        ] as const)
      ]++;
    }
    expect(counts.never).toBe(0);
    expect(counts.seldom).toBeGreaterThan(50);
    expect(counts.often).toBeGreaterThan(800);
  });
});
