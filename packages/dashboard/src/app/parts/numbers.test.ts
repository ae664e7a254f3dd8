import { expect, test } from "vitest";
import { bytesText, countOf } from "./numbers.ts";
import { durationText, relativeTime, zonedTime } from "./times.ts";

test.each([
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_536, "1.5 KiB"],
  [150 * 1_024 ** 2, "150 MiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test("a count has separators and its thing in the right number", () => {
  expect([countOf(1, "entry", "entries"), countOf(1_234, "entry", "entries")]).toEqual([
    "1 entry",
    "1,234 entries",
  ]);
});

test.each([
  [-5, "5 seconds ago"],
  [-3_700, "1 hour ago"],
  [2 * 86_400, "in 2 days"],
  [0, "now"],
])("%d seconds from now is %s", (away, text) => {
  expect(relativeTime(1_000_000 + away, 1_000_000)).toBe(text);
});

test.each([
  [0.25, "250 ms"],
  [60, "1 min"],
  [100_800, "1 d 4 h"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test("a time that no calendar has is shown as its seconds", () => {
  expect(zonedTime(1e20)).toBe("100000000000000000000 s");
});
