/** Formats a moment for people: local time, `YYYY-MM-DD HH:MM:SS ±HH:MM`. For programs use `toISOString()`. */
export function formatLocalTime(time: Date): string {
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(pad).join("-");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(pad).join(":");
  const offsetMinutes = -time.getTimezoneOffset();
  const offset = [Math.trunc(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60].map(pad).join(":");
  return `${date} ${clock} ${offsetMinutes < 0 ? "-" : "+"}${offset}`;
}

function pad(part: number): string {
  return String(part).padStart(2, "0");
}
