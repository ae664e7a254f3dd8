// What a program sees of numpy: each row is written by Python, shown on the console and as JSON, and written back, which
// Python must find equal.
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPython, fromBase64, PythonOracle, toBase64 } from "../../../testing/python-oracle.ts";
import { decode, encode, PyComplex, PyGlobal, PyNdArray, PyNumpyScalar, PyObject } from "../../index.ts";

const rows: readonly (readonly [python: string, console: string, json: string])[] = [
  ["numpy.array([True, False])", "PyNdArray(2) bool [true, false]", "[true,false]"],
  ["numpy.array([-1, 2], dtype='int8')", "PyNdArray(2) int8 [-1, 2]", "[-1,2]"],
  ["numpy.array([1, 2**63 - 1])", "PyNdArray(2) int64 [1, 9223372036854775807]", '[1,"9223372036854775807"]'],
  [
    "numpy.array([2**64 - 1], dtype='uint64')",
    "PyNdArray(1) uint64 [18446744073709551615]",
    '["18446744073709551615"]',
  ],
  [
    "numpy.array([1.5, -0.0, numpy.inf, 65504], dtype='float16')",
    "PyNdArray(4) float16 [1.5, -0, Infinity, 65504]",
    "[1.5,0,null,65504]",
  ],
  [
    "numpy.array([5.960464477539063e-08, numpy.nan], 'f2')",
    "PyNdArray(2) float16 [5.960464477539063e-8, NaN]",
    "[5.960464477539063e-8,null]",
  ],
  ["numpy.array([0.5], dtype='float32')", "PyNdArray(1) float32 [0.5]", "[0.5]"],
  ["numpy.array([1, 2.5])", "PyNdArray(2) float64 [1, 2.5]", "[1,2.5]"],
  [
    "numpy.zeros(1, numpy.longdouble)",
    `PyNdArray(1) float128 [b"${"\\x00".repeat(16)}"]`,
    JSON.stringify(["\0".repeat(16)]),
  ],
  ["numpy.array([1 + 2j, 0.5 - 1j])", "PyNdArray(2) complex128 [(1+2j), (0.5-1j)]", ""],
  ["numpy.array([1j], dtype='complex64')", "PyNdArray(1) complex64 [(0+1j)]", ""],
  ["numpy.array([1, -2], dtype='>i4')", "PyNdArray(2) >i4 [1, -2]", "[1,-2]"],
  ["numpy.array([0.25], dtype='>f2')", "PyNdArray(1) >f2 [0.25]", "[0.25]"],
  [
    "numpy.array(['2024-02-29', 'NaT'], 'M8[D]')",
    "PyNdArray(2) datetime64[D] [2024-02-29, NaT]",
    '["2024-02-29",null]',
  ],
  [
    "numpy.array(['2024-02-29T12:30:00.123456789'], 'M8[ns]')",
    "PyNdArray(1) datetime64[ns] [2024-02-29T12:30:00.123456789]",
    '["2024-02-29T12:30:00.123456789"]',
  ],
  [
    "numpy.array(['1969-12', '0001-01'], 'M8[M]')",
    "PyNdArray(2) datetime64[M] [1969-12, 0001-01]",
    '["1969-12","0001-01"]',
  ],
  ["numpy.array(['-0044'], '>M8[Y]')", "PyNdArray(1) >M8[Y] [-0044]", '["-0044"]'],
  [
    "numpy.array(['2024-01-01T00', '1903-07-04T23'], 'M8[h]')",
    "PyNdArray(2) datetime64[h] [2024-01-01T00, 1903-07-04T23]",
    '["2024-01-01T00","1903-07-04T23"]',
  ],
  ["numpy.array([90, 'NaT'], 'm8[25s]')", "PyNdArray(2) timedelta64[25s] [90, NaT]", "[90,null]"],
  ["numpy.array(['a', 'bé😀'])", 'PyNdArray(2) <U3 ["a", "bé😀"]', '["a","bé😀"]'],
  ["numpy.array(['ab'], '>U2')", 'PyNdArray(1) >U2 ["ab"]', '["ab"]'],
  ["numpy.array([b'a', b'b\\xff'])", 'PyNdArray(2) |S2 [b"a", b"b\\xff"]', '["a","bÿ"]'],
  ["numpy.array([b'abc'], 'V3')", 'PyNdArray(1) |V3 [b"abc"]', '["abc"]'],
  [
    "numpy.array([(1, 'ab'), (2, 'c')], [('id', 'i8'), ('name', 'U2')])",
    "PyNdArray(2) [('id', '<i8'), ('name', '<U2')] [{ id: 1, name: 'ab' }, { id: 2, name: 'c' }]",
    '[{"id":1,"name":"ab"},{"id":2,"name":"c"}]',
  ],
  [
    "numpy.array([((1, 2), '2024')], [('at', [('x', 'f4'), ('y', 'f4')]), ('on', 'M8[D]')])",
    "PyNdArray(1) [('at', [('x', '<f4'), ('y', '<f4')]), ('on', '<M8[D]')] [{ at: { x: 1, y: 2 }, on: '2024-01-01' }]",
    '[{"at":{"x":1,"y":2},"on":"2024-01-01"}]',
  ],
  [
    "numpy.array([(7, [1, 2])], numpy.dtype([('a', 'i1'), ('b', '<i2', (2,))], align=True))",
    "PyNdArray(1) [('a', '|i1'), ('b', '<i2', (2,))] [{ a: 7, b: [ 1, 2 ] }]",
    '[{"a":7,"b":[1,2]}]',
  ],
  [
    "numpy.array([1, 'a', None, [2**70]], object)",
    'PyNdArray(4) object [1, "a", null, [ 1180591620717411303424n ]]',
    '[1,"a",null,["1180591620717411303424"]]',
  ],
  ["numpy.array(5)", "PyNdArray() int64 5", "5"],
  ["numpy.array({'a': 1})", "PyNdArray() object { a: 1 }", '{"a":1}'],
  [
    "numpy.asfortranarray(numpy.arange(6).reshape(2, 3))",
    "PyNdArray(2, 3) int64\n  [0, 1, 2]\n  [3, 4, 5]",
    "[[0,1,2],[3,4,5]]",
  ],
  [
    "numpy.arange(8, dtype='i1').reshape(2, 2, 2)",
    "PyNdArray(2, 2, 2) int8\n  [0, 1]\n  [2, 3]\n  [4, 5]\n  [6, 7]",
    "[[[0,1],[2,3]],[[4,5],[6,7]]]",
  ],
  ["numpy.zeros((0, 3))", "PyNdArray(0, 3) float64 []", "[]"],
  ["numpy.arange(10)[::3]", "PyNdArray(4) int64 [0, 3, 6, 9]", "[0,3,6,9]"],
  ["numpy.matrix([[1, 2]])", "PyNdArray(1, 2) int64 [1, 2]", "[[1,2]]"],
  ["numpy.int64(2**60)", "PyNumpyScalar int64 1152921504606846976", '"1152921504606846976"'],
  ["numpy.uint8(7)", "PyNumpyScalar uint8 7", "7"],
  ["numpy.float16(0.1)", "PyNumpyScalar float16 0.0999755859375", "0.0999755859375"],
  ["numpy.float32(1)", "PyNumpyScalar float32 1", "1"],
  ["numpy.bool_(True)", "PyNumpyScalar bool true", "true"],
  ["numpy.complex128(1 - 2j)", "PyNumpyScalar complex128 (1-2j)", ""],
  ["numpy.str_('abc')", 'PyNumpyScalar <U3 "abc"', '"abc"'],
  ["numpy.bytes_(b'ab')", 'PyNumpyScalar |S2 b"ab"', '"ab"'],
  [
    "numpy.datetime64('2024-02-29T12:30')",
    "PyNumpyScalar datetime64[m] 2024-02-29T12:30",
    '"2024-02-29T12:30"',
  ],
  ["numpy.datetime64('NaT', 's')", "PyNumpyScalar datetime64[s] NaT", "null"],
  ["numpy.timedelta64(90, 's')", "PyNumpyScalar timedelta64[s] 90 s", "90"],
  ["numpy.array([(1,)], [('x', 'i4')])[0]", "PyNumpyScalar [('x', '<i4')] { x: 1 }", '{"x":1}'],
  ["numpy.dtype('M8[ns]')", "PyNumpyDtype datetime64[ns]", '"datetime64[ns]"'],
];

const python = findPython("import numpy");

describe.skipIf(python === undefined)("what numpy wrote", () => {
  let oracle: PythonOracle;
  beforeAll(() => {
    oracle = new PythonOracle(python!);
  });
  afterAll(() => oracle.close());

  test.each(rows)("is shown as what it is, and goes back equal: %s", async (expression, shown, json) => {
    for (const protocol of [0, 2, 4, 5]) {
      const pickle = await oracle.ask<string>("evaluate", { expression, protocol });
      const value = decode(fromBase64(pickle), { unknownClasses: "refuse" });
      expect(inspect(value), `protocol ${protocol}`).toBe(shown);
      if (json !== "") expect(JSON.stringify(value)).toBe(json);
      const written = toBase64(encode(value));
      // Null where Python itself does not keep it: byte orders that protocol 4 makes the machine's own.
      const wrong = await oracle.ask<[number, string | null][]>("compare", { cases: [[pickle, written]] });
      expect(wrong.filter(([, found]) => found !== null)).toEqual([]);
      // What was looked at is written as what was not.
      expect(toBase64(encode(decode(fromBase64(pickle))))).toBe(written);
    }
  });

  test.each([
    [new PyNdArray(["a", "bcd"], [2], "<U3"), "value.tolist() == ['a', 'bcd'] and value.dtype == '<U3'"],
    [new PyNdArray([Uint8Array.of(97)], [1], "|S2"), "value.tolist() == [b'a']"],
    [
      new PyNdArray(Float32Array.of(0.1, 65_519, 1e-8), [3], "float16"),
      "value.tolist() == numpy.array([0.1, 65519, 1e-8], 'f2').tolist()",
    ],
    [new PyNdArray(Float64Array.of(1, -2), [1], "complex128"), "value.tolist() == [1 - 2j]"],
    [new PyNdArray(BigInt64Array.of(19_782n), [1], "datetime64[D]"), "str(value[0]) == '2024-02-29'"],
    [new PyNdArray(Int32Array.of(1), [1], ">i4"), "value.tolist() == [1] and value.dtype.itemsize == 4"],
    [new PyNdArray([1, [2]], [2], "object"), "value.tolist() == [1, [2]]"],
    [new PyNdArray(Int8Array.of(1, 2, 3, 4), [2, 2], "int8", "F"), "value.tolist() == [[1, 3], [2, 4]]"],
    [
      new PyNumpyScalar(-1n, "timedelta64[25us]"),
      "str(value.dtype) == 'timedelta64[25us]' and int(value.astype(int)) == -1",
    ],
    [
      new PyNumpyScalar(new PyComplex(1, 2), "complex64"),
      "bool(value == 1 + 2j and value.dtype == 'complex64')",
    ],
    [new PyNumpyScalar("ab", "<U2"), "type(value) is numpy.str_ and value == 'ab'"],
    [new PyNumpyScalar(0.5, "float16"), "bool(value.dtype == 'float16' and value == 0.5)"],
  ])("can be made here: %s", async (value, expression) => {
    expect(await oracle.ask("check", { data: toBase64(encode(value)), expression })).toBe(true);
  });
});

describe("PyNdArray", () => {
  const written = (array: PyNdArray): PyNdArray => decode(encode(array)) as PyNdArray;

  test("is written with what was changed in its data", () => {
    const array = written(new PyNdArray(["a", "b"], [2], "<U3"));
    (array.data as string[])[1] = "xyz";
    expect(written(array).toList()).toEqual(["a", "xyz"]);
    const halves = written(new PyNdArray(Float32Array.of(1, 2), [2], "float16"));
    (halves.data as Float32Array)[0] = 0.5;
    expect(written(halves).toList()).toEqual([0.5, 2]);
  });

  test("has elements by index and fields by name", () => {
    const array = new PyNdArray(Int8Array.of(1, 2, 3, 4, 5, 6), [2, 3], "int8", "F");
    expect([array.at(0, 1), array.at(1, 2), array.at(2, 0), array.at(0)]).toEqual([
      3,
      6,
      undefined,
      undefined,
    ]);
    expect([...array]).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
    expect([...new PyNdArray(Int8Array.of(7), [], "int8")]).toEqual([7]);
    const point = decode(encode(new PyNdArray(Int16Array.of(1, 2), [2], "int16"))) as PyNdArray;
    expect([point.fieldNames, point.field("x")]).toEqual([[], undefined]);
  });

  test("refuses what does not fit", () => {
    expect(() => new PyNdArray(new Int8Array(3), [2], "int8")).toThrow(/2 elements does not fit 3/);
    expect(() => new PyNdArray(new Int8Array(2), [2], "int16")).toThrow(/is a Int16Array/);
    expect(() => new PyNdArray([], [0], "int7")).toThrow(/no numpy dtype "int7"/);
    expect(() => PyNdArray.fromBytes(new Uint8Array(5), [1], "int32")).toThrow(/5 bytes do not fit int32/);
    expect(() => new PyNdArray(new Int8Array(0), [-1], "int8")).toThrow(/64 lengths/);
    expect(() => encode(new PyNdArray(["abcd"], [1], "<U3"))).toThrow(/4 characters, <U3 has room for 3/);
    expect(() => encode(new PyNdArray([1], [1], "|S3"))).toThrow(/no Uint8Array/);
    expect(() => encode(new PyNumpyScalar("a", "complex64"))).toThrow(/does not fit/);
  });
});

describe("pickles that lie about an array", () => {
  const int32 = [3, "<", null, null, null, -1, -1, 0];
  const dtype = (code: string, state: readonly unknown[]): PyObject =>
    new PyObject({ module: "numpy", name: "dtype", args: [code, false, true], state: Object.freeze(state) });
  const ndarray = (shape: unknown, type: unknown, content: unknown): PyObject =>
    new PyObject({
      module: "numpy.core.multiarray",
      name: "_reconstruct",
      args: [new PyGlobal("numpy", "ndarray"), Object.freeze([0]), Uint8Array.of(98)],
      state: Object.freeze([1, shape, type, false, content]),
    });
  const tuple = (...items: unknown[]): readonly unknown[] => Object.freeze(items);
  const fields = (bytes: number, named: Record<string, unknown>): PyObject =>
    dtype(`V${bytes}`, [3, "|", null, tuple(...Object.keys(named)), named, bytes, 1, 16]);
  const overlapping = Array.from({ length: 20 }).reduce<PyObject>(
    (inner) => fields(4, { a: tuple(inner, 0), b: tuple(inner, 0) }),
    dtype("i4", int32),
  );

  test.each<[string, unknown, unknown, unknown]>([
    ["more elements than bytes", tuple(1_000_000_000), dtype("i4", int32), new Uint8Array(8)],
    ["a length that is negative", tuple(-1), dtype("i4", int32), new Uint8Array(4)],
    [
      "lengths whose product is beyond a number",
      tuple(2 ** 52, 2 ** 52),
      dtype("i4", int32),
      new Uint8Array(4),
    ],
    ["a thousand dimensions", Object.freeze(new Array(1_000).fill(1)), dtype("i4", int32), new Uint8Array(4)],
    ["a dtype of a size that there is not", tuple(1), dtype("i3", int32), new Uint8Array(3)],
    [
      "elements without bytes",
      tuple(10 ** 9),
      dtype("U0", [3, "<", null, null, null, 0, 4, 8]),
      new Uint8Array(0),
    ],
    [
      "texts of another size than the code says",
      tuple(1),
      dtype("U1", [3, "<", null, null, null, 400, 4, 8]),
      new Uint8Array(400),
    ],
    [
      "a field beyond the element",
      tuple(1),
      fields(4, { a: tuple(dtype("i4", int32), 2) }),
      new Uint8Array(4),
    ],
    [
      "a field before the element",
      tuple(1),
      fields(4, { a: tuple(dtype("i4", int32), -2) }),
      new Uint8Array(4),
    ],
    ["fields that overlap over and over", tuple(1), overlapping, new Uint8Array(4)],
    [
      "a field that is not stated",
      tuple(1),
      dtype("V4", [3, "|", null, tuple("a"), {}, 4, 1, 16]),
      new Uint8Array(4),
    ],
    [
      "a unit that there is not",
      tuple(1),
      dtype("M8", [4, "<", null, null, null, -1, -1, 0, tuple({}, tuple(Uint8Array.of(120), 1, 1, 1))]),
      new Uint8Array(8),
    ],
    [
      "fewer objects than elements",
      tuple(1_000_000_000),
      dtype("O8", [3, "|", null, null, null, -1, -1, 63]),
      [1],
    ],
  ])("stay inert: %s", (_, shape, type, content) => {
    const read = decode(encode(ndarray(shape, type, content)));
    expect(String(read)).toBe("PyObject(numpy.core.multiarray._reconstruct)");
    expect(toBase64(encode(read))).toBe(toBase64(encode(ndarray(shape, type, content))));
  });

  test("cost nothing where there are no elements", () => {
    const none = decode(encode(ndarray(tuple(2 ** 40, 0), dtype("i4", int32), new Uint8Array(0))));
    expect([JSON.stringify(none), inspect(none)]).toEqual(["[]", "PyNdArray(1099511627776, 0) int32 []"]);
  });

  test("may hold themselves", () => {
    const items: unknown[] = [];
    const circular = ndarray(tuple(1), dtype("O8", [3, "|", null, null, null, -1, -1, 63]), items);
    items.push(circular);
    const read = decode(encode(circular)) as PyObject;
    expect((read.state as unknown[][])[4]?.[0]).toBe(read);
  });
});
