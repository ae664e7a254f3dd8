import { expect, test } from "vitest";
import { randomText } from "./random-text.ts";

test("random text has the wanted length and every letter and digit equally often", () => {
  const text = randomText(62_000);
  expect(text).toMatch(/^[A-Za-z0-9]{62000}$/);
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(62);
  // 1000 of each are expected, with a standard deviation of 31.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(220);
});
