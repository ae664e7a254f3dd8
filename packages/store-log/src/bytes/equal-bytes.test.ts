import { expect, test } from "vitest";
import { equalBytes } from "./equal-bytes.ts";

test.each([0, 1, 128, 129, 5000])("%d bytes are equal if each is, wherever they are", (length) => {
  const one = Uint8Array.from({ length: length + 3 }, (_, index) => index);
  const other = Uint8Array.from({ length: length + 9 }, (_, index) => index - 4);
  expect(equalBytes(one, 1, other, 5, length)).toBe(true);
  for (const at of new Set([0, 1, length >> 1, length - 129, length - 128, length - 1])) {
    if (at < 0 || at >= length) continue;
    other[5 + at]! ^= 1;
    expect(equalBytes(one, 1, other, 5, length)).toBe(false);
    other[5 + at]! ^= 1;
  }
  // What is around them says nothing.
  other[4]! ^= 1;
  other[5 + length]! ^= 1;
  expect(equalBytes(one, 1, other, 5, length)).toBe(true);
});
