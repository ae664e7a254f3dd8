// Keys of Python's classes that programs may build, against the bytes that CPython 3.8 to 3.13 writes for them
// (testing/class-keys.json, made by scripts/class-keys.mjs).
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../testing/hex.ts";
import {
  decodeKey,
  encodeKey,
  PyComplex,
  PyDate,
  PyDateTime,
  PyDecimal,
  PyFraction,
  PyIpAddress,
  PyPath,
  PyRange,
  PyTime,
  PyTimeDelta,
  PyTimezone,
  PyUuid,
  PyZoneInfo,
} from "../index.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../../testing/class-keys.json", import.meta.url), "utf8"),
) as {
  versions: string[];
  keys: Record<string, Record<string, string[]>>;
};

const hours = (count: number, name?: string) =>
  new PyTimezone(new PyTimeDelta(Math.floor(count / 24), ((count + 24) % 24) * 3600), name);
const utc = hours(0);
const tokyo = new PyZoneInfo("Asia/Tokyo");
const day = (year: number, month = 1, dayOfMonth = 1) => new PyDate(year, month, dayOfMonth);
const moment = (year: number, zone?: unknown) => new PyDateTime({ year, month: 1, day: 1, zone });
const leapDay = { year: 2024, month: 2, day: 29 };
const uuid = (last: string) => new PyUuid(last.padStart(32, "0"));

/** What stands for each Python expression; `undefined` where a program cannot build it. */
const built: Record<string, unknown> = {
  "date(2024, 2, 29)": day(2024, 2, 29),
  "date(1, 1, 1)": day(1),
  "time(1, 2, 3, 4)": new PyTime({ hour: 1, minute: 2, second: 3, microsecond: 4 }),
  "time(1, 2, 3, 4, fold=1)": new PyTime({ hour: 1, minute: 2, second: 3, microsecond: 4, fold: 1 }),
  "time(1, 2, tzinfo=timezone.utc)": new PyTime({ hour: 1, minute: 2, zone: utc }),
  "datetime(2024, 2, 29)": new PyDateTime(leapDay),
  "datetime(2024, 2, 29, 1, 2, 3, 456789)": new PyDateTime({
    ...leapDay,
    hour: 1,
    minute: 2,
    second: 3,
    microsecond: 456_789,
  }),
  "datetime(2024, 2, 29, fold=1)": new PyDateTime({ ...leapDay, fold: 1 }),
  "datetime(2024, 2, 29, tzinfo=timezone.utc)": new Date("2024-02-29T00:00:00Z"),
  "datetime(2024, 2, 29, 1, 2, 3, 456789, tzinfo=timezone.utc)": new PyDateTime({
    ...leapDay,
    hour: 1,
    minute: 2,
    second: 3,
    microsecond: 456_789,
    zone: utc,
  }),
  "datetime(2024, 2, 29, tzinfo=timezone(timedelta(hours=2)))": new PyDateTime({
    ...leapDay,
    zone: hours(2),
  }),
  "datetime(2024, 2, 29, tzinfo=timezone(timedelta(hours=2), 'CEST'))": new PyDateTime({
    ...leapDay,
    zone: hours(2, "CEST"),
  }),
  "datetime(2024, 2, 29, tzinfo=ZoneInfo('Asia/Tokyo'))": new PyDateTime({ ...leapDay, zone: tokyo }),
  "timedelta(1, 2, 3)": new PyTimeDelta(1, 2, 3),
  "timedelta(-1, 2, 3)": new PyTimeDelta(-1, 2, 3),
  "timedelta(days=999999999, seconds=86399, microseconds=999999)": new PyTimeDelta(
    999_999_999,
    86_399,
    999_999,
  ),
  "timezone.utc": utc,
  "timezone(timedelta(hours=-3))": hours(-3),
  "ZoneInfo('Asia/Tokyo')": tokyo,
  "Decimal('1.50')": new PyDecimal("1.50"),
  "Decimal('1E+3')": new PyDecimal("1E+3"),
  "Decimal('-0.00')": new PyDecimal("-0.00"),
  "Decimal('0.000001')": new PyDecimal("0.000001"),
  "Decimal('1E-7')": new PyDecimal("1E-7"),
  "Decimal('1.5E-9')": new PyDecimal("1.5E-9"),
  "Decimal('-Infinity')": new PyDecimal("-Infinity"),
  "Decimal('sNaN12')": new PyDecimal("sNaN12"),
  "UUID('12345678-1234-5678-1234-567812345678')": new PyUuid("12345678-1234-5678-1234-567812345678"),
  "UUID(int=5)": uuid("5"),
  "UUID(int=2**128 - 1)": new PyUuid("f".repeat(32)),
  "UUID(int=5, is_safe=SafeUUID.unsafe)": new PyUuid("5".padStart(32, "0"), -1),
  "1.5+2j": new PyComplex(1.5, 2),
  "complex(0, -0.0)": new PyComplex(0, -0),
  "range(0, 10, 2)": new PyRange(0, 10, 2),
  "range(2**70)": new PyRange(0, 2n ** 70n),
  "frozenset()": new Set(),
  "frozenset({'abc'})": new Set(["abc"]),
  "frozenset({(1, date(2024, 1, 1))})": new Set([[1, day(2024)]]),
  "frozenset({frozenset({'abc'})})": new Set([new Set(["abc"])]),
  "(date(2024, 1, 1), date(2024, 1, 1))": [day(2024), day(2024)],
  "(datetime(2024, 1, 1), date(2024, 1, 1), timedelta(1), 1j)": [
    moment(2024),
    day(2024),
    new PyTimeDelta(1),
    new PyComplex(0, 1),
  ],
  "(datetime(2024, 1, 1, tzinfo=timezone.utc), datetime(2025, 1, 1, tzinfo=timezone.utc))": [
    new Date("2024-01-01T00:00Z"),
    moment(2025, hours(0)),
  ],
  "(datetime(2024, 1, 1, tzinfo=ZoneInfo('Asia/Tokyo')), datetime(2025, 1, 1, tzinfo=ZoneInfo('Asia/Tokyo')))":
    [moment(2024, tokyo), moment(2025, new PyZoneInfo("Asia/Tokyo"))],
  "(ZoneInfo('Asia/Tokyo'), ZoneInfo('Europe/Paris'))": [tokyo, new PyZoneInfo("Europe/Paris")],
  "(datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2))), datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=2))))":
    [moment(2024, hours(2)), moment(2025, hours(2))],
  "('datetime', 'date', date(2024, 1, 1), 'timezone', timezone.utc)": [
    "datetime",
    "date",
    day(2024),
    "timezone",
    utc,
  ],
  "(date(2024, 1, 1), 'date', 'datetime')": [day(2024), "date", "datetime"],
  "tuple('datetime ab ab'.split()) + (date(2024, 1, 1), date(2024, 1, 2))": [
    "datetime",
    "ab",
    "ab",
    day(2024),
    day(2024, 1, 2),
  ],
  "('Decimal', Decimal('15'), '15', Decimal('15'))": [
    "Decimal",
    new PyDecimal("15"),
    "15",
    new PyDecimal("15"),
  ],
  "('uuid', 'UUID', 'int', UUID(int=5), UUID(int=6))": ["uuid", "UUID", "int", uuid("5"), uuid("6")],
  "(UUID(int=5), 'uuid', 'UUID', 'int')": [uuid("5"), "uuid", "UUID", "int"],
  "tuple('uuid UUID int'.split()) + (UUID(int=1), UUID(int=2))": [
    "uuid",
    "UUID",
    "int",
    uuid("1"),
    uuid("2"),
  ],
  "('complex', 'builtins', 1j, range(3), range(4))": [
    "complex",
    "builtins",
    new PyComplex(0, 1),
    new PyRange(0, 3),
    new PyRange(0, 4),
  ],
  "('CEST', timezone(timedelta(hours=2), 'CEST'))": ["CEST", hours(2, "CEST")],
  "IPv4Address('10.0.0.1')": new PyIpAddress("IPv4Address", "10.0.0.1"),
  "IPv4Interface('10.0.0.1/8')": new PyIpAddress("IPv4Interface", "10.0.0.1/8"),
  "IPv6Network('fe80::/64')": new PyIpAddress("IPv6Network", "fe80::/64"),
  "('ipaddress', 'IPv4Address', IPv4Address('10.0.0.1'), IPv4Address('10.0.0.2'), '10.0.0.1')": [
    "ipaddress",
    "IPv4Address",
    new PyIpAddress("IPv4Address", "10.0.0.1"),
    new PyIpAddress("IPv4Address", "10.0.0.2"),
    "10.0.0.1",
  ],
  "IPv6Address('fe80::1')": new PyIpAddress("IPv6Address", "fe80::1"),
  "Fraction(1, 3)": new PyFraction(1, 3),
  "PurePosixPath('a/b')": new PyPath("PurePosixPath", "a", "b"),
  "('decimal', Decimal('1'))": ["decimal", new PyDecimal("1")],
  "('zoneinfo', ZoneInfo('Asia/Tokyo'))": ["zoneinfo", tokyo],
  "(frozenset(), frozenset())": [new Set(), new Set()],
};
const isApart = (expression: string) => expression.includes(".split()");
const rows = Object.entries(vectors.keys);

describe("a key of one of Python's classes", () => {
  test("is written here in all that there are vectors of, from each version", () => {
    expect(Object.keys(built)).toEqual(Object.keys(vectors.keys));
    expect(vectors.versions).toEqual(["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"]);
  });

  test.each(rows)("%s has the bytes of every version, or is refused", (expression, written) => {
    const options = { repeats: isApart(expression) ? "copy" : "reference" } as const;
    const [first, ...others] = Object.keys(written);
    if (others.length > 0)
      expect(() => encodeKey(built[expression], options)).toThrow(/versions?.* (keys\(\)|list the keys)/);
    else expect(toHex(encodeKey(built[expression], options))).toBe(first);
  });

  test.each(rows)("%s is read as a key that has the bytes it came in, whatever they are", (_, written) => {
    for (const hex of Object.keys(written)) {
      const key = decodeKey(fromHex(hex));
      expect(toHex(encodeKey(key))).toBe(hex);
      expect(toHex(encodeKey(key, { repeats: "copy" }))).toBe(hex);
    }
  });

  test.each<[string, unknown, RegExp]>([
    ["a day that is none", day(2023, 2, 29), /there is no day 2023-2-29/],
    ["a time that is none", new PyTime({ hour: 24 }), /there is no time 24:0:0/],
    ["half a microsecond", new PyTime({ microsecond: 0.5 }), /0.5 microseconds are not 0 to 999,999/],
    ["seconds over a day", new PyTimeDelta(0, 86_400), /Python keeps 0 to 86,399 seconds/],
    ["an offset of a day", hours(24), /less than a day/],
    ["a Decimal in another spelling", new PyDecimal("1e3"), /Python spells this Decimal 1E\+3/],
    ["a Decimal that is none", new PyDecimal("one"), /'one' is no Decimal/],
    [
      "a UUID that is half safe",
      new PyUuid("5".padStart(32, "0"), 0.5),
      /a UUID is safe \(0\) or unsafe \(-1\)/,
    ],
    ["a range of fractions", new PyRange(0.5, 1), /a range has three integers/],
    ["an invalid Date", new Date(Number.NaN), /this Date is invalid/],
    ["a set of two", new Set([1, 2]), /depend on the order of its elements.* keys\(\)/],
    ["two of them in a tuple", ["a", new Set([1, 2])], /cannot encode key\[1\]/],
  ])("%s is refused with what is wrong", (_, key, message) => {
    expect(() => encodeKey(key)).toThrow(message);
    expect(() => encodeKey(key)).toThrow(expect.objectContaining({ code: "serialization_failed" }));
  });
});
