// What programs keep is read under the default limits, however much it is.
import { describe, expect, test } from "vitest";
import { findPython, fromBase64, PythonOracle } from "../../testing/python-oracle.ts";
import { decode, encode, PyComplex, PyDateTime, PyDecimal, PyUuid } from "../index.ts";

const rows = (count: number, make: (index: number) => unknown): unknown[] =>
  Array.from({ length: count }, (_, index) => make(index));
const uuid = (index: number): PyUuid => new PyUuid(index.toString(16).padStart(32, "7"));

describe("the default limits of decode()", () => {
  test.each<[string, () => unknown[]]>([
    ["150,000 small objects", () => rows(150_000, (index) => ({ x: index % 200, y: index % 100 }))],
    ["200,000 pairs", () => rows(200_000, (index) => [index % 200, index % 100])],
    ["350,000 empty objects", () => rows(350_000, () => ({}))],
    ["a million empty objects", () => rows(1_000_000, () => ({}))],
    ["90,000 dates", () => rows(90_000, (index) => new Date(1_700_000_000_000 + index))],
    ["90,000 decimals", () => rows(90_000, (index) => new PyDecimal(`${index}.25`))],
    ["60,000 UUIDs", () => rows(60_000, uuid)],
    ["20,000 errors", () => rows(20_000, (index) => new RangeError(`error ${index}`))],
    ["8,000 regular expressions", () => rows(8_000, (index) => new RegExp(`x${index}`))],
  ])(
    "allow %s",
    (_, make) => {
      const value = make();
      expect((decode(encode(value)) as unknown[]).length).toBe(value.length);
    },
    60_000,
  );

  const python = findPython();
  test.skipIf(python === undefined)(
    "allow what Python writes in great numbers",
    async () => {
      using oracle = new PythonOracle(python!);
      for (const [expression, count] of [
        ["dict.fromkeys(range(10**6))", 1_000_000],
        ["[datetime.datetime(2024, 1, 1) + datetime.timedelta(seconds=i) for i in range(90000)]", 90_000],
        ["[uuid.UUID(int=i << 64) for i in range(60000)]", 60_000],
        ["{i: set() for i in range(160000)}", 160_000],
        ["[collections.Counter() for i in range(100000)]", 100_000],
        ["[datetime.date.fromordinal(700000 + i) for i in range(90000)]", 90_000],
        // A graph as dicts of dicts.
        ["{i: {i * k % 20011: {} for k in range(2, 7)} for i in range(20000)}", 20_000],
        ["[{1: i % 200} for i in range(100000)]", 100_000],
      ] as const) {
        const value = decode(
          fromBase64(await oracle.ask<string>("evaluate", { expression, protocol: 4, pickler: "pickle" })),
        );
        expect(value instanceof Map ? value.size : (value as unknown[]).length, expression).toBe(count);
      }
    },
    120_000,
  );

  test("allow integers of any length, in a time that grows with it", () => {
    for (const value of [
      2n ** 600_000n,
      -(2n ** 600_000n),
      2n ** 127n,
      -(2n ** 127n),
      -(2n ** 64n) - 1n,
      2n ** 128n,
    ])
      expect(decode(encode(value)) === value).toBe(true);
  });
});

test("integral parts of a complex number are read with floats: exact, too", () => {
  const read = decode(encode([new PyComplex(1, -0), new PyComplex(1.5, 2)]), { floats: "exact" });
  expect(read).toEqual([new PyComplex(1, -0), new PyComplex(1.5, 2)]);
});

test("the time of day survives", () => {
  const noon = new PyDateTime({
    year: 2024,
    month: 2,
    day: 29,
    hour: 12,
    minute: 34,
    second: 56,
    microsecond: 789_012,
  });
  expect(decode(encode(noon))).toEqual(noon);
});

test("integral floats that are appended to an object stay floats", () => {
  // collections.deque([0.0]), and a list subclass with 1.0 in it.
  for (const hex of [
    "80048c0b636f6c6c656374696f6e73948c05646571756594932952944700000000000000006194 2e",
    "80048c036170708c054e616d6573932981473ff0000000000000612e",
  ]) {
    const bytes = Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (pair) =>
      Number.parseInt(pair, 16),
    );
    const moved = decode(encode(decode(bytes)), { floats: "exact" }) as { readonly items: unknown[] };
    expect(String(moved.items[0])).toMatch(/^[01]\.0$/);
  }
});
