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
  type DictChange,
  type DictService,
  type DictStats,
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
  type Role,
  SerializationError,
  ServiceError,
  type TimeToLiveMs,
  type Version,
} from "@everdict/protocol";
export { Client, type CloseOptions, type ConnectOptions, type ServiceOptions } from "./client.ts";
export type { CodecOptions } from "./codec-options.ts";
export type { Cursor } from "./cursor-text.ts";
export { Dict } from "./dict.ts";
export type { DictPage } from "./dict-bulk.ts";
export type { DictEntries, DictSource, EntriesObject } from "./dict-entries.ts";
export type { DictKey, DictPrefix } from "./dict-key.ts";
export type {
  CreateDictOptions,
  DeleteDictOptions,
  DictLocation,
  ListDictsOptions,
} from "./dict-objects.ts";
export {
  type DictDescription,
  type DictEntry,
  type FromNameOptions,
  type IncrementOptions,
  type ModifyOptions,
  type NewDictOptions,
  noDefault,
  type PageOptions,
  type PutOptions,
  type RemoveManyOptions,
  type RemoveOptions,
  type TimeToLiveOptions,
  type TouchOptions,
  type UpdateOptions,
} from "./dict-options.ts";
export { type Environment, type EnvironmentChange, Environments } from "./environments.ts";
export type { Feature } from "./features.ts";
export type { IterationOptions, OnUndecodable } from "./iteration-options.ts";
export { type Modification, removed } from "./modify.ts";
export type { RequestOptions } from "./request-options.ts";
export {
  Transaction,
  type TransactionChange,
  type TransactionCommitted,
  type TransactionRefused,
  type TransactionResult,
} from "./transaction.ts";

/** Management of named dictionaries. Obtained as {@link Dict.objects}. */
export type DictObjects = DictObjectsOf<Dict>;
/** The class of {@link Dict.objects}, which a program does not make. */
export const DictObjects: typeof DictObjectsOf = DictObjectsOf;
