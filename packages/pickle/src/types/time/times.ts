// Python's dates and times other than an aware datetime in UTC, which is a Date. CPython packs the fields into bytes:
// year (most significant byte first), month with the fold in its top bit, day, hour, minute, second, microsecond in
// three bytes (protocol section 4.5).

import { PyGlobal, type PyObject } from "../../values/py-object.ts";
import { pyCall, type TypeRule } from "../type-rule.ts";
import { dateFromPayload, reduceDate } from "./date.ts";
import { type TemporalType, temporalFrom } from "./temporal-class.ts";
import { clock, offsetText, PyTimezone } from "./timezone.ts";
import { utcTimeMs } from "./utc-time-ms.ts";
import { offsetAt, zoneFacts } from "./zone-offset.ts";

const datetimeClass = new PyGlobal("datetime", "datetime");
const dateClass = new PyGlobal("datetime", "date");
const timeClass = new PyGlobal("datetime", "time");
const FOLD = 0x80;

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

  /**
   * The same as `Temporal.PlainTime`, without the zone.
   *
   * @throws {TypeError} if the platform has no Temporal
   */
  toTemporal(): TemporalType<"PlainTime" | "PlainDateTime" | "ZonedDateTime"> {
    return temporalFrom("PlainTime", clock(this));
  }

  /** ISO 8601, with the offset of a fixed zone and the name of any other: `12:30:00[Europe/Berlin]`. */
  toString(): string {
    return `${clock(this)}${zoneText(this.zone, zoneFacts(this.zone).offsetUs)}`;
  }

  /** As text. */
  toJSON(): string {
    return String(this);
  }
}

function zoneText(zone: unknown, offsetUs: number | undefined): string {
  if (zone === undefined || zone === null) return "";
  const { id } = zoneFacts(zone);
  const name = id ?? (offsetUs === undefined ? String(zone) : undefined);
  return `${offsetUs === undefined ? "" : offsetText(offsetUs)}${name === undefined ? "" : `[${name}]`}`;
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

  /**
   * The same as `Temporal.PlainDate`.
   *
   * @throws {TypeError} if the platform has no Temporal
   */
  toTemporal(): TemporalType<"PlainDate"> {
    return temporalFrom("PlainDate", String(this));
  }

  /** ISO 8601. */
  toJSON(): string {
    return String(this);
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

  /** What local time was ahead of UTC then, in microseconds; `undefined` if it is naive or the zone is not known. */
  private get offsetUs(): number | undefined {
    return offsetAt(this.zone, this.localMs, this.fold);
  }

  // As if it were UTC.
  private get localMs(): number {
    const { year, month, day, hour, minute, second, microsecond } = this;
    return utcTimeMs(year, month, day, hour, minute, second, Math.floor(microsecond / 1000));
  }

  /**
   * The moment it names, to the millisecond; `undefined` if it is naive, or in a zone that is neither a fixed offset nor
   * known to the platform by its name. `fold` tells two equal local times apart, as in Python.
   */
  toDate(): Date | undefined {
    const { offsetUs } = this;
    return offsetUs === undefined ? undefined : new Date(this.localMs - offsetUs / 1000);
  }

  /**
   * The same as `Temporal.ZonedDateTime`, or `Temporal.PlainDateTime` if it is naive.
   *
   * @throws {TypeError} if the platform has no Temporal, or the zone is neither a fixed offset nor has a name
   * @throws {RangeError} if Temporal does not know the zone
   */
  override toTemporal(): TemporalType<"PlainDateTime" | "ZonedDateTime"> {
    if (this.zone === undefined || this.zone === null) return temporalFrom("PlainDateTime", String(this));
    const { offsetUs } = this;
    const { id = offsetUs === undefined ? undefined : offsetText(offsetUs) } = zoneFacts(this.zone);
    if (id === undefined) throw new TypeError(`the zone ${this.zone} has neither a name nor an offset here`);
    const local = `${new PyDate(this.year, this.month, this.day)}T${clock(this)}`;
    // By the offset, where the local time alone does not tell the moment, or is none.
    return temporalFrom(
      "ZonedDateTime",
      `${local}${offsetUs === undefined ? "" : offsetText(offsetUs)}[${id}]`,
      {
        offset: "use",
      },
    );
  }

  /**
   * ISO 8601: a naive one without an offset, any other with offset and name of its zone, as far as they are known:
   * `2024-02-29T12:00:00+01:00[Europe/Berlin]`.
   */
  override toString(): string {
    const day = new PyDate(this.year, this.month, this.day);
    return `${day}T${clock(this)}${zoneText(this.zone, this.offsetUs)}`;
  }
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
  note: "naive, in another zone, or with a fold; shown with offset and zone; `toDate()` for every zone that the platform knows: `ZoneInfo`, fixed offsets, those of pytz and dateutil; `toTemporal()`",
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
