// The moments, spans, periods and intervals of pandas. A moment is a count of a unit since 1970 in UTC, with or without
// a zone. pandas writes `_unpickle_timestamp(count, freq, zone, unit)` and `_timedelta_unpickle(count, unit)`, with a
// number for the unit, which old versions leave out.

import { PyGlobal, PyObject } from "../../values/py-object.ts";
import { inspectHook, printable } from "../../values/shown.ts";
import { momentMs, momentText, NAT, spanText } from "../time/date-text.ts";
import { offsetText } from "../time/timezone.ts";
import { offsetAtMoment, zoneFacts } from "../time/zone-offset.ts";
import { isInteger, pyCall, pyInteger, type TypeRule } from "../type-rule.ts";
import { knownOrigin, withOrigin } from "./pandas-origin.ts";

/** What pandas counts moments and spans in. */
export type PandasUnit = "s" | "ms" | "us" | "ns";

const units: readonly PandasUnit[] = ["s", "ms", "us", "ns"];
/** numpy's number for seconds; those for the finer units follow. */
const SECONDS_NUMBER = 7;

const timestamp = new PyGlobal("pandas._libs.tslibs.timestamps", "_unpickle_timestamp");
const timedelta = new PyGlobal("pandas._libs.tslibs.timedeltas", "_timedelta_unpickle");
const interval = new PyGlobal("pandas._libs.interval", "Interval");

/** A pandas `Timestamp`: a moment to the nanosecond, in a zone or, without one, in no particular place. */
export class PyTimestamp {
  /** Units since 1970, in UTC if there is a zone. */
  readonly value: bigint;
  /** What is counted. */
  readonly unit: PandasUnit;
  /** `PyZoneInfo`, `PyTimezone`, or a placeholder for another `tzinfo`; `undefined` for a naive one. */
  readonly zone: unknown;

  constructor(value: bigint, unit: PandasUnit = "ns", zone?: unknown) {
    this.value = value;
    this.unit = unit;
    this.zone = zone ?? undefined;
  }

  /** The moment to the millisecond, a naive one taken for UTC; `undefined` for what a Date cannot hold. */
  toDate(): Date | undefined {
    const ms = momentMs(this.value, this.unit);
    return ms === undefined ? undefined : new Date(ms);
  }

  /** In ISO 8601, with offset and zone: `2024-02-29T12:00:00.123456789+01:00[Europe/Berlin]`. */
  toString(): string {
    const { value, unit, zone } = this;
    if (zone === undefined) return clockText(value, unit);
    const ms = momentMs(value, unit);
    const offsetUs = ms === undefined ? undefined : offsetAtMoment(zone, ms);
    const { id } = zoneFacts(zone);
    const shown = id === undefined ? "" : `[${id}]`;
    if (offsetUs === undefined) return `${clockText(value, unit)}Z${shown}`;
    const perSecond = 10n ** BigInt(3 * units.indexOf(unit));
    const local = value + (BigInt(Math.round(offsetUs)) * perSecond) / 1_000_000n;
    return `${clockText(local, unit)}${offsetText(offsetUs)}${shown}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspectHook](): string {
    return `PyTimestamp ${printable(this.toString())}`;
  }
}

// To the second, or in groups of three digits.
function clockText(value: bigint, unit: PandasUnit): string {
  return (momentText(value, unit) ?? "NaT").replace(/\.?(?:000)+$/, "");
}

/** A pandas `Timedelta`: a span to the nanosecond. */
export class PyNanoTimeDelta {
  /** How many units. */
  readonly value: bigint;
  /** What is counted. */
  readonly unit: PandasUnit;

  constructor(value: bigint, unit: PandasUnit = "ns") {
    this.value = value;
    this.unit = unit;
  }

  /** The span in milliseconds. */
  toMs(): number {
    return (Number(this.value) * 1000) / 10 ** (3 * units.indexOf(this.unit));
  }

  /** As pandas has it: `1 days 02:00:00.5`. */
  toString(): string {
    return spanText(this.value, this.unit);
  }

  toJSON(): string {
    return this.toString();
  }

  [inspectHook](): string {
    return `PyNanoTimeDelta ${this}`;
  }
}

/** A value that is missing: {@link pyNaT} or {@link pyNA}. */
export class PyMissing extends PyGlobal {
  override toString(): string {
    return this.name;
  }

  override toJSON(): null {
    return null;
  }

  [inspectHook](): string {
    return this.toString();
  }
}

/** pandas' `NaT`, a moment or span that is missing; decoding gives this very object. */
export const pyNaT = new PyMissing("pandas", "NaT");

/** pandas' `NA`, a value that is missing; decoding gives this very object. */
export const pyNA = new PyMissing("pandas", "NA");

/** The moment that a count stands for. */
export function momentOf(count: bigint, unit: string, zone?: unknown): PyTimestamp | PyMissing {
  return count === NAT ? pyNaT : new PyTimestamp(count, unit as PandasUnit, zone);
}

/** The span that a count stands for. */
export function spanOf(count: bigint, unit: string): PyNanoTimeDelta | PyMissing {
  return count === NAT ? pyNaT : new PyNanoTimeDelta(count, unit as PandasUnit);
}

/** A pandas `Period`, such as a month. Read only, and written back as it came. */
export class PyPeriod {
  /** How many periods since the one that 1970 begins with. */
  readonly ordinal: number;
  /** The class of its frequency, such as `MonthEnd`, or a text such as `M`. */
  readonly frequency: string;

  constructor(ordinal: number, frequency: string) {
    this.ordinal = ordinal;
    this.frequency = frequency;
  }

  /** Years, quarters, months and shorter ones as their beginning: `2024-02`; others by their number. */
  toString(): string {
    const { ordinal, frequency } = this;
    if (/^(QuarterEnd|Q)/.test(frequency))
      return `${1970 + Math.floor(ordinal / 4)}Q${(((ordinal % 4) + 4) % 4) + 1}`;
    const unit = unitsOfPeriods.find(([pattern]) => pattern.test(frequency))?.[1];
    return unit === undefined ? `${ordinal} ${frequency}` : (momentText(BigInt(ordinal), unit) as string);
  }

  toJSON(): string {
    return this.toString();
  }

  [inspectHook](): string {
    return `PyPeriod ${printable(this.toString())}`;
  }
}

const unitsOfPeriods: readonly (readonly [pattern: RegExp, unit: string])[] = [
  [/^(YearEnd|[AY](-|$))/, "Y"],
  [/^(MonthEnd|M$|ME$)/, "M"],
  [/^(Day|D)$/, "D"],
  [/^(Hour|[hH])$/, "h"],
  [/^(Minute|min|T)$/, "m"],
  [/^(Second|[sS])$/, "s"],
  [/^(Milli|ms|L)$/, "ms"],
  [/^(Micro|us|U)$/, "us"],
  [/^(Nano|ns|N)$/, "ns"],
];

/** A pandas `Interval`. */
export class PyInterval {
  /** Where it begins and ends: numbers, moments or spans. */
  readonly left: unknown;
  readonly right: unknown;
  /** Which ends belong to it. */
  readonly closed: "left" | "right" | "both" | "neither";

  constructor(left: unknown, right: unknown, closed: "left" | "right" | "both" | "neither" = "right") {
    this.left = left;
    this.right = right;
    this.closed = closed;
  }

  toString(): string {
    const { left, right, closed } = this;
    const [begin, end] = [closed === "left" || closed === "both", closed === "right" || closed === "both"];
    return `${begin ? "[" : "("}${left}, ${right}${end ? "]" : ")"}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspectHook](): string {
    return `PyInterval ${printable(this.toString())}`;
  }
}

function unitOf(number: unknown): PandasUnit | undefined {
  return number === undefined ? "ns" : units[(number as number) - SECONDS_NUMBER];
}

function isCount(value: unknown): value is number | bigint {
  return isInteger(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value) && BigInt(value) !== NAT;
}

function readTimestamp(args: readonly unknown[]): PyTimestamp | undefined {
  const [count, frequency, zone, number] = args;
  const unit = unitOf(number);
  if (args.length > 4 || !isCount(count) || frequency !== null || unit === undefined) return undefined;
  return withOrigin(new PyTimestamp(BigInt(count), unit, zone), new PyObject({ callable: timestamp, args }));
}

function readTimedelta(args: readonly unknown[]): PyNanoTimeDelta | undefined {
  const [count, number] = args;
  const unit = unitOf(number);
  if (args.length > 2 || !isCount(count) || unit === undefined) return undefined;
  return withOrigin(new PyNanoTimeDelta(BigInt(count), unit), new PyObject({ callable: timedelta, args }));
}

/** The name of an offset's class, which is what a period is measured in; of several at once none is known. */
export function frequencyOf(offset: unknown): string | undefined {
  if (typeof offset === "string") return offset.slice(0, 40);
  const isOffset =
    offset instanceof PyObject && offset.module?.startsWith("pandas") && (offset.args[0] ?? 1) === 1;
  return isOffset ? offset.name : undefined;
}

function readPeriod(name: string): (args: readonly unknown[]) => PyPeriod | undefined {
  return (args) => {
    const [value, offset, ordinal, ...more] = args;
    const frequency = frequencyOf(offset);
    if (value !== null || frequency === undefined || !Number.isSafeInteger(ordinal) || more.length > 0)
      return undefined;
    const callable = new PyGlobal(name.slice(0, -".Period".length), "Period");
    return withOrigin(new PyPeriod(ordinal as number, frequency), new PyObject({ callable, args }));
  };
}

function readInterval(args: readonly unknown[]): PyInterval | undefined {
  const [left, right, closed] = args;
  const isClosed = closed === "left" || closed === "right" || closed === "both" || closed === "neither";
  if (args.length !== 3 || !isClosed) return undefined;
  return withOrigin(new PyInterval(left, right, closed), new PyObject({ callable: interval, args }));
}

const readNaT = ([value, ...more]: readonly unknown[]): unknown =>
  value === null && more.length === 0 ? pyNaT : undefined;
const periods = ["pandas._libs.tslibs.period.Period", "pandas.Period"];

/** `PyTimestamp`, `PyNanoTimeDelta` and what is missing. */
export const pandasScalarRules: readonly TypeRule[] = [
  {
    typescript: "`PyTimestamp`",
    python: "`pandas.Timestamp`",
    note: "`value` is the count of its `unit`, down to nanoseconds, with its `zone`",
    classes: [PyTimestamp],
    reduce: (moment: PyTimestamp) =>
      knownOrigin(moment) ??
      pyCall(
        timestamp,
        pyInteger(moment.value),
        null,
        moment.zone ?? null,
        SECONDS_NUMBER + units.indexOf(moment.unit),
      ),
    calls: { "pandas._libs.tslibs.timestamps._unpickle_timestamp": readTimestamp },
  },
  {
    typescript: "`PyNanoTimeDelta`",
    python: "`pandas.Timedelta`",
    classes: [PyNanoTimeDelta],
    reduce: (span: PyNanoTimeDelta) =>
      knownOrigin(span) ??
      pyCall(timedelta, pyInteger(span.value), SECONDS_NUMBER + units.indexOf(span.unit)),
    calls: { "pandas._libs.tslibs.timedeltas._timedelta_unpickle": readTimedelta },
  },
  {
    typescript: "`pyNaT`, `pyNA`",
    python: "`pandas.NaT`, `pandas.NA`",
    note: "`null` in JSON",
    calls: {
      "pandas._libs.tslibs.nattype.__nat_unpickle": readNaT,
      "pandas._libs.tslibs.nattype._nat_unpickle": readNaT,
    },
    globals: { "pandas.NaT": pyNaT, "pandas.NA": pyNA, "pandas._libs.missing.NA": pyNA },
  },
  {
    typescript: "`PyPeriod`, `PyInterval`",
    python: "`pandas.Period`, `pandas.Interval`",
    note: "a `PyPeriod` is read only",
    classes: [PyPeriod, PyInterval],
    reduce: (value: PyPeriod | PyInterval) => {
      const origin = knownOrigin(value);
      if (origin !== undefined) return origin;
      if (value instanceof PyPeriod) throw new TypeError("a PyPeriod cannot be written unless it was read");
      return pyCall(interval, value.left, value.right, value.closed);
    },
    calls: {
      ...Object.fromEntries(periods.map((name) => [name, readPeriod(name)])),
      "pandas._libs.interval.Interval": readInterval,
      "pandas.Interval": readInterval,
    },
  },
];
