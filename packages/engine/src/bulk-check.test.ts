import { defaultLimits, type KeyPattern, keyPatternsMaxBytes } from "@everdict/protocol";
import { expect, test } from "vitest";
import { checkPatterns } from "./bulk-check.ts";

const { keyMaxBytes } = defaultLimits;
const largest = { offset: 0, bytes: new Uint8Array(keyMaxBytes) };

test("patterns have bytes for two of the largest keys together, and not one more", () => {
  const all: KeyPattern[] = [[largest], [largest]];
  expect(2 * keyMaxBytes).toBe(keyPatternsMaxBytes);
  checkPatterns(defaultLimits, all);
  const one = { offset: 9, bytes: new Uint8Array(1) };
  expect(() => checkPatterns(defaultLimits, [...all, [one]])).toThrow(/524289 bytes.*limit is 524288/);
  expect(() => checkPatterns(defaultLimits, [[largest, largest, one]])).toThrow(/524289/);
});
