// Python's spans of time and its fixed time zones, and how both are spelled.

import { PyGlobal } from "../../values/py-object.ts";
import { pyCall, type TypeRule } from "../type-rule.ts";
import { type TemporalType, temporalFrom } from "./temporal-class.ts";

const timedeltaClass = new PyGlobal("datetime", "timedelta");
const timezoneClass = new PyGlobal("datetime", "timezone");

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

  /**
   * The same as `Temporal.Duration`.
   *
   * @throws {TypeError} if the platform has no Temporal
   */
  toTemporal(): TemporalType<"Duration"> {
    let { days, seconds, microseconds } = this;
    // Temporal wants one sign for all.
    if (days < 0 && microseconds > 0) {
      seconds++;
      microseconds -= 1_000_000;
    }
    if (days < 0 && (seconds > 0 || microseconds < 0)) {
      days++;
      seconds -= 86_400;
    }
    return temporalFrom("Duration", { days, seconds, microseconds });
  }

  /** As text. */
  toJSON(): string {
    return String(this);
  }

  toString(): string {
    return `${this.days} days, ${clock({ hour: Math.floor(this.seconds / 3600), minute: Math.floor(this.seconds / 60) % 60, second: this.seconds % 60, microsecond: this.microseconds })}`;
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
    return offsetText(microsecondsOf(this.offset));
  }

  /** The offset. */
  toJSON(): string {
    return String(this);
  }
}

/** A span in microseconds, which are exact below some 285 years. */
export function microsecondsOf({ days, seconds, microseconds }: PyTimeDelta): number {
  return (days * 86_400 + seconds) * 1_000_000 + microseconds;
}

/** An offset as Python's `isoformat` has it: `+01:00`, with seconds and microseconds if there are any. */
export function offsetText(offsetUs: number): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  const all = Math.abs(offsetUs);
  const seconds = Math.floor(all / 1_000_000);
  const fraction = all % 1_000_000;
  const minutes = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  const rest = seconds % 60 === 0 && fraction === 0 ? "" : `:${two(seconds % 60)}`;
  return `${offsetUs < 0 ? "-" : "+"}${minutes}${rest}${fraction === 0 ? "" : `.${String(fraction).padStart(6, "0")}`}`;
}

/** A time of day as Python's `isoformat` has it. */
export function clock({ hour, minute, second, microsecond }: ClockFields): string {
  const two = [hour, minute, second].map((part) => String(part).padStart(2, "0")).join(":");
  return microsecond === 0 ? two : `${two}.${String(microsecond).padStart(6, "0")}`;
}

interface ClockFields {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

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
