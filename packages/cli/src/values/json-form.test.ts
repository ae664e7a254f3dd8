import { PyDecimal, PyDeque, PyFloat, PyNdArray, PyObject, PyPersistentId } from "@everdict/pickle";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CliError } from "../cli-error.ts";
import { jsonMaxDepth } from "./json-form.ts";
import { parseJson } from "./parse-json.ts";
import { toJsonText } from "./to-json-text.ts";
import { Undecodable } from "./undecodable.ts";

function failure(run: () => unknown): CliError {
  try {
    run();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error("expected a CliError");
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

  test("describes what it cannot hold", () => {
    expect(toJsonText(new Undecodable(new Uint8Array([1]), 'no "pickle"'))).toBe(
      '{"$undecodable":{"message":"no \\"pickle\\"","bytes":"AQ=="}}',
    );
    expect(toJsonText(new PyPersistentId(["di-1", "o", null]))).toBe('{"$dict":"di-1"}');
    const point = new PyObject({ module: "shapes", name: "Point", construction: "new", state: { x: 1 } });
    expect(toJsonText([point])).toBe('[{"$python":{"class":"shapes.Point","state":{"x":1}}}]');
    const decimal = new PyObject({ module: "decimal", name: "Decimal", args: ["1.5"] });
    expect(toJsonText(new PyDecimal("1.5"))).toBe('{"$python":{"class":"decimal.Decimal","text":"1.5"}}');
    expect(toJsonText(new PyDeque([1, [2]]))).toBe(
      '{"$python":{"class":"collections.deque","items":[1,[2]]}}',
    );
    expect(toJsonText(new PyNdArray(BigInt64Array.of(2n ** 60n), [1], "int64"))).toBe(
      '{"$python":{"class":"numpy.ndarray","dtype":"int64","shape":[1],"order":"C","items":[{"$int":"1152921504606846976"}]}}',
    );
    expect(toJsonText(decimal)).toBe('{"$python":{"class":"decimal.Decimal","args":["1.5"]}}');
  });

  test("names the ancestor where a value contains itself", () => {
    const value: { list: unknown[] } = { list: [1] };
    value.list.push(value.list, value);
    expect(toJsonText(value)).toBe('{"list":[1,{"$circular":"$.list"},{"$circular":"$"}]}');
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
    ['{"$object": [1]}', "VALUE has a malformed '$object'"],
    ['[{"$undecodable": {}}]', "VALUE has a '$undecodable', which cannot be read back"],
  ])("refuses %s", (text, message) => {
    const error = failure(() => parseJson(text, "VALUE"));
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("secret");
    expect(error.reason).toBe("usage");
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
