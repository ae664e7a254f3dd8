import { expect, test } from "vitest";
import { keysInOneTurn, matchesKey, reachOfPatterns } from "./key-pattern.ts";

const key = Uint8Array.of(1, 2, 3, 4);

function part(offset: number, ...bytes: number[]) {
  return { offset, bytes: Uint8Array.from(bytes) };
}

test("a pattern matches a key that has all of its parts", () => {
  expect(matchesKey([[part(0, 1, 2), part(3, 4)]], key)).toBe(true);
  expect(matchesKey([[part(0, 1, 2), part(3, 5)]], key)).toBe(false);
});

test("one pattern of many is enough, none at all is not, and without patterns every key matches", () => {
  expect(matchesKey([[part(0, 9)], [part(1, 2)]], key)).toBe(true);
  expect(matchesKey([], key)).toBe(false);
  expect(matchesKey(undefined, key)).toBe(true);
  expect(matchesKey([[]], key)).toBe(true);
});

test("a part that goes past the end of a key does not match", () => {
  expect(matchesKey([[part(3, 4, 0)]], key)).toBe(false);
  expect(matchesKey([[part(4)]], key)).toBe(true);
  expect(matchesKey([[part(5)]], key)).toBe(false);
});

test("the bytes of a key behind all parts say nothing", () => {
  const patterns = [[part(1, 2)], [part(0, 1, 2, 3)]];
  expect(reachOfPatterns(patterns)).toBe(3);
  expect(matchesKey(patterns, key.subarray(0, 3))).toBe(true);
  expect(reachOfPatterns([])).toBe(0);
});

test("the larger the patterns, the fewer keys are compared in one turn", () => {
  const of = (bytes: number, offset = 0) => [[{ offset, bytes: new Uint8Array(bytes) }]];
  expect(keysInOneTurn(undefined, 2000)).toBe(2000);
  expect(keysInOneTurn(of(100), 2000)).toBe(2000);
  expect(keysInOneTurn(of(8192), 2000)).toBe(256);
  expect(keysInOneTurn(of(1, 256 * 1024 - 2), 2000)).toBe(16);
  expect(keysInOneTurn(of(16 * 1024 * 1024), 2000)).toBe(1);
});
