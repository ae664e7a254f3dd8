import {
  type DictKey,
  PyComplex,
  PyDate,
  PyDateTime,
  PyDecimal,
  PyFloat,
  PyIpAddress,
  PyRange,
  PyTime,
  PyTimeDelta,
  PyTimezone,
  PyUuid,
  PyZoneInfo,
} from "everdict";

/** A key as both languages write it. */
export interface KeyCase {
  /** A Python expression. */
  readonly python: string;
  /** The same key in TypeScript, and what TypeScript's `keys()` gives for it. */
  readonly typescript: DictKey;
}

const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

const ofModule = (name: string) => `__import__("${name}").`;
const datetime = ofModule("datetime");
const leapDay = { year: 2024, month: 2, day: 29 };

/** Keys of every primitive type, of the classes that can be built, and tuples of them; each must be the same bytes from both sides. */
export const keyCases: readonly KeyCase[] = [
  { python: "None", typescript: null },
  { python: "True", typescript: true },
  { python: "False", typescript: false },
  { python: "0", typescript: 0 },
  { python: "255", typescript: 255 },
  { python: "256", typescript: 256 },
  { python: "65_535", typescript: 65_535 },
  { python: "65_536", typescript: 65_536 },
  { python: "2**31 - 1", typescript: 2 ** 31 - 1 },
  { python: "2**31", typescript: 2 ** 31 },
  { python: "2**39", typescript: 2 ** 39 },
  { python: "2**53 - 1", typescript: Number.MAX_SAFE_INTEGER },
  { python: "-1", typescript: -1 },
  { python: "-128", typescript: -128 },
  { python: "-32_769", typescript: -32_769 },
  { python: "-2**31", typescript: -(2 ** 31) },
  { python: "-2**31 - 1", typescript: -(2 ** 31) - 1 },
  { python: "-2**39", typescript: -(2 ** 39) },
  { python: "-2**53 + 1", typescript: Number.MIN_SAFE_INTEGER },
  { python: "2**53", typescript: 2n ** 53n },
  { python: "2**63 - 1", typescript: 2n ** 63n - 1n },
  { python: "2**63", typescript: 2n ** 63n },
  { python: "-2**63", typescript: -(2n ** 63n) },
  { python: "-2**63 - 1", typescript: -(2n ** 63n) - 1n },
  { python: "10**40", typescript: 10n ** 40n },
  { python: "-10**40", typescript: -(10n ** 40n) },
  { python: "2**2039 - 1", typescript: 2n ** 2039n - 1n },
  { python: "2**2039", typescript: 2n ** 2039n },
  { python: "-2**2039", typescript: -(2n ** 2039n) },
  { python: "0.1", typescript: 0.1 },
  { python: "0.0", typescript: new PyFloat(0) },
  { python: "1.0", typescript: new PyFloat(1) },
  { python: "('price', 2.0)", typescript: ["price", new PyFloat(2)] },
  { python: "-0.0", typescript: -0 },
  { python: "-1.5e300", typescript: -1.5e300 },
  { python: "5e-324", typescript: 5e-324 },
  { python: "float('inf')", typescript: Number.POSITIVE_INFINITY },
  { python: "float('-inf')", typescript: Number.NEGATIVE_INFINITY },
  { python: "float('nan')", typescript: Number.NaN },
  { python: "''", typescript: "" },
  { python: "'a'", typescript: "a" },
  { python: "'key'", typescript: "key" },
  { python: "'é'", typescript: "é" },
  { python: "'日本'", typescript: "日本" },
  { python: "'😀'", typescript: "😀" },
  { python: "'a\\0b'", typescript: "a\0b" },
  { python: "'\\ud800'", typescript: "\ud800" },
  { python: "'x\\udfff\\ud800y'", typescript: "x\udfff\ud800y" },
  { python: "'a' * 255", typescript: "a".repeat(255) },
  { python: "'a' * 256", typescript: "a".repeat(256) },
  { python: "'é' * 128", typescript: "é".repeat(128) },
  { python: "'a' * 65_535", typescript: "a".repeat(65_535) },
  { python: "'a' * 65_536", typescript: "a".repeat(65_536) },
  { python: "b''", typescript: bytes() },
  { python: "b'a'", typescript: bytes(97) },
  { python: "b'\\x00\\xff'", typescript: bytes(0, 255) },
  { python: "bytes(256)", typescript: new Uint8Array(256) },
  { python: "bytes(65_536)", typescript: new Uint8Array(65_536) },
  { python: "()", typescript: [] },
  { python: "(1,)", typescript: [1] },
  { python: "('user', 42)", typescript: ["user", 42] },
  { python: "('a', 'a')", typescript: ["a", "a"] },
  { python: "('ab', 'ab')", typescript: ["ab", "ab"] },
  { python: "(b'xy', b'xy')", typescript: [bytes(120, 121), bytes(120, 121)] },
  { python: "(1, 2, 3)", typescript: [1, 2, 3] },
  { python: "(1, 2, 3, 4)", typescript: [1, 2, 3, 4] },
  {
    python: "(None, True, -2, 1.5, 2**70, 's', b'k')",
    typescript: [null, true, -2, 1.5, 2n ** 70n, "s", bytes(107)],
  },
  { python: "((1, 2), 'x', ((), ((),)))", typescript: [[1, 2], "x", [[], [[]]]] },
  {
    python: "(('a', 1), ('a', 2))",
    typescript: [
      ["a", 1],
      ["a", 2],
    ],
  },
  {
    python: "(('a', 1), ('a', 1))",
    typescript: [
      ["a", 1],
      ["a", 1],
    ],
  },
  { python: "('ab', ('ab', ('ab',)), 'cd')", typescript: ["ab", ["ab", ["ab"]], "cd"] },
  { python: "tuple(range(300))", typescript: Array.from({ length: 300 }, (_, index) => index) },
  { python: "('k', b'x' * 65_536, 'zz')", typescript: ["k", new Uint8Array(65_536).fill(120), "zz"] },
  { python: `${datetime}date(2024, 2, 29)`, typescript: new PyDate(2024, 2, 29) },
  { python: `${datetime}datetime(2024, 2, 29, 12)`, typescript: new PyDateTime({ ...leapDay, hour: 12 }) },
  {
    python: `${datetime}datetime(2024, 2, 29, 12, 0, 0, 5000, tzinfo=${datetime}timezone.utc)`,
    typescript: new Date("2024-02-29T12:00:00.005Z"),
  },
  {
    python: `${datetime}datetime(2024, 2, 29, tzinfo=${datetime}timezone(${datetime}timedelta(hours=2), "CEST"))`,
    typescript: new PyDateTime({ ...leapDay, zone: new PyTimezone(new PyTimeDelta(0, 7_200), "CEST") }),
  },
  {
    python: `${datetime}datetime(2024, 2, 29, tzinfo=${ofModule("zoneinfo")}ZoneInfo("Asia/Tokyo"))`,
    typescript: new PyDateTime({ ...leapDay, zone: new PyZoneInfo("Asia/Tokyo") }),
  },
  {
    python: `${datetime}time(1, 2, 3, 4)`,
    typescript: new PyTime({ hour: 1, minute: 2, second: 3, microsecond: 4 }),
  },
  { python: `${datetime}timedelta(-1, 5)`, typescript: new PyTimeDelta(-1, 5) },
  { python: `${ofModule("decimal")}Decimal("1.50")`, typescript: new PyDecimal("1.50") },
  { python: `${ofModule("uuid")}UUID(int=7)`, typescript: new PyUuid("7".padStart(32, "0")) },
  { python: "1.5 - 2j", typescript: new PyComplex(1.5, -2) },
  { python: "range(1, 10, 3)", typescript: new PyRange(1, 10, 3) },
  {
    python: `${ofModule("ipaddress")}ip_network("10.0.0.0/8")`,
    typescript: new PyIpAddress("IPv4Network", "10.0.0.0/8"),
  },
  { python: "frozenset({'ab'})", typescript: new Set(["ab"]) },
  {
    python: `("date", ${datetime}date(2024, 2, 29), "decimals", ${ofModule("decimal")}Decimal(1), ${datetime}date(2024, 3, 1))`,
    typescript: ["date", new PyDate(2024, 2, 29), "decimals", new PyDecimal(1), new PyDate(2024, 3, 1)],
  },
];
