import type { Dict } from "./dict.ts";
import { DictObjects as DictObjectsOf } from "./dict-objects.ts";

export {
  type AnyTypedArray,
  type ClassCodec,
  ClassRegistry,
  type DecodeLimits,
  type DecodeOptions,
  type DisassembleOptions,
  decode,
  decodeKey,
  disassemble,
  type ElementSource,
  type EncodeKeyOptions,
  type EncodeOptions,
  encode,
  encodeKey,
  type NumpyData,
  type NumpyField,
  type NumpyKind,
  type NumpyType,
  numpyDtype,
  type PandasUnit,
  PyColumn,
  PyComplex,
  type PyConstruction,
  PyCounter,
  PyDataFrame,
  PyDate,
  PyDateTime,
  type PyDateTimeFields,
  PyDecimal,
  PyDefaultDict,
  PyDeque,
  PyException,
  PyFloat,
  PyFraction,
  PyGlobal,
  PyIndex,
  PyInterval,
  PyIpAddress,
  type PyIpClass,
  PyKey,
  PyMissing,
  PyNanoTimeDelta,
  PyNdArray,
  PyNumpyDtype,
  PyNumpyScalar,
  PyObject,
  type PyObjectInit,
  PyPandasArray,
  PyPath,
  type PyPathClass,
  PyPeriod,
  PyPersistentId,
  PyRange,
  PySeries,
  PySlice,
  PyTime,
  PyTimeDelta,
  type PyTimeFields,
  PyTimestamp,
  PyTimezone,
  PyUuid,
  PyZoneInfo,
  pyEllipsis,
  pyNA,
  pyNaT,
  pyNotImplemented,
  registerClass,
} from "@everdict/pickle";
export {
  AlreadyExistsError,
  AuthError,
  DeserializationError,
  type DictService,
  type Durability,
  type ErrorCode,
  type ErrorRule,
  EverdictError,
  type ExpiryPolicy,
  errorTable,
  InvalidError,
  KeyError,
  NotFoundError,
  PermissionDeniedError,
  RequestSizeError,
  type RetryRule,
  SerializationError,
  ServiceError,
} from "@everdict/protocol";
export { Client, type CloseOptions, type ConnectOptions, type ServiceOptions } from "./client.ts";
export type { CodecOptions } from "./codec-options.ts";
export { Dict } from "./dict.ts";
export type { DictEntries, DictSource, EntriesObject } from "./dict-entries.ts";
export type { DictKey } from "./dict-key.ts";
export type {
  CreateDictOptions,
  DeleteDictOptions,
  DictLocation,
  ListDictsOptions,
} from "./dict-objects.ts";
export {
  type DictDescription,
  type FromNameOptions,
  type NewDictOptions,
  noDefault,
  type PutOptions,
} from "./dict-options.ts";
export { type Environment, type EnvironmentChange, Environments } from "./environments.ts";
export type { IterationOptions, OnUndecodable } from "./iteration-options.ts";
export type { RequestOptions } from "./request-options.ts";

/** Management of named dictionaries. Obtained as {@link Dict.objects}. */
export type DictObjects = DictObjectsOf<Dict>;
/** The class of {@link Dict.objects}, which a program does not make. */
export const DictObjects: typeof DictObjectsOf = DictObjectsOf;
