/**
 * How values of types that only Python has are shown: by the name of the Python class, and either a text or the parts
 * of the value.
 */

import { PyDeque } from "../types/collections.ts";
import { PyException } from "../types/errors.ts";
import { PyIpAddress } from "../types/ip-address.ts";
import { PyComplex, PyDecimal, PyFraction, PyRange, PySlice } from "../types/numbers.ts";
import { PyNdArray } from "../types/numpy/numpy-array.ts";
import { PyNumpyDtype } from "../types/numpy/numpy-dtype.ts";
import { PyNumpyScalar } from "../types/numpy/numpy-scalar.ts";
import { PyColumn } from "../types/pandas/pandas-column.ts";
import { PyDataFrame, PySeries } from "../types/pandas/pandas-frame.ts";
import { PyIndex } from "../types/pandas/pandas-index.ts";
import { PyInterval, PyNanoTimeDelta, PyPeriod, PyTimestamp } from "../types/pandas/pandas-scalars.ts";
import { PyPath } from "../types/path.ts";
import { PyDate, PyDateTime, PyTime } from "../types/time/times.ts";
import { PyTimeDelta, PyTimezone } from "../types/time/timezone.ts";
import { PyZoneInfo } from "../types/time/zone-info.ts";
import { PyUuid } from "../types/uuid.ts";

/** What is shown of a value. */
export interface PythonForm {
  /** The Python class, `decimal.Decimal`. */
  readonly class: string;
  /** The value in a word. */
  readonly text?: string;
  /** More about the parts, such as their type. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** What it consists of. */
  readonly items?: Iterable<unknown>;
}

type Class = abstract new (...args: never[]) => object;

/** Classes whose instances are fully shown as text. A class stands before the classes that it extends. */
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
  [PyTimestamp, "pandas.Timestamp"],
  [PyNanoTimeDelta, "pandas.Timedelta"],
  [PyPeriod, "pandas.Period"],
  [PyInterval, "pandas.Interval"],
  [PyNumpyDtype, "numpy.dtype"],
  [RegExp, "re.Pattern"],
  [URL, "urllib.parse.ParseResult"],
];

/** How a value of the codec's own types is shown, or undefined if it is of none. */
export function pythonForm(value: object): PythonForm | undefined {
  const [, name] = shownAsText.find(([type]) => value instanceof type) ?? [];
  if (name !== undefined) return { class: name, text: String(value) };
  if (value instanceof PyPath) return { class: `pathlib.${value.className}`, text: String(value) };
  if (value instanceof PyIpAddress) return { class: `ipaddress.${value.className}`, text: String(value) };
  if (value instanceof PyNumpyScalar) return { class: `numpy.${value.dtype}`, text: String(value) };
  if (value instanceof PyException) return { class: `builtins.${value.name}`, items: value.args };
  if (value instanceof Error) return { class: value.name, text: value.message };
  if (value instanceof PyDeque) return { class: "collections.deque", items: value.items };
  if (value instanceof PySlice)
    return { class: "builtins.slice", items: [value.start, value.stop, value.step] };
  if (value instanceof PyNdArray) {
    const { dtype, shape, order } = value;
    return { class: "numpy.ndarray", facts: { dtype, shape, order }, items: value };
  }
  if (value instanceof PyColumn || value instanceof PyDataFrame) return pandasForm(value);
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) {
    return { class: "array.array", items: value as unknown as Iterable<unknown> };
  }
  return undefined;
}

/** A frame by its rows, all else of pandas by its elements; with dtypes and labels. */
function pandasForm(value: PyColumn | PyDataFrame): PythonForm {
  if (value instanceof PyDataFrame) {
    const { columns, dtypes, index } = value;
    const facts = { columns: [...columns], dtypes, index: labelsOf(index) };
    return { class: "pandas.DataFrame", facts, items: rowsOf(value) };
  }
  const { dtype, name } = value;
  if (value instanceof PySeries)
    return { class: "pandas.Series", facts: { name, dtype, index: labelsOf(value.index) }, items: value };
  if (!(value instanceof PyIndex)) return { class: "pandas.array", facts: { dtype }, items: value };
  const { className, range, names } = value;
  if (range === undefined) return { class: `pandas.${className}`, facts: { names, dtype }, items: value };
  return { class: "pandas.RangeIndex", text: range.join(", ") };
}

// A range takes no room, however long it is.
function labelsOf(index: PyIndex): unknown {
  return index.range === undefined ? [...index] : index.toJSON();
}

function* rowsOf(frame: PyDataFrame): Iterable<unknown> {
  const [rows, columns] = frame.shape;
  if (columns === 0) return;
  for (let at = 0; at < rows; at++)
    yield Array.from({ length: columns }, (_, place) => frame.columnAt(place)?.at(at));
}
