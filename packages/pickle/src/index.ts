// @everdict/pickle: Python pickles as plain data. See the README for the table of types.

import { showOnConsole } from "./show/show-on-console.ts";

export { decode } from "./decode/decode.ts";
export type { DecodeOptions } from "./decode/decode-options.ts";
export { encode } from "./encode/encode.ts";
export type { EncodeOptions } from "./encode/encode-options.ts";
export { decodeKey } from "./keys/decode-key.ts";
export { type EncodeKeyOptions, encodeKey } from "./keys/encode-key.ts";
export { otherKeyForms } from "./keys/key-forms.ts";
export { type KeyPrefix, keyPrefix, type PrefixPart } from "./keys/key-prefix.ts";
export { PyKey } from "./keys/py-key.ts";
export { type DisassembleOptions, disassemble } from "./show/disassemble.ts";
export type { AnyTypedArray } from "./types/array.ts";
export { PyCounter, PyDefaultDict, PyDeque } from "./types/collections.ts";
export { pyEllipsis, pyNotImplemented } from "./types/constants.ts";
export { PyException } from "./types/errors.ts";
export { PyIpAddress, type PyIpClass } from "./types/ip-address.ts";
export { PyComplex, PyDecimal, PyFraction, PyRange, PySlice } from "./types/numbers.ts";
export { type NumpyType, PyNdArray } from "./types/numpy/numpy-array.ts";
export { type NumpyField, type NumpyKind, numpyDtype, PyNumpyDtype } from "./types/numpy/numpy-dtype.ts";
export type { NumpyData } from "./types/numpy/numpy-elements.ts";
export { PyNumpyScalar } from "./types/numpy/numpy-scalar.ts";
export { PyPandasArray } from "./types/pandas/pandas-arrays.ts";
export { type ElementSource, PyColumn } from "./types/pandas/pandas-column.ts";
export { PyDataFrame, PySeries } from "./types/pandas/pandas-frame.ts";
export { PyIndex } from "./types/pandas/pandas-index.ts";
export {
  type PandasUnit,
  PyInterval,
  PyMissing,
  PyNanoTimeDelta,
  PyPeriod,
  PyTimestamp,
  pyNA,
  pyNaT,
} from "./types/pandas/pandas-scalars.ts";
export { PyPath, type PyPathClass } from "./types/path.ts";
export { PyDate, PyDateTime, type PyDateTimeFields, PyTime, type PyTimeFields } from "./types/time/times.ts";
export { PyTimeDelta, PyTimezone } from "./types/time/timezone.ts";
export { PyZoneInfo } from "./types/time/zone-info.ts";
export { PyUuid } from "./types/uuid.ts";
export { type ClassCodec, ClassRegistry, registerClass } from "./values/class-registry.ts";
export { isOrdinaryMap, writtenMapKind } from "./values/map-kinds.ts";
export { PyFloat } from "./values/py-float.ts";
export {
  type PyConstruction,
  PyGlobal,
  PyObject,
  type PyObjectInit,
  PyPersistentId,
} from "./values/py-object.ts";
export {
  DeserializationError,
  type DeserializationErrorDetails,
  SerializationError,
  type SerializationErrorDetails,
} from "./wire/errors.ts";
export type { DecodeLimits } from "./wire/limits.ts";

showOnConsole();
