// Python's aware datetime in UTC and JavaScript's Date. Python counts microseconds and Date milliseconds; the three
// digits that a Date cannot hold are remembered beside it and written back as long as its time is unchanged.

import { PyGlobal, type PyObject } from "../../values/py-object.ts";
import { SerializationError } from "../../wire/errors.ts";
import { pyCall } from "../type-rule.ts";
import { utcTimeMs } from "./utc-time-ms.ts";

const datetimeClass = new PyGlobal("datetime", "datetime");
const timezoneClass = new PyGlobal("datetime", "timezone");
const timedeltaClass = new PyGlobal("datetime", "timedelta");
/** `timezone.utc`: one object, as in Python, so that several dates in a value share it. */
export const utcZone = pyCall(timezoneClass, pyCall(timedeltaClass, 0, 0, 0));

const microseconds = new WeakMap<Date, { readonly timeMs: number; readonly rest: number }>();

/** The `datetime` for a Date. */
export function reduceDate(date: Date): PyObject {
  const timeMs = date.getTime();
  const year = date.getUTCFullYear();
  if (Number.isNaN(timeMs)) throw new SerializationError("this Date is invalid");
  if (year < 1 || year > 9999) {
    throw new SerializationError("a Date outside the years 1 to 9999 does not fit Python's datetime");
  }
  const kept = microseconds.get(date);
  const micro = date.getUTCMilliseconds() * 1000 + (kept?.timeMs === timeMs ? kept.rest : 0);
  const payload = Uint8Array.of(
    year >> 8,
    year,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    micro >> 16,
    micro >> 8,
    micro,
  );
  return pyCall(datetimeClass, payload, utcZone);
}

/** The Date for the ten bytes of a `datetime` in UTC, or `undefined` if they are not a date without a fold. */
export function dateFromPayload(payload: Uint8Array): Date | undefined {
  const at = (index: number): number => payload[index] as number;
  const micro = at(7) * 65_536 + at(8) * 256 + at(9);
  const year = at(0) * 256 + at(1);
  const date = new Date(utcTimeMs(year, at(2), at(3), at(4), at(5), at(6), Math.floor(micro / 1000)));
  // Fields out of range have been carried over into others.
  const unchanged =
    date.getUTCMonth() === at(2) - 1 &&
    date.getUTCDate() === at(3) &&
    date.getUTCHours() === at(4) &&
    date.getUTCMinutes() === at(5) &&
    date.getUTCSeconds() === at(6) &&
    micro <= 999_999;
  if (!unchanged || at(0) * 256 + at(1) < 1) return undefined;
  const rest = micro % 1000;
  if (rest !== 0) microseconds.set(date, { timeMs: date.getTime(), rest });
  return date;
}
