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

test("values that hold their parts again and again are refused at once", () => {
  let shared: unknown[] = [];
  for (let level = 0; level < 90; level++) shared = [shared, shared];
  expect(isPlainJson(shared)).toBe(false);
  const one = [1];
  expect(isPlainJson([one, one])).toBe(false);
  const cyclic: unknown[] = [];
  cyclic.push(cyclic, cyclic);
  expect(isPlainJson(cyclic)).toBe(false);
  expect(isPlainJson(Array.from({ length: 200_000 }, () => []))).toBe(false);
});

test("names whose order an object would lose are refused", () => {
  expect(isPlainJson({ "10": 1, "2": 2 })).toBe(false);
  expect(isPlainJson({ "10": 1 })).toBe(true);
});

test.each([
  ["12345678901234567890", "beyond 2^53"],
  ["[9007199254740993]", "beyond 2^53"],
  ['{"a": 1.0}', "would become the integer 1"],
  ["1e3", "would become the integer 1000"],
  ["1e400", "too large"],
  ["[-0]", "float -0.0"],
  ['{"a": 1, "b": {"a": 2}, "a": 3}', "is there twice"],
  ['{"a": 1, "\\u0061": 2}', "is there twice"],
  ['{"10": 1, "2": 2}', "order"],
  ['{"__proto__": 1}', "cannot be a name"],
])("%s is refused, because it would become something else", (text, wrong) => {
  expect(readJson(text)).toMatchObject({ wrong: expect.stringContaining(wrong) });
});

test.each([
  '{"a": "1.0 {\\"b\\": 1e400", "b": [{"a": 1}, {"a": -1.5e-3}]}',
  '"9007199254740993"',
  "[[], {}]",
  "7",
])("%s is read as it says", (text) => {
  expect(readJson(text)).toEqual({ value: JSON.parse(text) });
});

test("what is typed is read, or it is said what is wrong", () => {
  expect(readJson('{"a": 1}')).toEqual({ value: { a: 1 } });
  expect(readJson("{")).toMatchObject({ wrong: expect.stringContaining("no JSON") });
});
