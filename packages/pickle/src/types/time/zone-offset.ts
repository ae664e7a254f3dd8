// What a time zone is, whatever class Python had it in: a fixed offset, or a name of the IANA database, whose rules the
// platform knows (Intl). Offsets are whole microseconds ahead of UTC, as Python has them.

import { PyObject } from "../../values/py-object.ts";
import { microsecondsOf, PyTimeDelta, PyTimezone } from "./timezone.ts";
import { utcTimeMs } from "./utc-time-ms.ts";
import { PyZoneInfo } from "./zone-info.ts";

/** A zone by its name, its offset, or both: then the name is for people, and the offset what the writer took. */
interface ZoneFacts {
  readonly id?: string | undefined;
  readonly offsetUs?: number | undefined;
}

const MINUTE_US = 60_000_000;
const DAY_MS = 86_400_000;
const nothing: ZoneFacts = {};
/** Names come from pickles, which may spell one in many ways; what the platform keeps for each takes some 50 KB. */
const FORMATS_MAX = 64;

/** What a `tzinfo` is; without a name and an offset if its class is not known. */
export function zoneFacts(zone: unknown): ZoneFacts {
  if (zone instanceof PyTimezone) return { offsetUs: microsecondsOf(zone.offset) };
  if (zone instanceof PyZoneInfo) return { id: zone.key };
  return zone instanceof PyObject ? foreignFacts(zone) : nothing;
}

// pytz writes the name and the offset that it chose; dateutil the file of the zone, and from 2.7 on its name.
function foreignFacts({ module, name, args, state }: PyObject): ZoneFacts {
  const called = `${module}.${name}`;
  const [first, second] = args;
  if (/^(pytz\._UTC|dateutil\.tz\.tz\.tzutc)$/.test(called)) return { id: "UTC", offsetUs: 0 };
  if (called === "pytz._p" && typeof first === "string")
    return { id: first, offsetUs: isSeconds(second) ? second * 1_000_000 : undefined };
  if (/^pytz\._?FixedOffset$/.test(called) && isSeconds(first)) return { offsetUs: first * MINUTE_US };
  if (called === "dateutil.tz.tz.tzoffset") {
    const offset = second ?? (state as { _offset?: unknown } | null | undefined)?._offset;
    return offset instanceof PyTimeDelta ? { offsetUs: microsecondsOf(offset) } : nothing;
  }
  if (!/^dateutil\.tz\.(tz\.tzfile|_tzfile\._unpickle)$/.test(called)) return nothing;
  const names = args.map((part) =>
    typeof part === "string" ? /(?:^|\/zoneinfo\/)([^/].*)$/.exec(part) : null,
  );
  return { id: names.find((found) => found !== null)?.[1] };
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && Math.abs(value as number) < 86_400;
}

/**
 * The offset at a local time, in microseconds, or `undefined` if it is not known. Of two equal local times, when clocks are
 * set back, `fold` 1 is the second; one that is left out, when they are set forward, is taken with the offset before (fold
 * 0) or after, as Python does.
 *
 * @param localMs the local time as if it were UTC
 */
export function offsetAt(zone: unknown, localMs: number, fold: 0 | 1): number | undefined {
  const { id, offsetUs } = zoneFacts(zone);
  if (offsetUs !== undefined || id === undefined) return offsetUs;
  const before = platformOffsetMs(id, localMs - DAY_MS);
  const after = platformOffsetMs(id, localMs + DAY_MS);
  if (before === undefined || after === undefined) return undefined;
  const preferred = fold === 0 ? [before, after] : [after, before];
  const found = preferred.find((offsetMs) => platformOffsetMs(id, localMs - offsetMs) === offsetMs);
  return (found ?? (preferred[0] as number)) * 1000;
}

/** The offset at a moment, in microseconds, or `undefined` if it is not known. A name counts for more than an offset. */
export function offsetAtMoment(zone: unknown, utcMs: number): number | undefined {
  const { id, offsetUs } = zoneFacts(zone);
  const offsetMs = id === undefined ? undefined : platformOffsetMs(id, utcMs);
  return offsetMs === undefined ? offsetUs : offsetMs * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

function formatOf(id: string): Intl.DateTimeFormat | undefined {
  if (formats.has(id)) return formats.get(id);
  let format: Intl.DateTimeFormat | undefined;
  const two = "2-digit";
  const parts = { month: two, day: two, hour: two, minute: two, second: two, hourCycle: "h23" } as const;
  try {
    format = new Intl.DateTimeFormat("en-u-ca-gregory", {
      timeZone: id,
      year: "numeric",
      era: "short",
      ...parts,
    });
  } catch {
    // The platform does not know the zone.
  }
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(id, format);
  return format;
}

/** What the platform says a zone is ahead of UTC at a moment, to the second. */
function platformOffsetMs(id: string, utcMs: number): number | undefined {
  const format = formatOf(id);
  if (format === undefined) return undefined;
  const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  const isBefore = /^B/.test(parts.get("era") ?? "");
  const year = isBefore ? 1 - part("year") : part("year");
  const localMs = utcTimeMs(year, part("month"), part("day"), part("hour"), part("minute"), part("second"));
  return localMs - Math.floor(utcMs / 1000) * 1000;
}
