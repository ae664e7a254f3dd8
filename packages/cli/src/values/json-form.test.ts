import {
  decode,
  encode,
  PyCounter,
  PyDate,
  PyDecimal,
  PyDeque,
  PyFloat,
  PyFraction,
  PyGlobal,
  PyNdArray,
  PyObject,
  PyPersistentId,
  PyUuid,
} from "@everdict/pickle";
import { jsonMaxDepth, Undecodable } from "@everdict/pickle/show";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CliError } from "../cli-error.ts";
import { parseJson } from "./parse-json.ts";
import { keyToJsonText, toJsonText } from "./to-json-text.ts";

function failure(run: () => unknown): CliError {
  try {
    run();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error("expected a CliError");
}

/** Python's OrderedDict, whatever its keys. */
function orderedDict(entries: [unknown, unknown][]): PyObject {
  return new PyObject({ module: "collections", name: "OrderedDict", args: [], entries });
}

/** What both directions keep. */
const keptAsItIs: readonly (readonly [unknown, string])[] = [
  [null, "null"],
  [true, "true"],
  ["", '""'],
  ['ß\u2028"\\', '"ß\u2028\\"\\\\"'],
  [0, "0"],
  [-5, "-5"],
  [1.5, "1.5"],
  [-0, "-0.0"],
  [1e-7, "1e-7"],
  [new PyFloat(2), "2.0"],
  [2 ** 53, "9007199254740992.0"],
  [1e300, "1e+300"],
  [2n ** 70n, '{"$int":"1180591620717411303424"}'],
  [-(2n ** 53n), '{"$int":"-9007199254740992"}'],
  [Number.NaN, '{"$float":"NaN"}'],
  [Number.NEGATIVE_INFINITY, '{"$float":"-Infinity"}'],
  [new Uint8Array([0, 1, 255]), '{"$bytes":"AAH/"}'],
  [new Uint8Array(), '{"$bytes":""}'],
  [new Uint8Array([7]).buffer, '{"$bytearray":"Bw=="}'],
  [new Date("2024-01-02T03:04:05.678Z"), '{"$datetime":"2024-01-02T03:04:05.678Z"}'],
  [[1, [2, []]], "[1,[2,[]]]"],
  [{ a: 1, b: { c: null } }, '{"a":1,"b":{"c":null}}'],
  [
    new Map<unknown, unknown>([
      [1, "a"],
      [[2], "b"],
    ]),
    '{"$map":[[1,"a"],[[2],"b"]]}',
  ],
  [new Set([1, "x"]), '{"$set":[1,"x"]}'],
  [Object.freeze([1, Object.freeze([])]), '{"$tuple":[1,{"$tuple":[]}]}'],
  [Object.freeze(new Set([1])), '{"$frozenset":[1]}'],
  [{ $bytes: "x" }, '{"$object":{"$bytes":"x"}}'],
  [{ $anything: 1 }, '{"$object":{"$anything":1}}'],
  [{ $object: { $set: [] } }, '{"$object":{"$object":{"$object":{"$set":[]}}}}'],
  [{ $a: 1, $b: 2 }, '{"$a":1,"$b":2}'],
];

describe("the JSON form of values", () => {
  test.each(keptAsItIs)("%o is written as %s and read back", (value, text) => {
    expect(toJsonText(value)).toBe(text);
    const back = parseJson(text, "VALUE");
    if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      expect(back).toEqual(new PyFloat(value));
    } else if (Object.is(value, -0)) {
      expect(back).toEqual(new PyFloat(-0));
    } else {
      expect(back).toEqual(value);
    }
  });

  test("is JSON, and reads back to the same value, whatever the value", () => {
    const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.string({ unit: "binary" }),
        fc.maxSafeInteger(),
        fc.bigInt().filter((value) => !Number.isSafeInteger(Number(value))),
        fc.double().filter((value) => !Number.isInteger(value)),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array().map((bytes) => Uint8Array.from(bytes)),
        fc.date({ noInvalidDate: true }),
        fc.array(tie("value")),
        fc.dictionary(
          fc.oneof(fc.string(), fc.constantFrom("$bytes", "$map", "$object", "__proto__")),
          tie("value"),
          {
            noNullPrototype: true,
          },
        ),
        fc.array(fc.tuple(tie("value"), tie("value"))).map((pairs) => new Map(pairs)),
        fc.array(tie("value")).map((elements) => new Set(elements)),
      ),
    }));
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = toJsonText(value);
        expect(() => JSON.parse(text)).not.toThrow();
        expect(parseJson(text, "VALUE")).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("describes what it cannot hold, and carries its pickle", () => {
    const shown = (value: unknown): unknown =>
      JSON.parse(toJsonText(value), (name, part) => (name === "pickle" ? "…" : part));
    expect(toJsonText(new Undecodable(new Uint8Array([1]), 'no "pickle"'))).toBe(
      '{"$undecodable":{"message":"no \\"pickle\\"","bytes":"AQ=="}}',
    );
    const decimal = new PyDecimal("1.5");
    const base64 = Buffer.from(encode(decimal)).toString("base64");
    expect(toJsonText(decimal)).toBe(
      `{"$python":{"class":"decimal.Decimal","text":"1.5","pickle":"${base64}"}}`,
    );
    expect(shown(new PyPersistentId(["di-1", "o", null]))).toEqual({
      $python: { class: "modal.Dict", dict_id: "di-1", pickle: "…" },
    });
    const point = new PyObject({ module: "shapes", name: "Point", construction: "new", state: { x: 1 } });
    expect(shown([point])).toEqual([{ $python: { class: "shapes.Point", state: { x: 1 }, pickle: "…" } }]);
    expect(shown(new PyObject({ module: "decimal", name: "Decimal", args: ["1.5"] }))).toEqual({
      $python: { class: "decimal.Decimal", args: ["1.5"], pickle: "…" },
    });
    // What is in it is in its pickle.
    expect(shown(new PyDeque([1, decimal]))).toEqual({
      $python: {
        class: "collections.deque",
        items: [1, { $python: { class: "decimal.Decimal", text: "1.5" } }],
        pickle: "…",
      },
    });
    expect(shown(new PyNdArray(BigInt64Array.of(2n ** 60n), [1], "int64"))).toEqual({
      $python: {
        class: "numpy.ndarray",
        dtype: "int64",
        shape: [1],
        order: "C",
        items: [{ $int: "1152921504606846976" }],
        pickle: "…",
      },
    });
  });

  const itself: { list: unknown[] } = { list: [1] };
  itself.list.push(itself.list, itself);
  const setOfItself = new Map<unknown, unknown>([[1, "a"]]);
  setOfItself.set(2, setOfItself);
  test.each<[string, unknown]>([
    ["a tuple in a list", [Object.freeze([1, "a"])]],
    ["a frozen set", Object.freeze(new Set([Object.freeze([1, 2])]))],
    ["tuples and frozen sets in a set", new Set([Object.freeze([1]), Object.freeze(new Set([2]))])],
    ["tuples as keys of a mapping", new Map([[Object.freeze([1, Object.freeze([2])]), [3]]])],
    ["a decimal", { price: new PyDecimal("1.50") }],
    ["a UUID", [new PyUuid("0123456789abcdef0123456789abcdef")]],
    ["a fraction", new PyFraction(1n, 3n)],
    ["a date", new PyDate(2024, 2, 29)],
    [
      "a date with microseconds",
      decode(
        Buffer.from(
          "gASVVwAAAAAAAACMCGRhdGV0aW1llIwIZGF0ZXRpbWWUk5RDCgfoAh0BAgMAAAWUaACMCHRpbWV6b25llJOUaACMCXRpbWVkZWx0YZSTlEsASwBLAIeUUpSFlFKUhpRSlC4=",
          "base64",
        ),
      ),
    ],
    ["a deque", new PyDeque([1, Object.freeze([2])], 5)],
    ["an array of numpy", new PyNdArray(Float32Array.of(1, 2), [2], "float32")],
    [
      "an object of an unknown class",
      [new PyObject({ module: "a", name: "B", args: [1], state: { x: [1] } })],
    ],
    ["a class", new PyGlobal("shapes", "Point")],
    ["a handle of a dict", new PyPersistentId(Object.freeze(["di-1", "o", null]))],
    ["an error", new RangeError("too much")],
    ["a typed array", Float64Array.of(1, Number.NaN)],
    ["a mapping that Python keeps in order, of numbers", decode(encode(orderedDict([[1, "a"]])))],
    ["a counter", new PyCounter([["a", 2]])],
    ["a value that contains itself", itself],
    ["a mapping that contains itself", [setOfItself]],
  ])("gives back %s as it was", (_, value) => {
    const back = parseJson(toJsonText(value), "VALUE");
    expect(Buffer.from(encode(back)).toString("latin1")).toBe(Buffer.from(encode(value)).toString("latin1"));
  });

  test("names the ancestor where a value contains itself", () => {
    expect(toJsonText(itself)).toContain(
      '{"list":{"$python":{"class":"list","value":[1,{"$circular":"$.list"},{"$circular":"$"}]',
    );
  });

  test("of keys has arrays, which are tuples", () => {
    const key = Object.freeze(["a", Object.freeze([1])]);
    expect(keyToJsonText(key)).toBe('["a",[1]]');
    expect(toJsonText(new Set([key]))).toBe('{"$set":[["a",[1]]]}');
  });

  test("spells out what is shared", () => {
    const shared = ["x"];
    expect(toJsonText([shared, shared])).toBe('[["x"],["x"]]');
  });

  test("refuses what is nested too deep, in both directions", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(toJsonText(parseJson(nested(jsonMaxDepth), "VALUE"))).toBe(nested(jsonMaxDepth));
    expect(failure(() => parseJson(nested(jsonMaxDepth + 2), "VALUE")).message).toBe(
      `VALUE is nested deeper than ${jsonMaxDepth} levels`,
    );
    const tooDeep: unknown = JSON.parse(nested(jsonMaxDepth + 1));
    expect(failure(() => toJsonText(tooDeep)).message).toContain("nested deeper");
  });
});

describe("parseJson()", () => {
  test("keeps every digit of long integers, but not of digits inside strings", () => {
    expect(
      parseJson('[12345678901234567890, -12345678901234567890, "12345678901234567890", "\\"1.0"]', "VALUE"),
    ).toEqual([12345678901234567890n, -12345678901234567890n, "12345678901234567890", '"1.0']);
    expect(parseJson('{"12345678901234567890": 1.0, "\\\\": 2E2}', "VALUE")).toEqual({
      "12345678901234567890": new PyFloat(1),
      "\\": new PyFloat(200),
    });
  });

  test("takes -0 for the integer 0, as Python does, and -0.0 for a float", () => {
    const [zero, text, float, ...more] = parseJson('[-0, "-0", -0.0, -1e0]', "VALUE") as unknown[];
    expect([Object.is(zero, 0), text, float, more]).toEqual([true, "-0", new PyFloat(-0), [new PyFloat(-1)]]);
    expect(parseJson('{"$map": [[-0, "-0"]], "a": -0.5}', "VALUE")).toEqual({ $map: [[0, "-0"]], a: -0.5 });
  });

  test("reads a string of millions of escapes", () => {
    const text = JSON.stringify([`${"\n".repeat(2_000_000)}1.0`, 1]).replace(/1\]$/, "1.0]");
    const [long, float] = parseJson(text, "VALUE") as [string, unknown];
    expect(long).toHaveLength(2_000_003);
    expect(float).toEqual(new PyFloat(1));
  });

  test.each([
    ["{", /^VALUE is not JSON(, see offset 1)?$/],
    ['{"a": secret}', /^VALUE is not JSON(, see offset 6)?$/],
    ["", /^VALUE is not JSON$/],
    ['{"$bytes": "A"}', "VALUE has a malformed '$bytes'"],
    ['{"$bytes": "AA"}', "VALUE has a malformed '$bytes'"],
    ['{"$int": "1.5"}', "VALUE has a malformed '$int'"],
    ['{"$float": "nan"}', "VALUE has a malformed '$float'"],
    ['{"$datetime": "yesterday"}', "VALUE has a malformed '$datetime'"],
    ['{"$datetime": "2024-13-01T00:00:00Z"}', "VALUE has a malformed '$datetime'"],
    ['{"$map": {"a": 1}}', "VALUE has a malformed '$map'"],
    ['{"$map": [[1]]}', "VALUE has a malformed '$map'"],
    ['{"$set": 1}', "VALUE has a malformed '$set'"],
    ['{"$tuple": 1}', "VALUE has a malformed '$tuple'"],
    ['{"$frozenset": {}}', "VALUE has a malformed '$frozenset'"],
    ['{"$python": {"class": "decimal.Decimal", "text": "1"}}', "VALUE has a malformed '$python'"],
    ['{"$python": {"pickle": "AAAA"}}', "VALUE has a malformed '$python'"],
    ['{"$object": [1]}', "VALUE has a malformed '$object'"],
    ['[{"$undecodable": {}}]', "VALUE has a '$undecodable', which cannot be read back"],
  ])("refuses %s", (text, message) => {
    const error = failure(() => parseJson(text, "VALUE"));
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("secret");
    expect(error.reason).toBe("usage");
  });

  test("says what to do with an entry that nobody can read", () => {
    expect(failure(() => parseJson('[{"$undecodable": {}}]', "VALUE")).hint).toContain(
      "leave that entry out",
    );
  });

  test("leaves alone what only resembles a tag", () => {
    expect(parseJson('{"$schema": "x"}', "VALUE")).toEqual({ $schema: "x" });
    expect(parseJson('{"$bytes": "x", "other": 1}', "VALUE")).toEqual({ $bytes: "x", other: 1 });
  });

  test("takes __proto__ for data", () => {
    const value = parseJson('{"__proto__": {"polluted": 1}}', "VALUE") as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(toJsonText(value)).toBe('{"__proto__":{"polluted":1}}');
  });
});
