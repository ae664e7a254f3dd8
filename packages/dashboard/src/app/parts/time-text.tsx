import { relativeTime, zonedTime } from "./times.ts";

interface Options {
  /** Unix seconds; undefined: shown as a dash. */
  readonly seconds: number | undefined;
  /** Default: both, the relative one softer. The other is the title. */
  readonly form?: "both" | "relative" | "zoned" | undefined;
}

/** A time with its zone, and how far it is from now. */
export function TimeText({ seconds, form = "both" }: Options) {
  if (seconds === undefined) return <span class="soft">–</span>;
  const zoned = zonedTime(seconds);
  const relative = relativeTime(seconds);
  const dateTime = new Date(seconds * 1_000);
  return (
    <time
      dateTime={Number.isNaN(dateTime.getTime()) ? undefined : dateTime.toISOString()}
      title={form === "zoned" ? relative : zoned}
    >
      {form !== "relative" && zoned}
      {form === "both" && <span class="soft"> · {relative}</span>}
      {form === "relative" && relative}
    </time>
  );
}
