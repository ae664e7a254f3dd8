import { expect, test } from "vitest";
import { parseNumber } from "./parse-number.ts";

test.each([
  ["5", 5],
  ["-3", -3],
  ["+3", 3],
  ["0.5", 0.5],
  ["-.5", -0.5],
  ["1e3", 1000],
  ["9007199254740993", 9007199254740993n],
])("%s is a number", (text, value) => {
  expect(parseNumber(text, "BY")).toBe(value);
});

test.each(["", "x", "1x", "0x10", "1_000", "NaN", "Infinity", "1e999", "--1"])("'%s' is none", (text) => {
  expect(() => parseNumber(text, "BY")).toThrow(`BY '${text}' is not a number`);
});
