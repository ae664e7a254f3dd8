// Moments and spans as counts of a unit, which is how numpy and pandas keep them: `datetime64[ns]` counts nanoseconds
// since 1970. Counts may be beyond what a Date holds, so they are taken apart as bigints.

/** The count that stands for no moment at all: numpy's and pandas' NaT. */
export const NAT = -(2n ** 63n);

/** The units of counts; a unit of less than a second with its digits after the point. */
const digitsOfUnit: Readonly<Record<string, number>> = { s: 0, ms: 3, us: 6, ns: 9, ps: 12, fs: 15, as: 18 };
const secondsOfUnit: Readonly<Record<string, bigint>> = { W: 604_800n, D: 86_400n, h: 3_600n, m: 60n };

/** Whether this is the name of a unit in which numpy counts. */
export function isTimeUnit(name: string): boolean {
  return name in digitsOfUnit || name in secondsOfUnit || name === "Y" || name === "M" || name === "generic";
}

/** A count of a unit as whole seconds and what is left of one, in units of `10 ** -digits` seconds. */
function secondsOf(count: bigint, unit: string): { seconds: bigint; rest: bigint; digits: number } {
  const whole = secondsOfUnit[unit];
  if (whole !== undefined) return { seconds: count * whole, rest: 0n, digits: 0 };
  const digits = digitsOfUnit[unit] ?? 0;
  const scale = 10n ** BigInt(digits);
  const seconds = floorDiv(count, scale);
  return { seconds, rest: count - seconds * scale, digits };
}

/**
 * A moment as ISO 8601 text with the digits of its unit, as numpy prints it: `2024-02-29`, `2024-02-29T12:30:00.125`.
 * NaT is `undefined`.
 */
export function momentText(count: bigint, unit: string): string | undefined {
  if (count === NAT) return undefined;
  if (unit === "generic") return String(count);
  if (unit === "Y") return yearText(1970n + count);
  if (unit === "M") return monthText(1970n + floorDiv(count, 12n), floorMod(count, 12n) + 1n);
  const { seconds, rest, digits } = secondsOf(count, unit);
  const days = floorDiv(seconds, 86_400n);
  if (unit === "D" || unit === "W") return dayText(days);
  const ofDay = seconds - days * 86_400n;
  const clock = [ofDay / 3_600n, (ofDay / 60n) % 60n, ofDay % 60n].map((part) => padded(part, 2));
  const kept = unit === "h" ? 1 : unit === "m" ? 2 : 3;
  const fraction = digits === 0 ? "" : `.${padded(rest, digits)}`;
  return `${dayText(days)}T${clock.slice(0, kept).join(":")}${fraction}`;
}

/** Milliseconds since 1970 of a moment, rounded down; `undefined` for NaT and what a Date cannot hold. */
export function momentMs(count: bigint, unit: string): number | undefined {
  if (count === NAT || unit === "generic") return undefined;
  let ms: bigint;
  if (unit === "Y" || unit === "M") {
    const months = unit === "Y" ? count * 12n : count;
    ms = daysBefore(1970n + floorDiv(months, 12n), floorMod(months, 12n) + 1n) * 86_400_000n;
  } else {
    const { seconds, rest, digits } = secondsOf(count, unit);
    ms = seconds * 1000n + floorDiv(rest * 1000n, 10n ** BigInt(digits));
  }
  const number = Number(ms);
  return Math.abs(number) <= 8.64e15 ? number : undefined;
}

/** A span as pandas prints it, with what a second is divided into only where it is needed: `1 days 02:00:00.5`. */
export function spanText(count: bigint, unit: string): string {
  if (count === NAT) return "NaT";
  const { seconds, rest, digits } = secondsOf(count, unit);
  const days = floorDiv(seconds, 86_400n);
  const ofDay = seconds - days * 86_400n;
  const clock = [ofDay / 3_600n, (ofDay / 60n) % 60n, ofDay % 60n].map((part) => padded(part, 2)).join(":");
  const fraction = rest === 0n ? "" : `.${padded(rest, digits).replace(/0+$/, "")}`;
  return `${days} days ${clock}${fraction}`;
}

function floorDiv(left: bigint, right: bigint): bigint {
  const quotient = left / right;
  return left % right < 0n ? quotient - 1n : quotient;
}

function floorMod(left: bigint, right: bigint): bigint {
  return left - floorDiv(left, right) * right;
}

function padded(part: bigint, digits: number): string {
  return String(part).padStart(digits, "0");
}

function yearText(year: bigint): string {
  return year < 0n ? `-${padded(-year, 4)}` : padded(year, 4);
}

function monthText(year: bigint, month: bigint): string {
  return `${yearText(year)}-${padded(month, 2)}`;
}

// The calendar repeats after 400 years of 146,097 days. Years are taken to begin with March, so that a leap day is the
// last of its year.
const DAYS_OF_ERA = 146_097n;
const DAYS_TO_1970 = 719_468n;

function dayText(days: bigint): string {
  const shifted = days + DAYS_TO_1970;
  const era = floorDiv(shifted, DAYS_OF_ERA);
  const ofEra = shifted - era * DAYS_OF_ERA;
  const yearOfEra = (ofEra - ofEra / 1460n + ofEra / 36_524n - ofEra / 146_096n) / 365n;
  const ofYear = ofEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const fromMarch = (5n * ofYear + 2n) / 153n;
  const month = fromMarch < 10n ? fromMarch + 3n : fromMarch - 9n;
  const year = yearOfEra + era * 400n + (month <= 2n ? 1n : 0n);
  return `${monthText(year, month)}-${padded(ofYear - (153n * fromMarch + 2n) / 5n + 1n, 2)}`;
}

/** The days from 1970 to the first of a month. */
function daysBefore(year: bigint, month: bigint): bigint {
  const shifted = month <= 2n ? year - 1n : year;
  const era = floorDiv(shifted, 400n);
  const yearOfEra = shifted - era * 400n;
  const ofYear = (153n * (month > 2n ? month - 3n : month + 9n) + 2n) / 5n;
  const ofEra = yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + ofYear;
  return era * DAYS_OF_ERA + ofEra - DAYS_TO_1970;
}
