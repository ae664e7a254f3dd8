/**
 * When a day and a time of day are in UTC, in milliseconds since 1970. A year below 100 is that year, not one of the
 * last century as `Date.UTC` has it. What is out of range is carried over; NaN if anything is no number.
 */
export function utcTimeMs(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  ms = 0,
): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, ms);
}
