// Which instances of Python's classes may be built as keys, and what is wrong with one that may not. Allowed are the
// classes that CPython 3.8 to 3.13 writes in the same bytes every time (testing/class-keys.json).

import { PyIpAddress } from "../types/ip-address.ts";
import { reduceObject } from "../types/known-types.ts";
import { PyComplex, PyDecimal, PyFraction, PyRange } from "../types/numbers.ts";
import { PyNumpyScalar } from "../types/numpy/numpy-scalar.ts";
import { PyPath } from "../types/path.ts";
import { PyDate, PyDateTime, PyTime } from "../types/time/times.ts";
import { PyTimeDelta, PyTimezone } from "../types/time/timezone.ts";
import { utcTimeMs } from "../types/time/utc-time-ms.ts";
import { PyZoneInfo } from "../types/time/zone-info.ts";
import { PyUuid } from "../types/uuid.ts";
import { programClasses } from "../values/class-registry.ts";
import { describeValue } from "../values/describe-value.ts";
import { PyGlobal, PyObject } from "../values/py-object.ts";

type Fault = string | undefined;
type Check = (value: never) => Fault;

const isWithin = (value: unknown, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;

function faultOfDay({ year, month, day }: PyDate | PyDateTime): Fault {
  const date = new Date(utcTimeMs(year, month, day));
  const isDay = isWithin(year, 1, 9999) && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDay ? undefined : `there is no day ${year}-${month}-${day}`;
}

function faultOfTime({ hour, minute, second, microsecond, zone }: PyTime): Fault {
  if (!isWithin(hour, 0, 23) || !isWithin(minute, 0, 59) || !isWithin(second, 0, 59))
    return `there is no time ${hour}:${minute}:${second}`;
  if (!isWithin(microsecond, 0, 999_999)) return `${microsecond} microseconds are not 0 to 999,999`;
  if (zone === undefined || zone === null || zone instanceof PyZoneInfo) return undefined;
  if (zone instanceof PyTimezone) return faultOfZone(zone);
  return `its zone is ${describeValue(zone)}, whose bytes may differ between versions`;
}

function faultOfSpan({ days, seconds, microseconds }: PyTimeDelta): Fault {
  const isNormal =
    isWithin(days, -999_999_999, 999_999_999) &&
    isWithin(seconds, 0, 86_399) &&
    isWithin(microseconds, 0, 999_999);
  return isNormal
    ? undefined
    : "Python keeps 0 to 86,399 seconds and 0 to 999,999 microseconds beside the days";
}

function faultOfZone({ offset, name }: PyTimezone): Fault {
  const isDay = Math.abs(offset.toMs()) < 86_400_000;
  if (!isDay) return "the offset of a zone is less than a day";
  return name === undefined || typeof name === "string"
    ? faultOfSpan(offset)
    : "the name of a zone is a text";
}

function faultOfDecimal({ value }: PyDecimal): Fault {
  const spelled = pythonSpelling(value);
  if (spelled === undefined) return `'${value.slice(0, 40)}' is no Decimal`;
  return spelled === value ? undefined : `Python spells this Decimal ${spelled}`;
}

/** A number as `str(Decimal(text))` gives it. */
function pythonSpelling(text: string): string | undefined {
  if (/^-?(Infinity|s?NaN([1-9]\d*)?)$/.test(text)) return text;
  const parts = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,18}))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", decimals = parts[4] ?? "", , exponentText = "0"] = parts;
  const digits = `${whole}${decimals}`.replace(/^0+(?=\d)/, "");
  const exponent = Number(exponentText) - decimals.length;
  const point = digits.length + exponent;
  let body: string;
  if (exponent <= 0 && point > -6) {
    const padded = digits.padStart(1 - exponent, "0");
    body = exponent === 0 ? padded : `${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
  } else {
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    body = `${mantissa}E${point - 1 < 0 ? "-" : "+"}${Math.abs(point - 1)}`;
  }
  return `${sign === "-" ? "-" : ""}${body}`;
}

function faultOfRange({ start, stop, step }: PyRange): Fault {
  const areIntegers = [start, stop, step].every(
    (part) => typeof part === "bigint" || Number.isSafeInteger(part),
  );
  return areIntegers && Number(step) !== 0 ? undefined : "a range has three integers, and its step is not 0";
}

function faultOfIp({ className }: PyIpAddress): Fault {
  return className === "IPv6Address"
    ? "Python writes an IPv6Address in other bytes from version 3.11 on than before; keys() and items() give such a key as it is"
    : undefined;
}

function faultOfUuid({ isSafe }: PyUuid): Fault {
  return isSafe === undefined || isSafe === 0 || isSafe === -1
    ? undefined
    : "a UUID is safe (0) or unsafe (-1)";
}

const none: Check = () => undefined;

const stable = new Map<object, Check>([
  [Date.prototype, none],
  [PyDate.prototype, faultOfDay],
  [PyDateTime.prototype, (value: PyDateTime) => faultOfDay(value) ?? faultOfTime(value)],
  [PyTime.prototype, faultOfTime],
  [PyTimeDelta.prototype, faultOfSpan],
  [PyTimezone.prototype, faultOfZone],
  [PyZoneInfo.prototype, none],
  [PyDecimal.prototype, faultOfDecimal],
  [PyComplex.prototype, none],
  [PyRange.prototype, faultOfRange],
  [PyUuid.prototype, faultOfUuid],
  [PyIpAddress.prototype, faultOfIp],
]);

/** Why others are not written the same way every time, where that can be told. */
const unstable = new Map<object, string>([
  [PyFraction.prototype, "Python writes a Fraction in other bytes from version 3.11 on than before"],
  [PyPath.prototype, "Python 3.13 writes a path in other bytes than other versions do"],
  [PyNumpyScalar.prototype, "numpy 2 writes a scalar in other bytes than numpy 1 does"],
  [PyObject.prototype, "its bytes depend on the Python version or process that writes it"],
  [PyGlobal.prototype, "its bytes depend on the Python version or process that writes it"],
]);

/**
 * What Python must be told to make an instance, if it is of a class whose instances may be built as keys.
 *
 * @throws {Error} saying what is wrong with the instance
 */
export function reduceForKey(value: object): PyObject | undefined {
  const check = stable.get(Object.getPrototypeOf(value) as object);
  if (check === undefined) return undefined;
  const fault = check(value as never);
  if (fault !== undefined) throw new Error(fault);
  const reduced = reduceObject(value, programClasses);
  return reduced instanceof PyObject ? reduced : undefined;
}

/** Why instances of a class that Python has cannot be built as keys. */
export function whyUnstable(value: object): string | undefined {
  return unstable.get(Object.getPrototypeOf(value) as object);
}
