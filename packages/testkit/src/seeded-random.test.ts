import { expect, test } from "vitest";
import { seededRandom } from "./seeded-random.ts";

test("the seed alone decides the numbers, and they spread over the range", () => {
  const [first, second] = [seededRandom(7), seededRandom(7)];
  const numbers = Array.from({ length: 1_000 }, () => first.integer(10));
  expect(numbers).toEqual(Array.from({ length: 1_000 }, () => second.integer(10)));
  expect(numbers).not.toEqual(Array.from({ length: 1_000 }, () => seededRandom(8).integer(10)));
  for (let digit = 0; digit < 10; digit += 1) {
    expect(numbers.filter((each) => each === digit).length).toBeGreaterThan(50);
  }
});
