import { expect, test } from "vitest";
import { fuzzyDistance } from "./fuzzy.ts";

test("letters in order match, others do not", () => {
  expect(fuzzyDistance("ujb", "user-jobs")).toBeDefined();
  expect(fuzzyDistance("bju", "user-jobs")).toBeUndefined();
});

test("what holds the text as it is comes first, then beginnings of words", () => {
  const names = ["a-jump-over-bus", "user-jobs", "jobs"];
  const best = (typed: string) =>
    names
      .filter((each) => fuzzyDistance(typed, each) !== undefined)
      .sort((a, b) => fuzzyDistance(typed, a)! - fuzzyDistance(typed, b)!)[0];
  expect(best("jobs")).toBe("jobs");
  expect(best("uj")).toBe("user-jobs");
});
