// What comes from a vm context, as with jest, is written as what is made here.
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { decode, disassemble, encode, encodeKey } from "../index.ts";

const numberArrays = "Int8 Uint8 Uint8Clamped Int16 Uint16 Int32 Uint32 Float32 Float64".split(" ");
const bigArrays = ["BigInt64", "BigUint64"];

/** Expressions for one value of each kind, those that are refused included. */
const kinds = [
  ...numberArrays.map((name) => `new ${name}Array([1, 2])`),
  ...bigArrays.map((name) => `new ${name}Array([1n, 2n])`),
  ..."Error EvalError RangeError ReferenceError SyntaxError TypeError URIError"
    .split(" ")
    .map((name) => `Object.assign(new ${name}("what"), { code: 7 })`),
  'new AggregateError([1], "what")',
  'new (class Custom extends Error { name = "Custom" })("what")',
  "new Date(1_700_000_000_123)",
  "new (class Day extends Date {})(0)",
  "/a(?<b>c)/gi",
  "new Uint8Array([9, 1, 2]).subarray(1)",
  "new ArrayBuffer(3)",
  "new Map([[1, new Map([['a', null]])]])",
  "new Set([1, 'a', new Uint8Array([1])])",
  "Object.freeze(new Set([1]))",
  "Object.freeze([1, [2]])",
  "[new Date(0), { at: new Date(1) }]",
  "({ a: { b: 1 } })",
  "Object.create(null)",
  // These have no counterpart, or cannot be where they are.
  "new Date(NaN)",
  "new Map([[new ArrayBuffer(1), 1]])",
  "new Set([new Float64Array(1)])",
  "new SharedArrayBuffer(2)",
  "new DataView(new ArrayBuffer(2))",
  "new Number(5)",
  "new String('x')",
  "new Boolean(true)",
  "Object(1n)",
  "Object(Symbol())",
  "Symbol()",
  "Promise.resolve()",
  "new WeakMap()",
  "(function () { return arguments; })()",
  "Math",
  "new Map().entries()",
  "new (class Thing {})()",
  "(class Thing {})",
  // They only say that they are something else.
  "new (class Thing { get [Symbol.toStringTag]() { return 'Map'; } })()",
  "new (class Thing { get [Symbol.toStringTag]() { return 'Date'; } })()",
  "new (class Thing { get [Symbol.toStringTag]() { return 'Uint8Array'; } })()",
  "new (class Thing { get [Symbol.toStringTag]() { return 'URL'; } })()",
];

const keys = [
  "new Uint8Array([1])",
  "['a', new Uint8Array([1]), 1]",
  "new Date(0)",
  "[new Date(0), 'a']",
  "Object.freeze(new Set([1]))",
  "new Map()",
  "new Float64Array(1)",
];

// Both are evaluated in sloppy mode, as `arguments` is another object in the other.
const here = (source: string): unknown => new Function(`return (${source});`)();
const elsewhere = (source: string): unknown => runInNewContext(`(${source})`);

function outcome(write: (value: never) => Uint8Array, value: unknown): unknown {
  try {
    return [...write(value as never)];
  } catch (caught) {
    return String(caught);
  }
}

describe("a value of another realm", () => {
  test.each(kinds)("is written, or refused, as here: %s", (source) => {
    expect(outcome(encode, elsewhere(source))).toEqual(outcome(encode, here(source)));
    // In a circle, and twice in a value, it is still one.
    const shared = elsewhere(source);
    const own = here(source);
    expect(outcome(encode, [shared, { shared }])).toEqual(outcome(encode, [own, { shared: own }]));
  });

  test.each(keys)("is written as a key, or refused, as here: %s", (source) => {
    const kept = (made: unknown): unknown => {
      const written = outcome(encodeKey, made);
      return typeof written === "string"
        ? written.slice(0, "SerializationError: cannot encode key".length)
        : written;
    };
    expect(kept(elsewhere(source))).toEqual(kept(here(source)));
  });

  test("is read as a pickle, and listed", () => {
    const pickle = elsewhere("new Uint8Array([0x4b, 7, 0x2e])") as Uint8Array;
    expect(decode(pickle)).toBe(7);
    expect(disassemble(pickle)).toMatch(/BININT1/);
    expect(() => decode(elsewhere("new Uint16Array(2)") as never)).toThrow("a pickle is a Uint8Array");
  });
});
