// Moments in zones: what they name, how they read, and that they go back as they came. Python says what is right.
import { afterEach, describe, expect, test } from "vitest";
import { findPython, fromBase64, PythonOracle, toBase64 } from "../../../testing/python-oracle.ts";
import {
  decode,
  encode,
  PyDate,
  PyDateTime,
  PyGlobal,
  PyObject,
  PyTime,
  PyTimeDelta,
  PyTimezone,
  PyZoneInfo,
} from "../../index.ts";

const berlin = new PyZoneInfo("Europe/Berlin");
const noon = { year: 2024, month: 2, day: 29, hour: 12 };
const half = { year: 2024, month: 10, day: 27, hour: 2, minute: 30 };
const hours = (count: number, seconds = 0): PyTimeDelta =>
  new PyTimeDelta(count < 0 ? -1 : 0, (count < 0 ? 86_400 : 0) + count * 3600 + seconds);
const made = (module: string, name: string, ...args: unknown[]): PyObject =>
  new PyObject({ module, name, args });

const texts: readonly (readonly [fields: object, text: string, moment: string | undefined])[] = [
  [noon, "2024-02-29T12:00:00", undefined],
  [{ ...noon, zone: berlin }, "2024-02-29T12:00:00+01:00[Europe/Berlin]", "2024-02-29T11:00:00.000Z"],
  [
    { ...noon, month: 7, zone: berlin },
    "2024-07-29T12:00:00+02:00[Europe/Berlin]",
    "2024-07-29T10:00:00.000Z",
  ],
  [{ ...noon, zone: new PyZoneInfo("UTC") }, "2024-02-29T12:00:00+00:00[UTC]", "2024-02-29T12:00:00.000Z"],
  // Clocks are set back, and forward.
  [{ ...half, zone: berlin }, "2024-10-27T02:30:00+02:00[Europe/Berlin]", "2024-10-27T00:30:00.000Z"],
  [
    { ...half, zone: berlin, fold: 1 },
    "2024-10-27T02:30:00+01:00[Europe/Berlin]",
    "2024-10-27T01:30:00.000Z",
  ],
  [
    { ...half, month: 3, day: 31, zone: berlin },
    "2024-03-31T02:30:00+01:00[Europe/Berlin]",
    "2024-03-31T01:30:00.000Z",
  ],
  [
    { ...half, month: 3, day: 31, zone: berlin, fold: 1 },
    "2024-03-31T02:30:00+02:00[Europe/Berlin]",
    "2024-03-31T00:30:00.000Z",
  ],
  [
    { ...noon, zone: new PyTimezone(hours(-3, -1800)) },
    "2024-02-29T12:00:00-03:30",
    "2024-02-29T15:30:00.000Z",
  ],
  [
    { ...noon, zone: new PyTimezone(hours(1, 2)) },
    "2024-02-29T12:00:00+01:00:02",
    "2024-02-29T10:59:58.000Z",
  ],
  [{ ...noon, zone: new PyZoneInfo("No/Where") }, "2024-02-29T12:00:00[No/Where]", undefined],
  [{ ...noon, zone: made("pytz", "_UTC") }, "2024-02-29T12:00:00+00:00[UTC]", "2024-02-29T12:00:00.000Z"],
  [
    { ...noon, zone: made("pytz", "_p", "Europe/Berlin", 3600, 0, "CET") },
    "2024-02-29T12:00:00+01:00[Europe/Berlin]",
    "2024-02-29T11:00:00.000Z",
  ],
  [
    { ...noon, zone: made("pytz", "_p", "Etc/GMT+5") },
    "2024-02-29T12:00:00-05:00[Etc/GMT+5]",
    "2024-02-29T17:00:00.000Z",
  ],
  [
    { ...noon, zone: made("pytz", "FixedOffset", 90) },
    "2024-02-29T12:00:00+01:30",
    "2024-02-29T10:30:00.000Z",
  ],
  [
    { ...noon, zone: made("dateutil.tz.tz", "tzutc") },
    "2024-02-29T12:00:00+00:00[UTC]",
    "2024-02-29T12:00:00.000Z",
  ],
  [
    { ...noon, zone: made("dateutil.tz.tz", "tzoffset", "X", hours(1)) },
    "2024-02-29T12:00:00+01:00",
    "2024-02-29T11:00:00.000Z",
  ],
  [
    { ...noon, zone: made("dateutil.tz.tz", "tzfile", null, "/usr/share/zoneinfo/Europe/Berlin") },
    "2024-02-29T12:00:00+01:00[Europe/Berlin]",
    "2024-02-29T11:00:00.000Z",
  ],
  [
    {
      ...noon,
      zone: made(
        "dateutil.tz._tzfile",
        "_unpickle",
        new PyGlobal("dateutil.tz._tzfile", "tzfile"),
        "Europe/Berlin",
      ),
    },
    "2024-02-29T12:00:00+01:00[Europe/Berlin]",
    "2024-02-29T11:00:00.000Z",
  ],
  [{ ...noon, zone: made("app", "Zone") }, "2024-02-29T12:00:00[PyObject(app.Zone)]", undefined],
];

describe("a datetime", () => {
  test.each(texts)("of %o reads with its offset and zone", (fields, text, moment) => {
    const value = new PyDateTime(fields as typeof noon);
    const read = decode(encode([value, value])) as PyDateTime[];
    for (const each of [value, ...read.filter((one) => one instanceof PyDateTime)]) {
      expect([String(each), JSON.stringify({ each }), each.toDate()?.toISOString()]).toEqual([
        text,
        JSON.stringify({ each: text }),
        moment,
      ]);
    }
  });

  const python = findPython("import zoneinfo; zoneinfo.ZoneInfo('Europe/Berlin')");

  test.skipIf(python === undefined)(
    "names the moment that Python says, in any zone, at any time of the last century, in both folds",
    async () => {
      using oracle = new PythonOracle(python!);
      await oracle.ask("run", { script: zoneScript });
      const pickle = await oracle.ask<string>("evaluate", { expression: "cases", protocol: 4 });
      const cases = decode(fromBase64(pickle)) as (readonly [unknown, number])[];
      const wrong = cases.filter(
        ([value, second]) => ((value as PyDateTime).toDate() as Date).getTime() !== second * 1000,
      );
      expect(cases.length).toBeGreaterThan(3_000);
      expect(wrong.map(([value, second]) => `${value} is ${second}`)).toEqual([]);
      const back = toBase64(encode(cases));
      const holds = "value == cases and [v[0].fold for v in value] == [v[0].fold for v in cases]";
      expect(await oracle.ask("check", { data: back, expression: holds })).toBe(true);
    },
    60_000,
  );
});

// Where both know the same: Python takes the rules of its machine, the platform those of its own library.
const zoneScript = `
import zoneinfo, datetime as _datetime, random
_random = random.Random(5)
_names = "Europe/Berlin America/New_York Asia/Kolkata Australia/Lord_Howe Africa/Nairobi America/Sao_Paulo Asia/Tokyo UTC".split()
cases = []
for _name in _names:
    _zone = zoneinfo.ZoneInfo(_name)
    for _ in range(250):
        _local = _datetime.datetime(1971, 1, 1) + _datetime.timedelta(seconds=_random.randrange(50 * 365 * 86400))
        for _fold in (0, 1):
            _aware = _local.replace(tzinfo=_zone, fold=_fold)
            cases.append((_aware, int((_aware - _datetime.datetime(1970, 1, 1, tzinfo=_datetime.timezone.utc)).total_seconds())))
    # The hours around each change of the clocks.
    for _day in range(0, 366):
        _at = _datetime.datetime(2023, 1, 1, 2, 30) + _datetime.timedelta(days=_day)
        for _fold in (0, 1):
            _aware = _at.replace(tzinfo=_zone, fold=_fold)
            cases.append((_aware, int((_aware - _datetime.datetime(1970, 1, 1, tzinfo=_datetime.timezone.utc)).total_seconds())))
cases = [each for each in cases if each[0].utcoffset() is not None]
`;

/** What stands for the platform's own: it notes what it was made from, and tags its values as the platform does. */
function temporalClass(name: string) {
  return class {
    static from(item: unknown, options?: object) {
      return options === undefined ? [name, item] : [name, item, options];
    }
    constructor(fields: object) {
      Object.assign(this, fields);
    }
    get [Symbol.toStringTag](): string {
      return `Temporal.${name}`;
    }
    withCalendar() {
      return this;
    }
    valueOf(): never {
      throw new TypeError("compare instead");
    }
  };
}

const platform = globalThis as { Temporal?: unknown };
const own = platform.Temporal;
const kinds = "PlainDate PlainTime PlainDateTime ZonedDateTime Instant Duration".split(" ");
const Temporal = Object.fromEntries(kinds.map((name) => [name, temporalClass(name)]));

describe("with Temporal", () => {
  afterEach(() => {
    platform.Temporal = own;
  });

  const clock = { hour: 12, minute: 0, second: 0, millisecond: 1, microsecond: 2, nanosecond: 0 };
  const day = { year: 2024, month: 2, day: 29 };
  const span = {
    years: 0,
    months: 0,
    weeks: 0,
    days: -1,
    hours: 0,
    minutes: 0,
    seconds: 0,
    milliseconds: 0,
    microseconds: -5,
    nanoseconds: 0,
  };

  const written: readonly (readonly [kind: string, fields: object, value: unknown])[] = [
    ["PlainDate", day, new PyDate(2024, 2, 29)],
    ["PlainTime", clock, new PyTime({ hour: 12, microsecond: 1_002 })],
    ["PlainDateTime", { ...day, ...clock }, new PyDateTime({ ...noon, microsecond: 1_002 })],
    [
      "ZonedDateTime",
      { ...half, ...clock, hour: 2, minute: 30, timeZoneId: "Europe/Berlin", offsetNanoseconds: 3600e9 },
      new PyDateTime({ ...half, microsecond: 1_002, zone: berlin, fold: 1 }),
    ],
    [
      "ZonedDateTime",
      { ...day, ...clock, timeZoneId: "-03:30", offsetNanoseconds: -12_600e9 },
      new PyDateTime({ ...noon, microsecond: 1_002, zone: new PyTimezone(hours(-3, -1800)) }),
    ],
    ["Instant", { epochMilliseconds: 1_000, epochNanoseconds: 1_000_000_000n }, new Date(1_000)],
    ["Duration", span, new PyTimeDelta(-2, 86_399, 999_995)],
  ];

  test.each(written)("a %s of %o is written as Python's", (kind, fields, value) => {
    expect(decode(encode(new (Temporal[kind] as new (fields: object) => object)(fields)))).toEqual(value);
  });

  test.each([
    ["Instant", { epochMilliseconds: 0, epochNanoseconds: 1n }, /nanoseconds/],
    ["PlainTime", { ...clock, nanosecond: 1 }, /nanoseconds/],
    ["PlainDate", { ...day, year: 10_000 }, /years? outside 1 to 9999/],
    ["Duration", { ...span, months: 1 }, /years or months/],
  ])("a %s of %o is refused, as Python cannot hold it", (kind, fields, message) => {
    expect(() => encode(new (Temporal[kind] as new (fields: object) => object)(fields))).toThrow(message);
  });

  const read: readonly (readonly [{ toTemporal(): unknown }, readonly unknown[]])[] = [
    [new PyDate(2024, 2, 29), ["PlainDate", "2024-02-29"]],
    [new PyTime({ hour: 12, zone: berlin }), ["PlainTime", "12:00:00"]],
    [new PyDateTime(noon), ["PlainDateTime", "2024-02-29T12:00:00"]],
    [
      new PyDateTime({ ...half, zone: berlin, fold: 1 }),
      ["ZonedDateTime", "2024-10-27T02:30:00+01:00[Europe/Berlin]", { offset: "use" }],
    ],
    [
      new PyDateTime({ ...noon, zone: new PyTimezone(hours(-3)) }),
      ["ZonedDateTime", "2024-02-29T12:00:00-03:00[-03:00]", { offset: "use" }],
    ],
    [new PyTimeDelta(-1, 86_399, 999_995), ["Duration", { days: 0, seconds: 0, microseconds: -5 }]],
    [new PyTimeDelta(1, 5), ["Duration", { days: 1, seconds: 5, microseconds: 0 }]],
  ];

  test.each(read)("%s becomes Temporal's", (value, from) => {
    platform.Temporal = Temporal;
    expect(value.toTemporal()).toEqual(from);
  });

  test("says what is missing", () => {
    platform.Temporal = undefined;
    expect(() => new PyDate(2024, 2, 29).toTemporal()).toThrow("this platform has no Temporal.PlainDate");
    platform.Temporal = Temporal;
    const nowhere = new PyDateTime({ ...noon, zone: made("app", "Zone") });
    expect(() => nowhere.toTemporal()).toThrow(/neither a name nor an offset/);
  });
});
