// Random keys as descriptions that both languages build: a letter and its content.

import fc from "fast-check";
import {
  PyComplex,
  PyDate,
  PyDateTime,
  PyDecimal,
  PyFloat,
  PyRange,
  PyTimeDelta,
  PyUuid,
} from "../src/index.ts";

/**
 * `v` constant, `i` int, `g` int that is a bigint here, `f` float by its bits, `s` text, `b` bytes, `t` tuple, `c` an
 * instance of a class by a name that oracle_build.py has, and its parts.
 */
export type KeySpec =
  | readonly ["v" | "i" | "g" | "f" | "s" | "b" | "c", unknown]
  | readonly ["t", readonly KeySpec[]];

const nearPower = fc
  .tuple(
    fc.constantFrom(7n, 8n, 15n, 16n, 31n, 32n, 39n, 40n, 53n, 63n, 64n, 127n, 2039n, 2040n, 4000n),
    fc.constantFrom(-1n, 0n, 1n),
    fc.constantFrom(-1n, 1n),
  )
  .map(([power, plus, sign]) => String(sign * 2n ** power + plus));
const digits = fc.oneof(
  fc.integer({ min: -300, max: 70_000 }).map(String),
  fc.maxSafeInteger().map(String),
  fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }).map(String),
  nearPower,
);
const bits = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
};
const float = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1, Number.NaN, Infinity, -Infinity, 2 ** 53, 5e-324),
);
const boundaries = [255, 256, 257, 65_535, 65_536, 65_537, 100_000];
const text = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.constantFrom("", "a", "ÿ", "Ā", "ab", "key", "日本", "😀", "\ud800", "\udc00!", "\0"),
  },
  { weight: 60, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 30, arbitrary: fc.integer({ min: 250, max: 260 }).map((length) => "x".repeat(length)) },
  { weight: 30, arbitrary: fc.integer({ min: 125, max: 130 }).map((length) => "é".repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom(...boundaries).map((length) => "y".repeat(length)) },
);
const hex = fc.oneof(
  { weight: 60, arbitrary: fc.constantFrom("", "61", "ff", "6162", "00ff00") },
  {
    weight: 60,
    arbitrary: fc.uint8Array({ maxLength: 20 }).map((data) => Buffer.from(data).toString("hex")),
  },
  { weight: 20, arbitrary: fc.integer({ min: 250, max: 260 }).map((length) => "07".repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom(...boundaries).map((length) => "08".repeat(length)) },
);

function leaf(letter: KeySpec[0], content: fc.Arbitrary<unknown>): fc.Arbitrary<KeySpec> {
  return content.map((each) => [letter, each] as KeySpec);
}

const day = [
  fc.integer({ min: 1, max: 9999 }),
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 28 }),
] as const;
const time = [fc.nat(23), fc.nat(59), fc.nat(59), fc.nat(999).map((ms) => ms * 1000)] as const;
const instance = fc.oneof(
  fc.tuple(fc.constant("date"), ...day),
  fc.tuple(fc.constant("naive"), ...day, ...time),
  fc.tuple(fc.constant("utc"), ...day, ...time),
  fc.tuple(fc.constant("timedelta"), fc.integer({ min: -999, max: 999 }), fc.nat(86_399), fc.nat(999_999)),
  fc.tuple(fc.constant("uuid"), fc.uuid()),
  fc.tuple(
    fc.constant("decimal"),
    fc.constantFrom("1.50", "-0", "0", "NaN", "1E+400", "0.000", "12345.6789"),
  ),
  fc.tuple(fc.constant("complex"), float.map(bits), float.map(bits)),
  fc.tuple(fc.constant("range"), digits, digits, fc.constantFrom("1", "-3", "7")),
);

const scalar = fc.oneof(
  leaf("v", fc.constantFrom(null, true, false)),
  leaf("i", digits),
  leaf("g", digits),
  leaf("f", float.map(bits)),
  leaf("s", text),
  leaf("s", text),
  leaf("b", hex),
  leaf("c", instance),
);

function tupleOf(items: fc.Arbitrary<KeySpec>, maxLength: number): fc.Arbitrary<KeySpec> {
  return fc.array(items, { maxLength }).map((each) => ["t", each] as const);
}

const pair = tupleOf(scalar, 4);
const nested = tupleOf(fc.oneof(scalar, scalar, pair), 5);
// More than 256 memo numbers, and more than one frame of 64 KiB.
const wide = fc
  .tuple(fc.array(scalar, { minLength: 1, maxLength: 5 }), fc.integer({ min: 100, max: 300 }))
  .map(
    ([items, count]): KeySpec => ["t", Array.from({ length: count }, (_, index) => wideItem(items, index))],
  );

function wideItem(items: readonly KeySpec[], index: number): KeySpec {
  return index % 3 === 0 ? (items[index % items.length] as KeySpec) : ["s", `item ${index % 200}`];
}

/** Random keys of every type that a key can have. */
export const keySpecs: fc.Arbitrary<KeySpec> = fc.oneof(
  { weight: 300, arbitrary: scalar },
  { weight: 200, arbitrary: pair },
  { weight: 200, arbitrary: nested },
  { weight: 100, arbitrary: tupleOf(nested, 3) },
  { weight: 1, arbitrary: wide },
);

/** The key that a description stands for. */
export function buildKey([letter, content]: KeySpec): unknown {
  switch (letter) {
    case "t":
      return (content as readonly KeySpec[]).map(buildKey);
    case "i":
      return Number.isSafeInteger(Number(content)) ? Number(content) : BigInt(content as string);
    case "g":
      return BigInt(content as string);
    case "f":
      return buildFloat(content as string);
    case "c":
      return buildInstance(content as readonly [string, ...string[]]);
    case "b":
      return new Uint8Array(Buffer.from(content as string, "hex"));
    default:
      return content;
  }
}

function floatOf(content: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${content}`));
  return view.getFloat64(0);
}

function buildFloat(content: string): unknown {
  const value = floatOf(content);
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? new PyFloat(value) : value;
}

function buildInstance([name, ...parts]: readonly [string, ...string[]]): unknown {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0] = parts.map(Number);
  switch (name) {
    case "date":
      return new PyDate(year, month, day);
    case "naive":
      return new PyDateTime({ year, month, day, hour, minute, second, microsecond });
    case "utc": {
      const date = new Date(0);
      date.setUTCFullYear(year, month - 1, day);
      date.setUTCHours(hour, minute, second, microsecond / 1000);
      return date;
    }
    case "timedelta":
      return new PyTimeDelta(year, month, day);
    case "uuid":
      return new PyUuid(parts[0] as string);
    case "decimal":
      return new PyDecimal(parts[0] as string);
    case "complex":
      return new PyComplex(...(parts.map(floatOf) as [number, number]));
    default:
      return new PyRange(...(parts.map(BigInt) as [bigint, bigint, bigint]));
  }
}
