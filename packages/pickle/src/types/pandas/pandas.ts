// The arrays, indices, series and frames of pandas as rows of the table of types. They are views, and are written as
// the object that they show.

import type { PyObject } from "../../values/py-object.ts";
import type { TypeRule } from "../type-rule.ts";
import { arrayReaders, PyPandasArray } from "./pandas-arrays.ts";
import { PyColumn } from "./pandas-column.ts";
import { frameReaders, PyDataFrame, PySeries } from "./pandas-frame.ts";
import { indexReaders, PyIndex } from "./pandas-index.ts";
import { originOf } from "./pandas-origin.ts";
import { pandasScalarRules } from "./pandas-scalars.ts";

const asItIs = (object: PyObject): object => object;

/** What views are made of: classes that are known, though they have no JavaScript counterpart of their own. */
const parts: readonly string[] = [
  "pandas.core.internals.managers.BlockManager",
  "pandas.core.internals.managers.SingleBlockManager",
  "pandas._libs.internals._unpickle_block",
  "pyarrow.lib._restore_array",
  "pyarrow.lib.chunked_array",
  "pyarrow.lib.py_buffer",
  "pyarrow.lib.type_for_alias",
  ..."Day Hour Minute Second Milli Micro Nano Week BusinessDay BusinessHour MonthEnd MonthBegin BusinessMonthEnd QuarterEnd QuarterBegin YearEnd YearBegin"
    .split(" ")
    .map((name) => `pandas._libs.tslibs.offsets.${name}`),
  ...[
    "DatetimeTZDtype",
    "CategoricalDtype",
    "PeriodDtype",
    "StringDtype",
    "ArrowDtype",
    "IntervalDtype",
    "BooleanDtype",
    ...["8", "16", "32", "64"].flatMap((bits) => [`Int${bits}Dtype`, `UInt${bits}Dtype`]),
    "Float32Dtype",
    "Float64Dtype",
  ].flatMap((name) => [
    `pandas.${name}`,
    ...["dtypes.dtypes", "arrays.string_", "arrays.integer", "arrays.floating", "arrays.boolean"].map(
      (module) => `pandas.core.${module}.${name}`,
    ),
  ]),
];

/** What pandas writes. */
export const pandasRules: readonly TypeRule[] = [
  ...pandasScalarRules,
  {
    typescript: "`PyIndex`, `PySeries`, `PyDataFrame`",
    python: "`pandas` indices, `Series`, `DataFrame`",
    note: "read only: columns with `name`, `dtype` and `at(index)`, labels in `index`; of pandas 1.5 to 3. A column of what is not known here, such as a sparse one, has `undefined` for elements; such a series stays a `PyObject`",
    classes: [PyColumn, PyIndex, PySeries, PyDataFrame],
    unhashable: true,
    reduce: originOf,
    completed: { ...indexReaders, ...frameReaders },
    costBytes: 800,
  },
  {
    typescript: "`PyPandasArray`",
    python: "`Categorical` and other arrays of pandas",
    note: "read only: categories, moments with a zone, spans, periods, texts, numbers that may be missing, arrays of pyarrow",
    classes: [PyPandasArray],
    unhashable: true,
    reduce: originOf,
    completed: { ...arrayReaders, ...Object.fromEntries(parts.map((name) => [name, asItIs])) },
    costBytes: 800,
  },
];
