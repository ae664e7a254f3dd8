// What a program sees of pandas. The pickles were written by pandas 1.5, 2 and 3 (testing/pandas-fixtures.py, which also
// checks with pandas itself that what is written back is equal); here Python checks it with stubs in place of pandas.
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPython, PythonOracle, toBase64 } from "../../../testing/python-oracle.ts";
import {
  decode,
  encode,
  type PyColumn,
  type PyDataFrame,
  PyGlobal,
  type PyIndex,
  PyInterval,
  PyIpAddress,
  PyMissing,
  PyNanoTimeDelta,
  PyNdArray,
  PyObject,
  type PySeries,
  PySlice,
  PyTimestamp,
  PyZoneInfo,
  pyNA,
  pyNaT,
} from "../../index.ts";

const fixtures = JSON.parse(
  readFileSync(new URL("../../../testing/pandas-fixtures.json", import.meta.url), "utf8"),
) as Record<string, Record<string, string>>;
const versions = Object.keys(fixtures);
const newest = versions.at(-1) as string;

function pickleOf(version: string, name: string): Uint8Array {
  return new Uint8Array(inflateSync(Buffer.from(fixtures[version]?.[name] as string, "base64")));
}

function read<Value>(name: string, version = newest): Value {
  return decode(pickleOf(version, name)) as Value;
}

/** As the newest pandas has it, with microseconds where older ones have nanoseconds, and texts of its own. */
const rows: readonly (readonly [name: string, console: string, json: string])[] = [
  ["Timestamp", "PyTimestamp 2024-02-29T12:00:00.123456789", '"2024-02-29T12:00:00.123456789"'],
  [
    "Timestamp in a zone",
    "PyTimestamp 2024-07-01T12:00:00+02:00[Europe/Berlin]",
    '"2024-07-01T12:00:00+02:00[Europe/Berlin]"',
  ],
  ["Timestamp in UTC", "PyTimestamp 2024-02-29T00:00:00+00:00", '"2024-02-29T00:00:00+00:00"'],
  ["Timestamp at an offset", "PyTimestamp 1677-09-22T00:00:00+05:30", '"1677-09-22T00:00:00+05:30"'],
  ["Timedelta", "PyNanoTimeDelta -1 days 02:00:00.000000005", '"-1 days 02:00:00.000000005"'],
  ["NaT and NA", "[ NaT, NA, NaT ]", "[null,null,null]"],
  ["Period of a month", "PyPeriod 2024-02", '"2024-02"'],
  ["Period of a quarter", "PyPeriod 1969Q4", '"1969Q4"'],
  ["Interval", "PyInterval [0, 1.5)", '"[0, 1.5)"'],
  ["RangeIndex", "PyIndex RangeIndex(5, 0, -2)", '{"start":5,"stop":0,"step":-2}'],
  ["Index of ints", 'PyIndex Index(2) int64 "k" [3, 1152921504606846976]', '[3,"1152921504606846976"]'],
  ["Index of texts", 'PyIndex Index(2) string ["a", "é"]', '["a","é"]'],
  [
    "DatetimeIndex",
    "PyIndex DatetimeIndex(2) datetime64[us] [2024-01-01T00:00:00, 2024-01-02T00:00:00]",
    '["2024-01-01T00:00:00","2024-01-02T00:00:00"]',
  ],
  [
    "DatetimeIndex in a zone",
    "PyIndex DatetimeIndex(2) datetime64[us, Europe/Berlin] [2024-03-30T12:00:00+01:00[Europe/Berlin], 2024-03-31T12:00:00+02:00[Europe/Berlin]]",
    '["2024-03-30T12:00:00+01:00[Europe/Berlin]","2024-03-31T12:00:00+02:00[Europe/Berlin]"]',
  ],
  [
    "TimedeltaIndex",
    "PyIndex TimedeltaIndex(2) timedelta64[us] [1 days 00:00:00, NaT]",
    '["1 days 00:00:00",null]',
  ],
  ["PeriodIndex", "PyIndex PeriodIndex(2) period[M] [2024-01, 2024-02]", '["2024-01","2024-02"]'],
  ["MultiIndex", "PyIndex MultiIndex(2) object [[ 'a', 1 ], [ 'b', 2 ]]", '[["a",1],["b",2]]'],
  ["CategoricalIndex", 'PyIndex CategoricalIndex(3) category ["a", "b", "a"]', '["a","b","a"]'],
  [
    "IntervalIndex",
    "PyIndex IntervalIndex(2) interval[int64, right] [(0, 1], (1, 2]]",
    '["(0, 1]","(1, 2]"]',
  ],
  ["Categorical", 'PyPandasArray(3) category ["a", null, "b"]', '["a",null,"b"]'],
  ["array of booleans with gaps", "PyPandasArray(2) boolean [true, NA]", "[true,null]"],
  [
    "Series",
    'PySeries(3) int64 "n" [1, 2, 3]',
    '{"name":"n","index":{"start":0,"stop":3,"step":1},"data":[1,2,3]}',
  ],
  [
    "Series with labels",
    "PySeries(2) float64 { r: 1, s: NaN }",
    '{"name":null,"index":["r","s"],"data":[1,null]}',
  ],
  [
    "Series of moments",
    "PySeries(2) datetime64[us] [2024-02-29T00:00:00.500, NaT]",
    '{"name":null,"index":{"start":0,"stop":2,"step":1},"data":["2024-02-29T00:00:00.500",null]}',
  ],
  [
    "Series of spans",
    "PySeries(2) timedelta64[us] [0 days 01:00:00, NaT]",
    '{"name":null,"index":{"start":0,"stop":2,"step":1},"data":["0 days 01:00:00",null]}',
  ],
  [
    "Series of ints with gaps",
    "PySeries(2) UInt8 [1, NA]",
    '{"name":null,"index":{"start":0,"stop":2,"step":1},"data":[1,null]}',
  ],
  [
    "Series of texts with gaps",
    'PySeries(2) string ["a", null]',
    '{"name":null,"index":{"start":0,"stop":2,"step":1},"data":["a",null]}',
  ],
  [
    "Series of intervals",
    "PySeries(2) category [(0, 2], (2, 6]]",
    '{"name":null,"index":{"start":0,"stop":2,"step":1},"data":["(0, 2]","(2, 6]"]}',
  ],
  [
    "DataFrame",
    "PyDataFrame(2, 3)\n     a      b        c\n     int64  float64  string\n  r  1      1.5      x\n  s  2      2        null",
    '{"columns":["a","b","c"],"index":["r","s"],"data":[[1,1.5,"x"],[2,2,null]]}',
  ],
  [
    "DataFrame of one block",
    "PyDataFrame(2, 3)\n     x        y        z\n     float64  float64  float64\n  0  0        0.25     0.5\n  1  0.75     1        1.25",
    '{"columns":["x","y","z"],"index":{"start":0,"stop":2,"step":1},"data":[[0,0.25,0.5],[0.75,1,1.25]]}',
  ],
  [
    "DataFrame of every dtype",
    "PyDataFrame(2, 10)\n          i                    t                    o         z                                         c         n      i8    i2     d                f\n          int64                datetime64[us]       object    datetime64[us, Europe/Berlin]             category  Int64  int8  int64  timedelta64[us]  float32\n  (a, 1)  1                    2024-02-29T00:00:00  [ 1 ]     2024-02-29T00:00:00+01:00[Europe/Berlin]  x         1      1     3      1 days 00:00:00  0.5\n  (b, 2)  1152921504606846976  NaT                  { k: 1 }  2024-07-01T00:00:00+02:00[Europe/Berlin]  y         NA     2     4      NaT              1",
    '{"columns":["i","t","o","z","c","n","i8","i2","d","f"],"index":[["a",1],["b",2]],"data":[[1,"2024-02-29T00:00:00",[1],"2024-02-29T00:00:00+01:00[Europe/Berlin]","x",1,1,3,"1 days 00:00:00",0.5],["1152921504606846976",null,{"k":1},"2024-07-01T00:00:00+02:00[Europe/Berlin]","y",null,2,4,null,1]]}',
  ],
  [
    "DataFrame with columns of two levels",
    "PyDataFrame(1, 2)\n     (a, x)  (a, y)\n     int64   int64\n  0  1       2",
    '{"columns":[["a","x"],["a","y"]],"index":{"start":0,"stop":1,"step":1},"data":[[1,2]]}',
  ],
  [
    "DataFrame with columns of one name",
    "PyDataFrame(1, 2)\n     a      a\n     int64  float64\n  0  1      2.5",
    '{"columns":["a","a"],"index":{"start":0,"stop":1,"step":1},"data":[[1,2.5]]}',
  ],
  [
    "DataFrame, every second row",
    "PyDataFrame(2, 3)\n     b      s       a\n     int64  string  int64\n  0  4      x       1\n  2  6      z       3",
    '{"columns":["b","s","a"],"index":{"start":0,"stop":3,"step":2},"data":[[4,"x",1],[6,"z",3]]}',
  ],
  [
    "DataFrame with attributes",
    "PyDataFrame(2, 3)\n     a      b        c\n     int64  float64  string\n  r  1      1.5      x\n  s  2      2        null",
    '{"columns":["a","b","c"],"index":["r","s"],"data":[[1,1.5,"x"],[2,2,null]]}',
  ],
  ["DataFrame without anything", "PyDataFrame(0, 0)", ""],
  [
    "DataFrame without rows",
    "PyDataFrame(0, 2)\n    a        b\n    float64  float64",
    '{"columns":["a","b"],"index":{"start":0,"stop":0,"step":1},"data":[]}',
  ],
  [
    "DataFrame of many",
    "PyDataFrame(12, 14)\n     c0     c1     c2     c3     c4     c5     c6     c7     c8     c9     c10    c11    … 2 more\n     int64  int64  int64  int64  int64  int64  int64  int64  int64  int64  int64  int64\n  0  0      0      0      0      0      0      0      0      0      0      0      0\n  1  1      1      1      1      1      1      1      1      1      1      1      1\n  2  2      2      2      2      2      2      2      2      2      2      2      2\n  3  3      3      3      3      3      3      3      3      3      3      3      3\n  4  4      4      4      4      4      4      4      4      4      4      4      4\n  5  5      5      5      5      5      5      5      5      5      5      5      5\n  6  6      6      6      6      6      6      6      6      6      6      6      6\n  7  7      7      7      7      7      7      7      7      7      7      7      7\n  8  8      8      8      8      8      8      8      8      8      8      8      8\n  9  9      9      9      9      9      9      9      9      9      9      9      9\n  … 2 more rows",
    '{"columns":["c0","c1","c2","c3","c4","c5","c6","c7","c8","c9","c10","c11","c12","c13"],"index":{"start":0,"stop":12,"step":1},"data":[[0,0,0,0,0,0,0,0,0,0,0,0,0,0],[1,1,1,1,1,1,1,1,1,1,1,1,1,1],[2,2,2,2,2,2,2,2,2,2,2,2,2,2],[3,3,3,3,3,3,3,3,3,3,3,3,3,3],[4,4,4,4,4,4,4,4,4,4,4,4,4,4],[5,5,5,5,5,5,5,5,5,5,5,5,5,5],[6,6,6,6,6,6,6,6,6,6,6,6,6,6],[7,7,7,7,7,7,7,7,7,7,7,7,7,7],[8,8,8,8,8,8,8,8,8,8,8,8,8,8],[9,9,9,9,9,9,9,9,9,9,9,9,9,9],[10,10,10,10,10,10,10,10,10,10,10,10,10,10],[11,11,11,11,11,11,11,11,11,11,11,11,11,11]]}',
  ],
  [
    "frames within a dict",
    '{\n  frame: PyDataFrame(2, 3)\n       a      b        c\n       int64  float64  string\n    r  1      1.5      x\n    s  2      2        null,\n  parts: [\n    PySeries(2) int64 "a" { r: 1, s: 2 },\n    PyIndex Index(2) string ["r", "s"],\n    PyIndex Index(3) string ["a", "b", "c"]\n  ]\n}',
    '{"frame":{"columns":["a","b","c"],"index":["r","s"],"data":[[1,1.5,"x"],[2,2,null]]},"parts":[{"name":"a","index":["r","s"],"data":[1,2]},["r","s"],["a","b","c"]]}',
  ],
  [
    "Series of pyarrow",
    "PySeries(3) int64 [1, null, 3]",
    '{"name":null,"index":{"start":0,"stop":3,"step":1},"data":[1,null,3]}',
  ],
  [
    "DataFrame at protocol 2",
    "PyDataFrame(2, 3)\n     a      b        c\n     int64  float64  string\n  r  1      1.5      x\n  s  2      2        null",
    '{"columns":["a","b","c"],"index":["r","s"],"data":[[1,1.5,"x"],[2,2,null]]}',
  ],
  [
    "DataFrame at protocol 5",
    "PyDataFrame(2, 3)\n     a      b        c\n     int64  float64  string\n  r  1      1.5      x\n  s  2      2        null",
    '{"columns":["a","b","c"],"index":["r","s"],"data":[[1,1.5,"x"],[2,2,null]]}',
  ],
];

/** What stays a PyObject, by its class. */
const inert: readonly (readonly [name: string, shown: string])[] = [
  ["sparse Series", "pandas.Series"],
  ["offset", "pandas._libs.tslibs.offsets.MonthEnd"],
  ["Graph", "networkx.classes.graph.Graph"],
  ["DiGraph", "networkx.classes.digraph.DiGraph"],
  ["MultiGraph", "networkx.classes.multigraph.MultiGraph"],
  ["csr_matrix", "scipy.sparse._csr.csr_matrix"],
  ["csc_array", "scipy.sparse._csc.csc_array"],
  ["coo_matrix", "scipy.sparse._coo.coo_matrix"],
  ["lil_matrix", "scipy.sparse._lil.lil_matrix"],
  ["dok_matrix", "scipy.sparse._dok.dok_matrix"],
  ["dia_matrix", "scipy.sparse._dia.dia_matrix"],
  ["Generator", "numpy.random._pickle.__generator_ctor"],
  ["MaskedArray", "numpy.ma.core._mareconstruct"],
];

describe("what pandas wrote", () => {
  test.each(rows)("is shown as what it is: %s", (name, shown, json) => {
    expect(inspect(decode(pickleOf(newest, name), { unknownClasses: "refuse" }))).toBe(shown);
    for (const version of versions.filter((each) => fixtures[each]?.[name] !== undefined)) {
      // pytz, which old versions have, calls its zone without an offset by name.
      const written = JSON.stringify(read(name, version)).replaceAll("[UTC]", "");
      if (json !== "") expect(written, `pandas ${version}`).toBe(json);
    }
  });

  test.each(inert)("or has at least the name of its class: %s", (name, shown) => {
    expect(String(read(name))).toBe(`PyObject(${shown})`);
  });

  test("is shown but for a column of what is not known", () => {
    const frame = read<PyDataFrame>("DataFrame with a sparse column");
    expect(inspect(frame)).toBe(
      "PyDataFrame(2, 2)\n     a            b\n     SparseArray  int64\n  0  undefined    1\n  1  undefined    2",
    );
    expect(JSON.parse(JSON.stringify(frame))).toMatchObject({
      data: [
        [null, 1],
        [null, 2],
      ],
    });
  });

  test("is all in these tables", () => {
    const named = ["DataFrame with a sparse column", ...[...rows, ...inert].map(([name]) => name)];
    expect(Object.keys(fixtures[newest] as object).filter((name) => !named.includes(name))).toEqual([]);
  });

  test("has dtypes of its version", () => {
    const dtypes = versions.map((version) => read<PyDataFrame>("DataFrame of every dtype", version).dtypes);
    expect(dtypes[0]).toEqual(dtypes[1]);
    expect(dtypes[0]?.slice(1, 4)).toEqual(["datetime64[ns]", "object", "datetime64[ns, Europe/Berlin]"]);
    expect(dtypes[2]).toEqual([
      "int64",
      "datetime64[us]",
      "object",
      "datetime64[us, Europe/Berlin]",
      "category",
      "Int64",
      "int8",
      "int64",
      "timedelta64[us]",
      "float32",
    ]);
  });

  test("has elements, columns and rows", () => {
    const frame = read<PyDataFrame>("DataFrame of every dtype");
    expect(frame.shape).toEqual([2, 10]);
    expect(frame.column("i")?.at(1)).toBe(2n ** 60n);
    expect([...(frame.column("i2") as PyColumn)]).toEqual([3, 4]);
    expect(frame.column("t")?.at(1)).toBe(pyNaT);
    expect(frame.column("n")?.at(1)).toBe(pyNA);
    const moment = frame.column("z")?.at(1) as PyTimestamp;
    expect([moment.toDate()?.toISOString(), (moment.zone as PyZoneInfo).key]).toEqual([
      "2024-06-30T22:00:00.000Z",
      "Europe/Berlin",
    ]);
    expect(frame.index.names).toEqual(["l", "n"]);
    expect(frame.row(0)).toMatchObject({ i: 1, c: "x", i8: 1, f: 0.5, o: [1] });
    expect([frame.column("none"), frame.columnAt(10), frame.column("i")?.at(2)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(read<PyDataFrame>("DataFrame with columns of two levels").column(["a", "y"])?.at(0)).toBe(2);
    expect([...read<PyIndex>("RangeIndex")]).toEqual([5, 3, 1]);
    expect(read<PySeries>("Series with labels").index.at(1)).toBe("s");
  });
});

const python = findPython("import numpy");

describe.skipIf(python === undefined)("what pandas wrote and was read", () => {
  let oracle: PythonOracle;
  beforeAll(() => {
    oracle = new PythonOracle(python!);
  });
  afterAll(() => oracle.close());

  test.each(versions)("goes back equal: pandas %s", async (version) => {
    for (const name of Object.keys(fixtures[version] as object)) {
      const before = toBase64(pickleOf(version, name));
      const value = read(name, version);
      inspect(value);
      const after = toBase64(encode(value));
      expect(await oracle.ask("compare_inert", { before, after }), name).toBeNull();
    }
  });
});

describe("pandas' scalars", () => {
  test.each([
    new PyTimestamp(1_709_208_000_123_456_789n),
    new PyTimestamp(-1n, "s", new PyZoneInfo("Europe/Berlin")),
    new PyNanoTimeDelta(86_400_000_000_005n),
    new PyNanoTimeDelta(-3n, "ms"),
    pyNaT,
    pyNA,
    new PyInterval(1, 2.5, "both"),
  ])("can be made here: %s", (value) => {
    const read = decode(encode([value])) as unknown[];
    expect(read).toEqual([value]);
    if (value instanceof PyMissing) expect(read[0]).toBe(value);
  });

  test("have the offset of their moment", () => {
    const berlin = new PyZoneInfo("Europe/Berlin");
    const shown = [0n, 1_719_792_000n, -(2n ** 40n)].map((count) => `${new PyTimestamp(count, "s", berlin)}`);
    expect(shown).toEqual([
      "1970-01-01T01:00:00+01:00[Europe/Berlin]",
      "2024-07-01T02:00:00+02:00[Europe/Berlin]",
      "-32873-11-13T00:17:12+00:53:28[Europe/Berlin]",
    ]);
    expect(String(new PyTimestamp(0n, "s", new PyZoneInfo("No/Where")))).toBe(
      "1970-01-01T00:00:00Z[No/Where]",
    );
    expect(new PyTimestamp(2n ** 62n, "s").toDate()).toBeUndefined();
    expect(new PyNanoTimeDelta(-1_500n, "ms").toMs()).toBe(-1_500);
    expect(String(new PyNanoTimeDelta(-1_500n, "ms"))).toBe("-1 days 23:59:58.5");
  });

  test("are views where they are parts of what pandas wrote", () => {
    const column = read<PyDataFrame>("DataFrame").column("a");
    expect(() => encode([column])).toThrow(
      /value\[0\]: this is part of what pandas wrote: only the whole can be/,
    );
    const frame = read<PyDataFrame>("DataFrame");
    expect(decode(encode({ frame, again: frame }))).toEqual({ frame, again: frame });
  });
});

describe("pickles that lie about a frame", () => {
  const made = (name: string, ...args: unknown[]): PyObject => {
    const at = name.lastIndexOf(".");
    return new PyObject({ module: name.slice(0, at), name: name.slice(at + 1), args });
  };
  const type = (name: string): unknown => decode(new TextEncoder().encode(`cpandas\n${name}\n.`));
  const range = (stop: number): PyObject =>
    made("pandas.core.indexes.base._new_Index", type("RangeIndex"), { name: null, start: 0, stop, step: 1 });
  const frame = (blocks: unknown[], columns: unknown, index: unknown): PyObject =>
    new PyObject({
      module: "pandas",
      name: "DataFrame",
      construction: "new",
      state: {
        _mgr: made("pandas.core.internals.managers.BlockManager", Object.freeze(blocks), [columns, index]),
      },
    });

  test("stay inert, or cost nothing", () => {
    const huge = 10 ** 12;
    for (const lying of [
      frame([], range(huge), range(huge)),
      frame([made("pandas._libs.internals._unpickle_block", 1, 2, 2)], range(1), range(1)),
      frame([null], range(1), range(1)),
      frame([made("pandas._libs.internals._unpickle_block", null, new PySlice(0, 1), 2)], range(1), range(1)),
      frame([], null, null),
    ])
      expect(String(decode(encode(lying)))).toBe("PyObject(pandas.DataFrame)");
    const empty = decode(encode(frame([], range(0), range(huge)))) as PyDataFrame;
    expect(empty.shape).toEqual([huge, 0]);
    expect(JSON.stringify(empty)).toBe(
      `{"columns":{"start":0,"stop":0,"step":1},"index":{"start":0,"stop":${huge},"step":1},"data":[]}`,
    );
    const opaque = made("pandas._libs.internals._unpickle_block", made("some.Array"), new PySlice(0, 1), 2);
    const unseen = decode(encode(frame([opaque], range(1), range(huge)))) as PyDataFrame;
    expect([unseen.dtypes, JSON.parse(JSON.stringify(unseen)).data]).toEqual([["Array"], []]);
    expect(inspect(empty).split("\n")).toHaveLength(14);
    expect(inspect(decode(encode(range(huge))))).toBe(`PyIndex RangeIndex(0, ${huge}, 1)`);
  });
});

test("what a pickle names cannot drive a terminal", () => {
  const evil = "\u001b[2J\u009b\u202e\n";
  const named = encode([
    new PyObject({
      module: "pandas.core.indexes.base",
      name: "_new_Index",
      args: [
        new PyGlobal("pandas", `Range${evil}`),
        { data: new PyNdArray([evil], [1], "object"), name: evil },
      ],
    }),
    new PyTimestamp(0n, "s", new PyZoneInfo(evil)),
    new PyIpAddress("IPv6Address", "fe80::1%\u001b[2J"),
  ]);
  const shown = inspect(decode(named));
  expect(shown).toContain("\\u001b[2J");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(shown.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
});
