import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PyDeque } from "../types/collections.ts";
import { PyException } from "../types/errors.ts";
import { PyIpAddress } from "../types/ip-address.ts";
import { PyDecimal, PySlice } from "../types/numbers.ts";
import { PyNdArray } from "../types/numpy/numpy-array.ts";
import { PyNumpyScalar } from "../types/numpy/numpy-scalar.ts";
import { PyTimestamp } from "../types/pandas/pandas-scalars.ts";
import { PyPath } from "../types/path.ts";
import { PyDate } from "../types/time/times.ts";
import { PyFloat } from "../values/py-float.ts";
import { PyGlobal, PyObject, PyPersistentId } from "../values/py-object.ts";
import { formatValue } from "./format-value.ts";
import { Undecodable } from "./undecodable.ts";

/** An enum of a script, as cloudpickle writes it. */
const scriptEnum = new PyObject({
  module: "cloudpickle.cloudpickle",
  name: "_make_skeleton_enum",
  args: [[], "Color", "Color", { RED: 1 }, "__main__", null, null],
});

describe("formatValue()", () => {
  test.each<readonly [unknown, string]>([
    ["plain text", "plain text"],
    ["", '""'],
    [" padded", '" padded"'],
    ["1", '"1"'],
    ["true", '"true"'],
    ["null", '"null"'],
    ["[1]", '"[1]"'],
    ["(1,)", '"(1,)"'],
    ['b"x"', '"b\\"x\\""'],
    ["two\nlines", '"two\\nlines"'],
    [1, "1"],
    [-0, "-0.0"],
    [1.5, "1.5"],
    [new PyFloat(2), "2.0"],
    [Number.NaN, "NaN"],
    [2n ** 64n, "18446744073709551616"],
    [true, "true"],
    [null, "null"],
    [["a", 1, [null]], '["a", 1, [null]]'],
    [Object.freeze(["a", 1]), '("a", 1)'],
    [Object.freeze(["a"]), '("a",)'],
    [{ a: 1, "b c": {} }, '{"a": 1, "b c": {}}'],
    [new Map<unknown, unknown>([[1, "x"]]), '{1: "x"}'],
    [new Set([1, "x"]), '{1, "x"}'],
    [new Set(), "set()"],
    [new Uint8Array([0, 65, 34, 92, 255]), 'b"\\x00A\\"\\\\\\xff"'],
    [new Uint8Array([65]).buffer, 'bytearray(b"A")'],
    [new Date("2024-01-02T03:04:05Z"), "2024-01-02T03:04:05.000Z"],
    [new PyGlobal("os", "system"), "<os.system>"],
    [new PyPersistentId(["di-abc", "o", null]), "<Dict di-abc>"],
    [new PyPersistentId("other"), "<persistent reference>"],
    [new PyObject({ module: "decimal", name: "Decimal", args: ["1.5"] }), 'decimal.Decimal("1.5")'],
    [new PyObject({ callable: scriptEnum, args: [1] }), "__main__.Color.RED"],
    [new PyObject({ callable: scriptEnum, args: [3] }), "__main__.Color(3)"],
    [
      new PyObject({ module: "shapes", name: "Point", construction: "new", state: { x: 1 } }),
      '<shapes.Point() {"x": 1}>',
    ],
    [new PyDecimal("1.50"), "<Decimal 1.50>"],
    [new PyDate(2024, 1, 2), "<date 2024-01-02>"],
    [new PyPath("PurePosixPath", "/a", "b"), "<PurePosixPath /a/b>"],
    [new PyDeque(["a", new PyDeque()]), '<deque ["a", <deque []>]>'],
    [new PySlice(1, null), "<slice [1, null, null]>"],
    [Float64Array.of(1.5, -0), "<array [1.5, -0.0]>"],
    [
      new PyNdArray(Int8Array.of(1, 2), [2, 1], "int8"),
      '<ndarray {"dtype": "int8", "shape": (2, 1), "order": "C"} [[1], [2]]>',
    ],
    [
      new PyNdArray(BigInt64Array.of(19_782n), [1], "datetime64[D]"),
      '<ndarray {"dtype": "datetime64[D]", "shape": (1,), "order": "C"} ["2024-02-29"]>',
    ],
    [new PyNumpyScalar("ab", "<U2"), "<<U2 ab>"],
    [new PyTimestamp(1n), "<Timestamp 1970-01-01T00:00:00.000000001>"],
    [new PyIpAddress("IPv4Network", "10.0.0.0/8"), "<IPv4Network 10.0.0.0/8>"],
    [new TypeError("no\u001b"), "<TypeError no\\x1b>"],
    [new PyException("OSError", [2, "none"]), '<OSError [2, "none"]>'],
    [/a\/b/g, "<Pattern /a\\/b/g>"],
    [new Undecodable(new Uint8Array(3), "no pickle"), "<undecodable, 3 bytes: no pickle>"],
  ])("shows %o as %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  test("marks where a value contains itself", () => {
    const value: unknown[] = [1];
    value.push(value);
    expect(formatValue(value)).toBe("[1, <circular>]");
  });

  test("stops soon after the length that was asked for", () => {
    const text = formatValue(
      Array.from({ length: 1_000_000 }, (_, index) => index),
      { maxLength: 20 },
    );
    expect(text).toMatch(/^\[0, 1, 2.*…\]$/);
    expect(text.length).toBeLessThan(40);
    expect(formatValue(["x".repeat(1_000_000)], { maxLength: 20 }).length).toBeLessThan(40);
    expect(formatValue(new Uint8Array(1_000_000), { maxLength: 20 }).length).toBeLessThan(100);
    expect(formatValue(new Float64Array(1_000_000), { maxLength: 20 }).length).toBeLessThan(100);
    expect(formatValue(new PyDecimal("1".repeat(1_000_000)), { maxLength: 20 }).length).toBeLessThan(100);
  });

  test("survives values that refer to their parts exponentially often", () => {
    let value: unknown[] = [];
    for (let level = 0; level < 60; level += 1) value = [value, value];
    expect(formatValue(value, { maxLength: 1000 }).length).toBeLessThan(2000);
  });

  test("never lets a control character through", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the very thing that must not appear
    const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
    expect(formatValue("\u001b]0;title\u0007")).toBe('"\\u001b]0;title\\u0007"');
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(formatValue(text)).not.toMatch(control);
        expect(formatValue({ [text]: [text] })).not.toMatch(control);
      }),
    );
  });
});

describe("Undecodable", () => {
  test("lists the opcodes as far as they make sense, without control characters", () => {
    const listing = new Undecodable(Uint8Array.of(0x80, 4, 0x8c, 2, 0xc2, 0x9b, 0xff), "no pickle").listing();
    expect(listing).toContain("PROTO");
    expect(listing).toContain("\\x9b");
    expect(listing.trimEnd().split("\n").at(-1)).toBe(
      "stopped at byte 6 of 7, 1 left: byte 0xff is no opcode",
    );
  });
});
