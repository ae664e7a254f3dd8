// What would be lost or could not be loaded is refused when it is written.
import { describe, expect, test } from "vitest";
import {
  DeserializationError,
  decode,
  encode,
  encodeKey,
  PyException,
  PyFloat,
  PyGlobal,
  SerializationError,
} from "../index.ts";

const bytes = (...parts: readonly (string | number | Uint8Array)[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) =>
        typeof part === "string"
          ? Buffer.from(part, "latin1")
          : typeof part === "number"
            ? Buffer.of(part)
            : part,
      ),
    ),
  );
const number4 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

describe("encode() refuses, with the path,", () => {
  test.each(["[a-\\d]", "[\\d-x]", "(a\\1)", "(?<n>a\\k<n>)", "((a)\\1)", "\\u{2}"])(
    "the expression %s",
    (source) => {
      const expression = new RegExp(source);
      expect(() => encode({ a: [expression] })).toThrow(
        /^cannot encode value\.a\[0\]: a regular expression with/,
      );
    },
  );

  test("and writes those that only look alike", () => {
    for (const expression of [/[-\d]/, /[\d-]/, /(a)\1/, /(?<n>a)\k<n>/, /(?:(a))\1/, /\u0041/u, /[^-\d]/])
      expect(String(decode(encode(expression)))).toBe(String(expression));
  });

  test("keys that share their parts many times over, or contain themselves, in short time", () => {
    let shared: readonly unknown[] = Object.freeze(["ha"]);
    for (let level = 0; level < 40; level++) shared = Object.freeze(Array(10).fill(shared));
    expect(
      decode(
        encode(
          new Map<unknown, number>([
            [shared, 1],
            [1, 2],
          ]),
        ),
      ),
    ).toBeInstanceOf(Map);
    const circular: unknown[] = [];
    circular.push(circular, circular);
    expect(() =>
      encode(
        new Map<unknown, number>([
          [circular, 1],
          [1, 2],
        ]),
      ),
    ).toThrow(SerializationError);
  });

  test("keys that are equal for Python", () => {
    const pairs: readonly (readonly [unknown, unknown])[] = [
      [1, true],
      [0, false],
      [2 ** 40, 2n ** 40n],
      [1, new PyFloat(1)],
      [Object.freeze([1, "a"]), Object.freeze([true, "a"])],
      [Uint8Array.of(7, 8), Uint8Array.of(7, 8)],
      [Object.freeze([0, [null, ["a", 1]]]), Object.freeze([false, [null, ["a", true]]])],
    ];
    for (const [first, second] of pairs) {
      expect(() =>
        encode({
          m: new Map([
            ["x", 0],
            [first, 1],
            [second, 2],
          ] as [unknown, number][]),
        }),
      ).toThrow(/^cannot encode value\.m\.keys\(\)\[2\]: this key is equal to an earlier one in Python/);
      expect(() => encode([new Set([first, second])])).toThrow(
        /value\[0\]\.values\(\)\[1\]: this key is equal/,
      );
    }
    const distinct = [
      1,
      "1",
      2n ** 70n,
      false,
      null,
      // What "null" is as a number of base 36.
      1_112_745,
      1.5,
      Object.freeze([[1], [1]]),
      Object.freeze([[1], [2]]),
      Object.freeze([1]),
      Object.freeze(["1"]),
      Uint8Array.of(1),
    ];
    expect((decode(encode(new Set(distinct))) as Set<unknown>).size).toBe(distinct.length);
  });

  test("an error's own property args, which Python needs for itself", () => {
    const error = Object.assign(new Error("m"), { args: [1] });
    expect(() => encode({ error })).toThrow(
      /^cannot encode value\.error: an error has a property named args/,
    );
    expect(encode(new PyException("KeyError", [1]))).toBeInstanceOf(Uint8Array);
  });

  test("namespaces and arguments, which only look like plain objects", () => {
    function listed(..._: unknown[]): IArguments {
      // biome-ignore lint/complexity/noArguments: it is what is tested
      return arguments;
    }
    for (const value of [Math, JSON, Reflect, listed(), listed(1, 2)])
      expect(() => encode({ a: value })).toThrow(
        /^cannot encode value\.a: the object \w+ has no Python counterpart/,
      );
    expect(decode(encode({ 0: "a", 1: "b" }))).toEqual({ 0: "a", 1: "b" });
  });
});

test("the errors of an AggregateError survive", () => {
  const read = decode(encode(new AggregateError([new TypeError("a"), 7], "both"))) as AggregateError;
  expect(read).toBeInstanceOf(AggregateError);
  expect(read.message).toBe("both");
  expect(read.errors).toEqual([new TypeError("a"), 7]);
  expect(Object.keys(read)).toEqual([]);
});

describe("encodeKey()", () => {
  test("takes a time that grows with the number of byte strings", () => {
    const parts = Array.from({ length: 20_000 }, (_, at) => Uint8Array.of(at, at >> 8, 1, 2, 3));
    const startedUsage = process.cpuUsage();
    expect(encodeKey([...parts, parts[3]]).length).toBeGreaterThan(150_000);
    expect(process.cpuUsage(startedUsage).user / 1_000).toBeLessThan(1_000);
  });

  test("throws nothing but its error for proxies that throw or were revoked", () => {
    const throwing = new Proxy([1], {
      get(target, name) {
        if (name === "0") throw new RangeError("no");
        return Reflect.get(target, name) as unknown;
      },
    });
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    for (const key of [throwing, proxy, ["a", throwing]])
      expect(() => encodeKey(key)).toThrow(SerializationError);
    expect(encodeKey("a").length).toBe(16);
  });
});

describe("depthMax holds for", () => {
  const list = (at: number): Uint8Array => bytes("]r", number4(at), "0");
  const get = (at: number): Uint8Array => bytes("j", number4(at));
  const chain = (links: (at: number) => Uint8Array): Uint8Array => {
    const numbers = Array.from({ length: 300 }, (_, at) => at);
    return bytes(0x80, 4, ...numbers.map(list), ...numbers.slice(0, -1).map(links), get(0), ".");
  };

  test.each<[string, Uint8Array]>([
    ["lists that are filled from the outside in", chain((at) => bytes(get(at), get(at + 1), "a0"))],
    [
      "lists under distant memo numbers",
      chain((at) => bytes(get(at), get(at + 1), "ar", number4(900_000), "0")),
    ],
    [
      "lists that are put into tuples before they are filled",
      chain((at) => bytes(get(at), get(at + 1), 0x85, "a0")),
    ],
  ])("%s", (_, pickle) => {
    expect(() => decode(pickle, { depthMax: 100 })).toThrow(/nested deeper than depthMax = 100/);
    decode(pickle, { depthMax: 1_000 });
  });

  test("circles no more than for what is in them", () => {
    const root: unknown[] = [];
    for (let index = 0; index < 20_000; index++) root.push({ root, before: root[index - 1] ?? null });
    // What is written is read: both count what is met once more as nothing.
    expect((decode(encode(root)) as unknown[]).length).toBe(20_000);
    expect((decode(encode(root), { depthMax: 10 }) as unknown[]).length).toBe(20_000);
  });
});

test("lists that are referred to while they are filled stay one list", () => {
  // x = []; [x, (x,), x.extend([1, 2])]
  const pickle = bytes(0x80, 4, "]", 0x94, "(", "]", 0x94, "h", 1, 0x85, "h", 1, "(K\x01K\x02ee.");
  const [first, [second], third] = decode(pickle) as [unknown[], [unknown[]], unknown[]];
  expect(first).toBe(second);
  expect(first).toBe(third);
  expect(first).toEqual([1, 2]);
});

test("what is referred to by a thousand errors is not spelled out for each", () => {
  const big = encode(2n ** 500_000n).subarray(11, -1);
  const read = decode(
    bytes(
      0x80,
      4,
      "cbuiltins\nValueError\n",
      0x94,
      "0",
      big,
      0x85,
      0x94,
      "0](",
      ...Array.from({ length: 1_000 }, () => bytes("h", 0, "h", 1, "R")),
      "e.",
    ),
  ) as Error[];
  expect(read.length).toBe(1_000);
  expect(read[0]?.message).toBe("…");
  expect((decode(encode(read[0])) as PyException).args[0] === 2n ** 500_000n).toBe(true);
});

test("numbers that are chosen to have one hash are refused, others are not", () => {
  const keys = Array.from({ length: 5_000 }, (_, at) => BigInt(at + 1) << 64n);
  expect(() => decode(encode(new Set(keys)))).toThrow(DeserializationError);
  expect(() => decode(encode(new Map(keys.map((key) => [key, 1]))))).toThrow(/chosen to be slow to find/);
  for (const step of [1, 4_096, 2 ** 31, 2 ** 40, 0.5, 1e300 / 5_000]) {
    const spread = Array.from({ length: 5_000 }, (_, at) => at * step);
    expect((decode(encode(new Set(spread))) as Set<unknown>).size).toBe(5_000);
  }
});

test("a class found by name stays as it is", () => {
  expect(decode(encode(new PyGlobal("m", "C")))).toEqual(new PyGlobal("m", "C"));
});
