import { PyFloat } from "@everdict/pickle";
import { expect, test } from "vitest";
import { isPlainJson, readJson } from "./plain-json.ts";

test.each([null, true, "text", 1.5, [1, [2]], { a: { b: [] } }])("%j can be edited as JSON", (value) => {
  expect(isPlainJson(value)).toBe(true);
});

const circular: unknown[] = [];
circular.push(circular);

test.each([
  ["a bigint", 1n],
  ["NaN", Number.NaN],
  ["minus zero", -0],
  ["a tuple", Object.freeze([1])],
  ["bytes", new Uint8Array(1)],
  ["a float with an integral value", new PyFloat(1)],
  ["a Map", new Map()],
  ["a Date within a list", [new Date(0)]],
  ["a value that holds itself", circular],
])("%s would lose something as JSON", (_, value) => {
  expect(isPlainJson(value)).toBe(false);
});

test("what is typed is read, or it is said what is wrong", () => {
  expect(readJson('{"a": 1}')).toEqual({ value: { a: 1 } });
  expect(readJson("{")).toMatchObject({ wrong: expect.stringContaining("no JSON") });
});
