import { expect, test } from "vitest";
import { hashOfArray, hashOfProperty, hashOfText } from "./content-hash.ts";

test.each([0, -0, 0.5, -1e300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "", "x", "é", {}, null, 1n])(
  "the hash of what begins with %s is a whole number, and always the same",
  (value) => {
    expect(hashOfProperty("name", value)).toSatisfy(Number.isSafeInteger);
    expect(hashOfProperty("name", value)).toBe(hashOfProperty("name", value));
    expect(hashOfArray([value])).toSatisfy(Number.isSafeInteger);
  },
);

test("what is alike but for one thing mostly has another hash", () => {
  const texts = Array.from({ length: 100 }, (_, at) => hashOfText(`name-${at}`));
  expect(new Set(texts).size).toBeGreaterThan(50);
  const ids = Array.from({ length: 100 }, (_, at) => hashOfProperty("id", at / 2));
  expect(new Set(ids).size).toBe(100);
  expect(hashOfArray([])).not.toBe(hashOfArray([1]));
});
