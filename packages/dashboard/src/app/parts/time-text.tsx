import { relativeTime, zonedTime } from "./times.ts";

interface Options {
  /** Unix seconds; undefined: shown as a dash. */
  readonly seconds: number | undefined;
  /** Whether only how far it is from now is shown, with the time as its title. Default: both. */
  readonly isRelative?: boolean | undefined;
}

/** A time with its zone, and how far it is from now. */
export function TimeText({ seconds, isRelative = false }: Options) {
  if (seconds === undefined) return <span class="soft">–</span>;
  const zoned = zonedTime(seconds);
  const relative = relativeTime(seconds);
  const dateTime = new Date(seconds * 1_000);
  return (
    <time dateTime={Number.isNaN(dateTime.getTime()) ? undefined : dateTime.toISOString()} title={zoned}>
      {isRelative ? relative : zoned}
      {!isRelative && <span class="soft"> · {relative}</span>}
    </time>
  );
}
