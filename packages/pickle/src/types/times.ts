// Python's dates and times other than an aware datetime in UTC, which is a Date. CPython packs the fields into bytes:
// year (most significant byte first), month with the fold in its top bit, day, hour, minute, second, microsecond in
// three bytes (protocol section 4.5).

import { PyGlobal, type PyObject } from "../py-object.ts";
import { dateFromPayload, reduceDate } from "./date.ts";
import { pyCall, type TypeRule } from "./type-rule.ts";

const datetimeClass = new PyGlobal("datetime", "datetime");
const dateClass = new PyGlobal("datetime", "date");
const timeClass = new PyGlobal("datetime", "time");
const timedeltaClass = new PyGlobal("datetime", "timedelta");
const timezoneClass = new PyGlobal("datetime", "timezone");
const FOLD = 0x80;

/** A Python `datetime.timedelta`, in the parts that Python keeps. */
export class PyTimeDelta {
  readonly days: number;
  /** 0 to 86,399. */
  readonly seconds: number;
  /** 0 to 999,999. */
  readonly microseconds: number;

  constructor(days: number, seconds = 0, microseconds = 0) {
    this.days = days;
    this.seconds = seconds;
    this.microseconds = microseconds;
  }

  /** The whole span in milliseconds. */
  toMs(): number {
    return (this.days * 86_400 + this.seconds) * 1000 + this.microseconds / 1000;
  }

  toString(): string {
    return `${this.days} days, ${clock(Math.floor(this.seconds / 3600), Math.floor(this.seconds / 60) % 60, this.seconds % 60, this.microseconds)}`;
  }
}

/** A Python `datetime.timezone`: a fixed offset from UTC, with or without a name. */
export class PyTimezone {
  /** What local time is ahead of UTC. */
  readonly offset: PyTimeDelta;
  /** The name it was given, if any. */
  readonly name: string | undefined;

  constructor(offset: PyTimeDelta, name?: string) {
    this.offset = offset;
    this.name = name;
  }

  toString(): string {
    const minutes = Math.round(this.offset.toMs() / 60_000);
    const two = (part: number): string => String(part).padStart(2, "0");
    return `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  }
}

/** What a {@link PyTime} is made from; parts left out are 0. */
export interface PyTimeFields {
  readonly hour?: number | undefined;
  readonly minute?: number | undefined;
  readonly second?: number | undefined;
  readonly microsecond?: number | undefined;
  /** 1 for the second of two equal local times, when clocks are set back. */
  readonly fold?: 0 | 1 | undefined;
  /** `PyTimezone`, `PyZoneInfo`, or a placeholder for another `tzinfo`; none for a naive time. */
  readonly zone?: unknown;
}

/** A Python `datetime.time`. */
export class PyTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** 1 for the second of two equal local times, when clocks are set back. */
  readonly fold: 0 | 1;
  /** `PyTimezone`, `PyZoneInfo`, or a placeholder for another `tzinfo`; `undefined` for a naive time. */
  readonly zone: unknown;

  constructor(fields: PyTimeFields) {
    this.hour = fields.hour ?? 0;
    this.minute = fields.minute ?? 0;
    this.second = fields.second ?? 0;
    this.microsecond = fields.microsecond ?? 0;
    this.fold = fields.fold ?? 0;
    this.zone = fields.zone;
  }

  toString(): string {
    return `${clock(this.hour, this.minute, this.second, this.microsecond)}${this.zone instanceof PyTimezone ? this.zone : ""}`;
  }
}

/** A Python `datetime.date`: a day without a time. */
export class PyDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;

  constructor(year: number, month: number, day: number) {
    this.year = year;
    this.month = month;
    this.day = day;
  }

  toString(): string {
    return [String(this.year).padStart(4, "0"), this.month, this.day]
      .map((part) => String(part).padStart(2, "0"))
      .join("-");
  }
}

/** What a {@link PyDateTime} is made from. */
export interface PyDateTimeFields extends PyTimeFields {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** A Python `datetime.datetime` that is naive or in another zone than UTC. */
export class PyDateTime extends PyTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;

  constructor(fields: PyDateTimeFields) {
    super(fields);
    this.year = fields.year;
    this.month = fields.month;
    this.day = fields.day;
  }

  /** The moment it names, to the millisecond; `undefined` if it is naive or its zone is not a fixed offset. */
  toDate(): Date | undefined {
    if (!(this.zone instanceof PyTimezone)) return undefined;
    const date = new Date(0);
    date.setUTCFullYear(this.year, this.month - 1, this.day);
    date.setUTCHours(this.hour, this.minute, this.second, Math.floor(this.microsecond / 1000));
    return new Date(date.getTime() - this.zone.offset.toMs());
  }

  override toString(): string {
    return `${new PyDate(this.year, this.month, this.day)}T${super.toString()}`;
  }
}

function clock(hour: number, minute: number, second: number, microsecond: number): string {
  const two = [hour, minute, second].map((part) => String(part).padStart(2, "0")).join(":");
  return microsecond === 0 ? two : `${two}.${String(microsecond).padStart(6, "0")}`;
}

function timePayload({ hour, minute, second, microsecond }: PyTime): number[] {
  return [hour, minute, second, microsecond >> 16, microsecond >> 8, microsecond];
}

function withZone(callable: PyGlobal, payload: number[], zone: unknown): PyObject {
  const bytes = Uint8Array.from(payload);
  return zone === undefined || zone === null ? pyCall(callable, bytes) : pyCall(callable, bytes, zone);
}

function isUtc(zone: unknown): boolean {
  return zone instanceof PyTimezone && zone.name === undefined && zone.offset.toMs() === 0;
}

/** The fields of six bytes, or `undefined` if they are out of range; the fold is elsewhere in a datetime. */
function timeFields(
  payload: Uint8Array,
  from: number,
): Required<Pick<PyTimeFields, "hour" | "minute" | "second" | "microsecond">> | undefined {
  const at = (index: number): number => payload[from + index] as number;
  const [hour, minute, second] = [at(0), at(1), at(2)];
  const microsecond = at(3) * 65_536 + at(4) * 256 + at(5);
  if (hour > 23 || minute > 59 || second > 59 || microsecond > 999_999) return undefined;
  return { hour, minute, second, microsecond };
}

function readDatetime([payload, zone, ...more]: readonly unknown[]): unknown {
  if (!(payload instanceof Uint8Array) || payload.length !== 10 || more.length > 0) return undefined;
  const [high, low, monthAndFold, day] = payload as unknown as [number, number, number, number];
  if (isUtc(zone) && monthAndFold < FOLD) return dateFromPayload(payload);
  const time = timeFields(payload, 4);
  const year = high * 256 + low;
  const month = monthAndFold & ~FOLD;
  if (time === undefined || !isDay(year, month, day)) return undefined;
  return new PyDateTime({ year, month, day, ...time, fold: monthAndFold >= FOLD ? 1 : 0, zone });
}

function readTime([payload, zone, ...more]: readonly unknown[]): unknown {
  if (!(payload instanceof Uint8Array) || payload.length !== 6 || more.length > 0) return undefined;
  const [hourAndFold] = payload as unknown as [number];
  const fold = hourAndFold >= FOLD ? 1 : 0;
  const plain = payload.slice();
  plain[0] = hourAndFold & ~FOLD;
  const time = timeFields(plain, 0);
  return time === undefined ? undefined : new PyTime({ ...time, fold, zone });
}

function readDate([payload, ...more]: readonly unknown[]): unknown {
  if (!(payload instanceof Uint8Array) || payload.length !== 4 || more.length > 0) return undefined;
  const [high, low, month, day] = payload as unknown as [number, number, number, number];
  return isDay(high * 256 + low, month, day) ? new PyDate(high * 256 + low, month, day) : undefined;
}

function isDay(year: number, month: number, day: number): boolean {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** `Date` and aware datetime in UTC. */
export const dateRule: TypeRule = {
  typescript: "`Date`",
  python: "`datetime.datetime` in `timezone.utc`",
  note: "microseconds beyond a Date's milliseconds are kept beside it while its time is unchanged",
  classes: [Date],
  reduce: reduceDate,
  calls: { "datetime.datetime": readDatetime },
  costBytes: 200,
};

/** `PyDateTime`, `PyDate` and `PyTime`, and their counterparts. */
export const dateTimeRule: TypeRule = {
  typescript: "`PyDateTime`",
  python: "any other `datetime.datetime`",
  note: "naive, in another zone, or with a fold; `toDate()` for fixed offsets",
  classes: [PyDateTime],
  reduce: (value: PyDateTime) => {
    const { year, month, day, fold, zone } = value;
    return withZone(
      datetimeClass,
      [year >> 8, year, month | (fold === 1 ? FOLD : 0), day, ...timePayload(value)],
      zone,
    );
  },
};

/** `PyDate` and date. */
export const dayRule: TypeRule = {
  typescript: "`PyDate`",
  python: "`datetime.date`",
  classes: [PyDate],
  reduce: ({ year, month, day }: PyDate) => pyCall(dateClass, Uint8Array.of(year >> 8, year, month, day)),
  calls: { "datetime.date": readDate },
};

/** `PyTime` and time. */
export const timeRule: TypeRule = {
  typescript: "`PyTime`",
  python: "`datetime.time`",
  classes: [PyTime],
  reduce: (value: PyTime) => {
    const [hour, ...rest] = timePayload(value) as [number, ...number[]];
    return withZone(timeClass, [hour | (value.fold === 1 ? FOLD : 0), ...rest], value.zone);
  },
  calls: { "datetime.time": readTime },
};

/** `PyTimeDelta` and timedelta. */
export const timedeltaRule: TypeRule = {
  typescript: "`PyTimeDelta`",
  python: "`datetime.timedelta`",
  classes: [PyTimeDelta],
  reduce: ({ days, seconds, microseconds }: PyTimeDelta) =>
    pyCall(timedeltaClass, days, seconds, microseconds),
  calls: {
    "datetime.timedelta": (args) =>
      args.length === 3 && args.every(Number.isSafeInteger)
        ? new PyTimeDelta(...(args as [number, number, number]))
        : undefined,
  },
};

/** `PyTimezone` and timezone. */
export const timezoneRule: TypeRule = {
  typescript: "`PyTimezone`",
  python: "`datetime.timezone`",
  classes: [PyTimezone],
  reduce: ({ offset, name }: PyTimezone) =>
    name === undefined ? pyCall(timezoneClass, offset) : pyCall(timezoneClass, offset, name),
  calls: {
    "datetime.timezone": ([offset, name, ...more]) =>
      offset instanceof PyTimeDelta && (name === undefined || typeof name === "string") && more.length === 0
        ? new PyTimezone(offset, name)
        : undefined,
  },
};
