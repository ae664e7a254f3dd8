/**
 * How the codec's types for what only Python has are shown: by the name of the Python class, and either a text or the
 * parts they consist of.
 */

import {
  PyComplex,
  PyDate,
  PyDateTime,
  PyDecimal,
  PyDeque,
  PyException,
  PyFraction,
  PyNdArray,
  PyNumpyScalar,
  PyPath,
  PyRange,
  PySlice,
  PyTime,
  PyTimeDelta,
  PyTimezone,
  PyUuid,
  PyZoneInfo,
} from "@everdict/pickle";

/** What is shown of a value. */
export interface PythonForm {
  /** The Python class, `decimal.Decimal`. */
  readonly class: string;
  /** The value in a word. */
  readonly text?: string;
  /** What else there is to say about the parts, such as their type. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** What it consists of. */
  readonly items?: Iterable<unknown>;
}

type Class = abstract new (...args: never[]) => object;

/** Classes whose instances say it all as text. A class stands before those it extends. */
const shownAsText: readonly (readonly [type: Class, name: string])[] = [
  [PyDateTime, "datetime.datetime"],
  [PyTime, "datetime.time"],
  [PyDate, "datetime.date"],
  [PyTimeDelta, "datetime.timedelta"],
  [PyTimezone, "datetime.timezone"],
  [PyZoneInfo, "zoneinfo.ZoneInfo"],
  [PyDecimal, "decimal.Decimal"],
  [PyFraction, "fractions.Fraction"],
  [PyComplex, "builtins.complex"],
  [PyRange, "builtins.range"],
  [PyUuid, "uuid.UUID"],
  [RegExp, "re.Pattern"],
  [URL, "urllib.parse.ParseResult"],
];

/** How a value of the codec's own types is shown, or undefined if it is of none. */
export function pythonForm(value: object): PythonForm | undefined {
  const [, name] = shownAsText.find(([type]) => value instanceof type) ?? [];
  if (name !== undefined) return { class: name, text: String(value) };
  if (value instanceof PyPath) return { class: `pathlib.${value.className}`, text: String(value) };
  if (value instanceof PyNumpyScalar) return { class: `numpy.${value.dtype}`, text: String(value) };
  if (value instanceof PyException) return { class: `builtins.${value.name}`, items: value.args };
  if (value instanceof Error) return { class: value.name, text: value.message };
  if (value instanceof PyDeque) return { class: "collections.deque", items: value.items };
  if (value instanceof PySlice)
    return { class: "builtins.slice", items: [value.start, value.stop, value.step] };
  if (value instanceof PyNdArray) {
    const { dtype, shape, order, data } = value;
    return { class: "numpy.ndarray", facts: { dtype, shape, order }, items: data };
  }
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) {
    return { class: "array.array", items: value as unknown as Iterable<unknown> };
  }
  return undefined;
}
