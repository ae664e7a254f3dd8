// @everdict/pickle: Python pickles as plain data. See the README for the table of types.

import { showOnConsole } from "./show-on-console.ts";

export { type ClassCodec, ClassRegistry, registerClass } from "./class-registry.ts";
export { decode } from "./decode.ts";
export { decodeKey } from "./decode-key.ts";
export type { DecodeOptions } from "./decoder.ts";
export { type DisassembleOptions, disassemble } from "./disassemble.ts";
export { encode } from "./encode.ts";
export { type EncodeKeyOptions, encodeKey } from "./encode-key.ts";
export type { EncodeOptions } from "./encode-options.ts";
export {
  DeserializationError,
  type DeserializationErrorDetails,
  SerializationError,
  type SerializationErrorDetails,
} from "./errors.ts";
export { otherKeyForms } from "./key-forms.ts";
export type { DecodeLimits } from "./limits.ts";
export { isOrdinaryMap, writtenMapKind } from "./map-kinds.ts";
export { PyFloat } from "./py-float.ts";
export { PyKey } from "./py-key.ts";
export { type PyConstruction, PyGlobal, PyObject, type PyObjectInit, PyPersistentId } from "./py-object.ts";
export type { AnyTypedArray } from "./types/array.ts";
export { PyCounter, PyDefaultDict, PyDeque } from "./types/collections.ts";
export { pyEllipsis, pyNotImplemented } from "./types/constants.ts";
export { PyException } from "./types/errors.ts";
export { PyIpAddress, type PyIpClass } from "./types/ip-address.ts";
export { PyComplex, PyDecimal, PyFraction, PyRange, PySlice } from "./types/numbers.ts";
export { type NumpyType, PyNdArray } from "./types/numpy-array.ts";
export { type NumpyField, type NumpyKind, numpyDtype, PyNumpyDtype } from "./types/numpy-dtype.ts";
export type { NumpyData } from "./types/numpy-elements.ts";
export { PyNumpyScalar } from "./types/numpy-scalar.ts";
export { PyPandasArray } from "./types/pandas-arrays.ts";
export { type ElementSource, PyColumn } from "./types/pandas-column.ts";
export { PyDataFrame, PySeries } from "./types/pandas-frame.ts";
export { PyIndex } from "./types/pandas-index.ts";
export {
  type PandasUnit,
  PyInterval,
  PyMissing,
  PyNanoTimeDelta,
  PyPeriod,
  PyTimestamp,
  pyNA,
  pyNaT,
} from "./types/pandas-scalars.ts";
export { PyPath, type PyPathClass } from "./types/path.ts";
export { PyDate, PyDateTime, type PyDateTimeFields, PyTime, type PyTimeFields } from "./types/times.ts";
export { PyTimeDelta, PyTimezone } from "./types/timezone.ts";
export { PyUuid } from "./types/uuid.ts";
export { PyZoneInfo } from "./types/zone-info.ts";

showOnConsole();
