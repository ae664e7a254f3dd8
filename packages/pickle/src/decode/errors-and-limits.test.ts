// What errors say and leave behind, for random values and limits.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../testing/hex.ts";
import {
  type DecodeLimits,
  DeserializationError,
  decode,
  disassemble,
  encode,
  encodeKey,
  PyObject,
  SerializationError,
} from "../index.ts";

const seed = Number(process.env.EVERDICT_PICKLE_SEED ?? Date.now() % 2 ** 31);
const runs = { numRuns: 2_000, seed };

/** A value that holds another, and how an error names the place. */
interface Layer {
  wrap(inner: unknown): unknown;
  readonly path: string;
}

const isPlainName = (name: string): boolean => /^[A-Za-z_$][\w$]{0,60}$/.test(name);
const shown = (name: string): string => JSON.stringify(name);
const name = fc.oneof(
  fc.constantFrom("id", "tags", "__proto__", "constructor", "then", "a b", "é", "0", ""),
  fc.string({ maxLength: 8 }),
);
const neighbours = fc.array(fc.oneof(fc.integer(), fc.string(), fc.constant(null)), { maxLength: 3 });

function own(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries);
}

const layer: fc.Arbitrary<Layer> = fc.oneof(
  fc.tuple(name, neighbours).map(([key, others]) => ({
    wrap: (inner: unknown) =>
      own([...others.map((other, index) => [`other ${index}`, other] as const), [key, inner]]),
    path: isPlainName(key) ? `.${key}` : `[${shown(key)}]`,
  })),
  fc.tuple(neighbours, fc.boolean()).map(([before, isFrozen]) => ({
    wrap: (inner: unknown) => (isFrozen ? Object.freeze([...before, inner]) : [...before, inner]),
    path: `[${before.length}]`,
  })),
  fc.tuple(name, neighbours).map(([key, others]) => ({
    wrap: (inner: unknown) =>
      new Map<unknown, unknown>([...others.map((other, at) => [at, other] as const), [key, inner]]),
    path: `.get(${shown(key)})`,
  })),
  fc.constant({ wrap: (inner: unknown) => new Map([[7, inner]]), path: ".get(<key 0>)" }),
  fc.constant({
    wrap: (inner: unknown) => new PyObject({ module: "m", name: "C", args: [inner] }),
    path: ".args[0]",
  }),
  fc.constant({
    wrap: (inner: unknown) => new PyObject({ module: "m", name: "C", state: inner }),
    path: ".state",
  }),
  fc.constant({
    wrap: (inner: unknown) => new PyObject({ module: "m", name: "C", items: [1, inner] }),
    path: ".items[1]",
  }),
);
class Unregistered {}
const unwritable = fc.constantFrom<readonly [unknown, RegExp]>(
  [() => 1, /a function/],
  [Symbol("secret"), /a symbol/],
  [new Unregistered(), /an instance of Unregistered/],
  [new WeakMap(), /WeakMap/],
  [Promise.resolve(), /Promise/],
);

describe(`errors of encode() (EVERDICT_PICKLE_SEED=${seed})`, () => {
  test("name the path to what cannot be encoded, and what it is", () => {
    const property = fc.property(
      fc.array(layer, { maxLength: 40 }),
      unwritable,
      (layers, [culprit, reason]) => {
        const value = layers.reduceRight((inner, { wrap }) => wrap(inner), culprit);
        const path = `value${layers.map((each) => each.path).join("")}`;
        let caught: unknown;
        try {
          encode(value);
        } catch (error) {
          caught = error;
        }
        expect(caught).toBeInstanceOf(SerializationError);
        expect(caught).toMatchObject({ code: "serialization_failed", path });
        expect((caught as Error).message).toContain(path);
        expect((caught as Error).message).toMatch(reason);
        expect((caught as Error).message).not.toContain("secret");
      },
    );
    fc.assert(property, runs);
  });

  test("leave nothing behind: the next value has the bytes that it always has", () => {
    const good = { id: 7, tags: ["a", "a"], more: new Map([[1, new Set(["b"])]]) };
    const bytes = toHex(encode(good));
    const property = fc.property(fc.array(layer, { maxLength: 40 }), unwritable, (layers, [culprit]) => {
      expect(() => encode([good, layers.reduceRight((inner, { wrap }) => wrap(inner), culprit)])).toThrow();
      expect(() => encodeKey([["a", "a"], culprit])).toThrow(SerializationError);
      expect(toHex(encode(good))).toBe(bytes);
    });
    fc.assert(property, { ...runs, numRuns: 500 });
  });

  test("say that a tuple cannot hold itself, wherever it is", () => {
    const tuple: unknown[] = [1];
    tuple.push(tuple);
    Object.freeze(tuple);
    expect(() => encode({ a: [tuple] })).toThrow(/nested deeper than 10000 levels, or circular/);
    expect(() => encode({ a: [tuple] }, { depthMax: 20 })).toThrow(/deeper than 20 levels/);
  });

  test.each([1, 2, 31, 32, 33, 100, 9_999])(
    "nest %i levels deep and no deeper where that is the limit",
    (depthMax) => {
      let value: unknown = 0;
      for (let level = 0; level < depthMax; level++) value = level % 2 === 0 ? [value] : { a: value };
      expect(encode(value, { depthMax }).length).toBeGreaterThan(depthMax);
      expect(() => encode([value], { depthMax })).toThrow(`nested deeper than ${depthMax} levels`);
    },
  );
});

/** A limit, and a pickle that needs just so much of it. */
interface LimitCase {
  readonly limit: keyof DecodeLimits;
  readonly needing: (amount: number) => Uint8Array;
}

const nested = (levels: number): unknown => {
  let value: unknown[] = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
};
const limitCases: readonly LimitCase[] = [
  { limit: "depthMax", needing: (levels) => encode(nested(levels)) },
  { limit: "elementsMax", needing: (count) => encode(new Array(count).fill(null)) },
  {
    limit: "elementsMax",
    needing: (count) => encode(new Set(Array.from({ length: count }, (_, index) => index))),
  },
  // The list itself is number 0.
  {
    limit: "memoMax",
    needing: (highest) => encode(Array.from({ length: highest }, (_, index) => `text ${index}`)),
  },
  { limit: "stringMaxBytes", needing: (length) => encode("x".repeat(length)) },
  {
    limit: "stringMaxBytes",
    needing: (length) => encode(["é".repeat(length >> 1) + "x".repeat(length & 1)]),
  },
  { limit: "integerMaxBytes", needing: (length) => encode(2n ** BigInt(8 * length - 2)) },
  { limit: "integerMaxBytes", needing: (length) => new TextEncoder().encode(`I${"9".repeat(length)}\n.`) },
];

describe(`limits of decode() (EVERDICT_PICKLE_SEED=${seed})`, () => {
  test.each(limitCases.map((each, index) => [each.limit, index, each] as const))(
    "%s is held to the very amount, and named (%i)",
    (limit, _, { needing }) => {
      const property = fc.property(fc.integer({ min: 2, max: 400 }), (amount) => {
        const pickle = needing(amount);
        decode(pickle, { [limit]: amount });
        expect(() => decode(pickle, { [limit]: amount - 1 })).toThrow(
          expect.objectContaining({
            code: "deserialization_failed",
            message: expect.stringContaining(`${limit} = ${amount - 1}`),
            offset: expect.any(Number),
          }),
        );
        decode(pickle);
      });
      fc.assert(property, { numRuns: 200, seed });
    },
  );

  test("memoryMaxBytes is held, grows with what is built, and is named", () => {
    const property = fc.property(fc.integer({ min: 2, max: 300 }), (count) => {
      const rows = (length: number) =>
        encode(Array.from({ length }, (_, index) => ({ index, texts: [`${index}`] })));
      expect(() => decode(rows(count * 10), { memoryMaxBytes: count * 100 })).toThrow(/memoryMaxBytes = \d+/);
      decode(rows(count), { memoryMaxBytes: count * 1_000 });
    });
    fc.assert(property, { numRuns: 50, seed });
  });
});

describe(`a reader that has failed (EVERDICT_PICKLE_SEED=${seed})`, () => {
  const good = { id: 7, tags: ["a", new Set([1])], at: new Map([[1, 2n]]), floats: [1.5, -0] };
  const bytes = encode(good);

  test("reads the next pickle as if nothing had been", () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(bytes.length - 1),
      (garbage, cutAt) => {
        for (const bad of [
          garbage,
          bytes.subarray(0, cutAt),
          new Uint8Array([...bytes.subarray(0, cutAt), ...garbage]),
        ]) {
          try {
            decode(bad);
          } catch (caught) {
            expect(caught).toBeInstanceOf(DeserializationError);
          }
          expect(decode(bytes)).toEqual(good);
        }
      },
    );
    fc.assert(property, runs);
  });

  test("reads on for the callback that failed in turn, and for its caller", () => {
    const handle = encode([new PyObject({ module: "m", name: "C" }), 1], { persistentId: () => "id" });
    const read = decode(handle, {
      persistentLoad: () => {
        expect(() => decode(bytes.subarray(0, 9))).toThrow(DeserializationError);
        return decode(bytes);
      },
    });
    expect(read).toEqual([good, 1]);
  });

  test("lists the opcodes of any bytes", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
      for (const bad of [garbage, new Uint8Array([0x80, 4, ...garbage])]) {
        expect(disassemble(bad)).toMatch(/^(ends|stopped) at byte \d+/m);
      }
    });
    fc.assert(property, runs);
  });
});
