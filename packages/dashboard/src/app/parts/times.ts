const units = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How far a time is from now, in words: `3 minutes ago`, `in 2 days`. */
export function relativeTime(seconds: number, nowSeconds = Date.now() / 1_000): string {
  const away = seconds - nowSeconds;
  if (!Number.isFinite(away)) return "never";
  const [unit, length] = units.find(([, each]) => Math.abs(away) >= each) ?? ["second", 1];
  return relative.format(Math.trunc(away / length), unit);
}

const zoned = new Intl.DateTimeFormat("sv-SE", {
  dateStyle: "short",
  timeStyle: "medium",
});
const zone = new Intl.DateTimeFormat("en", { timeZoneName: "short" });

/** A time with its zone, such as `2026-03-01 14:05:09 GMT+1`. */
export function zonedTime(seconds: number): string {
  const date = new Date(seconds * 1_000);
  if (Number.isNaN(date.getTime())) return `${seconds} s`;
  const name = zone.formatToParts(date).find((each) => each.type === "timeZoneName")?.value ?? "";
  return `${zoned.format(date)} ${name}`;
}

/** A length of time in its two largest units: `1 d 4 h`, `250 ms`. */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1_000).toPrecision(3))} ms`;
  if (seconds < 60) return `${Number(seconds.toPrecision(3))} s`;
  const [days, hours, minutes, rest] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    Math.floor(seconds) % 60,
  ];
  const parts = [`${days} d`, `${hours} h`, `${minutes} min`, `${rest} s`];
  const from = parts.findIndex((each) => !each.startsWith("0 "));
  return parts
    .slice(from, from + 2)
    .filter((each) => !each.startsWith("0 "))
    .join(" ");
}
