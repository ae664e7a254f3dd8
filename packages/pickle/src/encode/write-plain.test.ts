import { describe, expect, test } from "vitest";
import { decode, encode } from "../index.ts";

/** A value within so many arrays. */
function within(levels: number, value: unknown): unknown {
  let nested = value;
  for (let level = 0; level < levels; level++) nested = [nested];
  return nested;
}

describe("plain data, by recursion and by frames", () => {
  const shared = { a: 1 };
  const big = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`name${index}`, index]));
  test.each<[string, unknown]>([
    ["nothing", {}],
    ["one property", { a: [1] }],
    ["one property that is defined", { a: undefined, b: 2, c: undefined }],
    ["what is shared", [shared, { shared }, shared]],
    ["thousands of properties", big],
    ["a thousand properties", Object.fromEntries(Object.entries(big).slice(0, 1_000))],
    ["thousands of elements", Array.from({ length: 2_001 }, (_, index) => ({ index }))],
  ])("%s is the same at any depth", (_, value) => {
    const plain = decode(encode(value));
    expect(plain).toEqual(JSON.parse(JSON.stringify(value)));
    for (const levels of [30, 31, 32, 33, 100]) {
      expect(decode(encode(within(levels, value)))).toEqual(within(levels, plain));
    }
  });

  test.each<[string, object, RegExp]>([
    ["an iterator", [1].keys(), /instance of/],
    ["an object that inherits properties", Object.create({ inherited: 1 }), /instance of/],
    [
      "an object that inherits properties and has some",
      Object.assign(Object.create({ inherited: 1 }), { a: 1 }),
      /instance of/,
    ],
  ])("%s is refused with the path to it", (_, value, reason) => {
    expect(() => encode({ a: [1, { b: value }] })).toThrow(reason);
    expect(() => encode({ a: [1, { b: value }] })).toThrow(expect.objectContaining({ path: "value.a[1].b" }));
    expect(() => encode(within(50, value))).toThrow(
      expect.objectContaining({ path: `value${"[0]".repeat(50)}` }),
    );
  });

  test("a property of that name does not hide what an object is", () => {
    expect(decode(encode({ constructor: 1 }))).toEqual({ constructor: 1 });
    expect(decode(encode(Object.assign(Object.create(null), { a: 1 })))).toEqual({ a: 1 });
  });

  test.each<[string, object]>([
    ["an object", shared],
    ["an object without properties", {}],
    ["an object whose first property is not defined", { a: undefined, b: 1 }],
    ["a list", [1, 2]],
  ])("%s that is met at several depths stays one", (_, value) => {
    const read = decode(
      encode([value, within(30, value), within(31, value), within(60, value)]),
    ) as unknown[];
    for (const [at, levels] of [0, 30, 31, 60].entries()) {
      let inner = read[at];
      for (let level = 0; level < levels; level++) inner = (inner as unknown[])[0];
      expect(inner).toBe(read[0]);
    }
  });

  test("circles are written at any depth", () => {
    const circle: unknown[] = [];
    circle.push({ circle });
    for (const levels of [0, 31, 32, 60]) {
      let read = decode(encode(within(levels, circle))) as [unknown];
      for (let level = 0; level < levels; level++) read = read[0] as [unknown];
      expect((read[0] as { circle: unknown }).circle).toBe(read);
    }
  });
});
