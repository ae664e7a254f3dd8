// Python's aware datetime in UTC and JavaScript's Date. Python counts microseconds and Date milliseconds; the three
// digits that a Date cannot hold are remembered beside it and written back as long as its time is unchanged.

import { SerializationError } from "./errors.ts";
import { PyGlobal, PyObject } from "./py-object.ts";

const datetimeClass = new PyGlobal("datetime", "datetime");
const timezoneClass = new PyGlobal("datetime", "timezone");
const timedeltaClass = new PyGlobal("datetime", "timedelta");
const zero = new PyObject({ callable: timedeltaClass, args: [0, 0, 0] });
// One object, as in Python, so that several dates in a value share it.
const utc = new PyObject({ callable: timezoneClass, args: [zero] });

const microseconds = new WeakMap<Date, { readonly timeMs: number; readonly rest: number }>();

/** The `datetime` for a Date. */
export function reduceDate(date: Date): PyObject {
  const timeMs = date.getTime();
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) {
    throw new SerializationError(
      Number.isNaN(timeMs)
        ? "a Date that is invalid"
        : "a Date outside the years 1 to 9999, which is all that Python's datetime holds",
    );
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
  return new PyObject({ callable: datetimeClass, args: [payload, utc] });
}

/** The Date for the arguments of a `datetime`, or `undefined` unless it is one in UTC. */
export function dateFromArguments(args: readonly unknown[]): Date | undefined {
  const [payload, zone] = args;
  if (args.length !== 2 || !(payload instanceof Uint8Array) || payload.length !== 10 || !isUtc(zone))
    return undefined;
  const at = (index: number): number => payload[index] as number;
  const date = new Date(0);
  date.setUTCFullYear(at(0) * 256 + at(1), at(2) - 1, at(3));
  const micro = at(7) * 65_536 + at(8) * 256 + at(9);
  date.setUTCHours(at(4), at(5), at(6), Math.floor(micro / 1000));
  // Out-of-range fields (and a fold, which has no meaning in UTC) would be normalised: not a datetime then.
  if (date.getUTCMonth() !== at(2) - 1 || date.getUTCDate() !== at(3) || date.getUTCHours() !== at(4))
    return undefined;
  if (date.getUTCMinutes() !== at(5) || date.getUTCSeconds() !== at(6) || micro > 999_999) return undefined;
  const rest = micro % 1000;
  if (rest !== 0) microseconds.set(date, { timeMs: date.getTime(), rest });
  return date;
}

function isUtc(zone: unknown): boolean {
  if (zone === utc) return true;
  if (!isPlainCall(zone, timezoneClass) || zone.args.length !== 1) return false;
  const [offset] = zone.args;
  return (
    isPlainCall(offset, timedeltaClass) && offset.args.length === 3 && offset.args.every((part) => part === 0)
  );
}

function isPlainCall(value: unknown, callable: PyGlobal): value is PyObject {
  return (
    value instanceof PyObject &&
    value.construction === "call" &&
    value.module === callable.module &&
    value.name === callable.name &&
    value.state === undefined
  );
}
