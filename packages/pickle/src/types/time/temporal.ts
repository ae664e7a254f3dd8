// Temporal's values, of the platform or of a polyfill, written as Python's. The decoder gives the classes of times.ts
// instead, whose `toTemporal()` makes Temporal's values of them.

import type { PyObject } from "../../values/py-object.ts";
import { SerializationError } from "../../wire/errors.ts";
import type { TypeRule } from "../type-rule.ts";
import { dateTimeRule, dayRule, PyDate, PyDateTime, PyTime, timeRule } from "./times.ts";
import { PyTimeDelta, PyTimezone, timedeltaRule } from "./timezone.ts";
import { utcTimeMs } from "./utc-time-ms.ts";
import { PyZoneInfo } from "./zone-info.ts";
import { offsetAt } from "./zone-offset.ts";

/** What is asked of them; each has its part of these. */
interface TemporalValue {
  withCalendar(calendar: string): TemporalValue;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  readonly microsecond: number;
  readonly nanosecond: number;
  readonly timeZoneId: string;
  readonly offsetNanoseconds: number;
  readonly epochMilliseconds: number;
  readonly epochNanoseconds: bigint;
}

/** The parts of a `Temporal.Duration` that Python has, in units of the next. */
const spanUnits = [
  ["weeks", 7n],
  ["days", 24n],
  ["hours", 60n],
  ["minutes", 60n],
  ["seconds", 1000n],
  ["milliseconds", 1000n],
  ["microseconds", 1000n],
] as const;
const DAY_US = 86_400_000_000n;

const writers: Readonly<Record<string, (value: TemporalValue) => PyObject>> = {
  PlainDate: (value) => write(dayRule, dayOf(value.withCalendar("iso8601"))),
  PlainTime: (value) => write(timeRule, new PyTime(timeOf(value))),
  PlainDateTime: (value) => {
    const local = value.withCalendar("iso8601");
    return write(dateTimeRule, new PyDateTime({ ...dayOf(local), ...timeOf(local) }));
  },
  ZonedDateTime: (value) => write(dateTimeRule, zonedOf(value.withCalendar("iso8601"))),
  Instant: ({ epochMilliseconds, epochNanoseconds }) => {
    const date = new Date(epochMilliseconds);
    const nanoseconds = Number(((epochNanoseconds % 1_000_000n) + 1_000_000n) % 1_000_000n);
    const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    const time = {
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      millisecond: date.getUTCMilliseconds(),
      microsecond: Math.floor(nanoseconds / 1000),
      nanosecond: nanoseconds % 1000,
    };
    return write(dateTimeRule, new PyDateTime({ ...dayOf(day), ...timeOf(time), zone: fixed(0) }));
  },
  Duration: (value) => write(timedeltaRule, spanOf(value as unknown as Record<string, number>)),
};

function write(rule: TypeRule, value: object): PyObject {
  return (rule.reduce as unknown as (value: object) => PyObject)(value);
}

function dayOf({ year, month, day }: Pick<TemporalValue, "year" | "month" | "day">): PyDate {
  if (year < 1 || year > 9999)
    throw new SerializationError("a year outside 1 to 9999 does not fit Python's datetime");
  return new PyDate(year, month, day);
}

type TimeParts = "hour" | "minute" | "second" | "millisecond" | "microsecond" | "nanosecond";

function timeOf({
  hour,
  minute,
  second,
  millisecond,
  microsecond,
  nanosecond,
}: Pick<TemporalValue, TimeParts>) {
  refuseNanoseconds(nanosecond);
  return { hour, minute, second, microsecond: millisecond * 1000 + microsecond };
}

function refuseNanoseconds(nanoseconds: number | bigint): void {
  if (Number(nanoseconds) !== 0)
    throw new SerializationError("Python counts microseconds; round what has nanoseconds first");
}

function fixed(offsetNanoseconds: number): PyTimezone {
  const offsetUs = Math.floor(offsetNanoseconds / 1000);
  const days = Math.floor(offsetUs / 86_400_000_000);
  const rest = offsetUs - days * 86_400_000_000;
  return new PyTimezone(new PyTimeDelta(days, Math.floor(rest / 1_000_000), rest % 1_000_000));
}

function zonedOf(value: TemporalValue): PyDateTime {
  const { timeZoneId, offsetNanoseconds } = value;
  const isFixed = /^(UTC|[+-].*)$/.test(timeZoneId);
  const zone = isFixed ? fixed(offsetNanoseconds) : new PyZoneInfo(timeZoneId);
  const day = dayOf(value);
  const time = timeOf(value);
  const { hour, minute, second } = time;
  const localMs = utcTimeMs(day.year, day.month, day.day, hour, minute, second, value.millisecond);
  const first = isFixed ? undefined : offsetAt(zone, localMs, 0);
  const fold = first === undefined || first * 1000 === offsetNanoseconds ? 0 : 1;
  return new PyDateTime({ ...day, ...time, zone, fold });
}

function spanOf(duration: Record<string, number>): PyTimeDelta {
  if (duration.years !== 0 || duration.months !== 0)
    throw new SerializationError("a Duration of years or months has no length in Python");
  refuseNanoseconds(duration.nanoseconds as number);
  let total = 0n;
  for (const [name, inNext] of spanUnits) total = (total + BigInt(duration[name] as number)) * inNext;
  // The last unit was taken to nanoseconds.
  total /= 1000n;
  const rest = ((total % DAY_US) + DAY_US) % DAY_US;
  return new PyTimeDelta(
    Number((total - rest) / DAY_US),
    Number(rest / 1_000_000n),
    Number(rest % 1_000_000n),
  );
}

/** Temporal's values. */
export const temporalRule: TypeRule = {
  typescript: "`Temporal` values",
  python: "`datetime` values",
  note: "`ZonedDateTime` (with a `ZoneInfo` or a fixed offset), `Instant` (in UTC), `PlainDateTime`, `PlainDate`, `PlainTime`, `Duration` of weeks and less; they arrive as `Date`, `PyDateTime`, `PyDate`, `PyTime` and `PyTimeDelta`, whose `toTemporal()` makes them again where the platform has Temporal",
  kinds: Object.keys(writers).map((name) => `Temporal.${name}`),
  reduce: (value: TemporalValue) => {
    const kind = Object.prototype.toString.call(value).slice("[object Temporal.".length, -1);
    return (writers[kind] as (value: TemporalValue) => PyObject)(value);
  },
};
