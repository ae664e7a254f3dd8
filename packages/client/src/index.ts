export {
  decode,
  decodeKey,
  encode,
  encodeKey,
  PyFloat,
  PyGlobal,
  PyObject,
  PyPersistentId,
} from "@everdict/pickle";
export {
  AlreadyExistsError,
  AuthError,
  DeserializationError,
  type DictService,
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
export { Client, type ConnectOptions, type ServiceOptions } from "./client.ts";
export {
  Dict,
  type DictDescription,
  type FromNameOptions,
  type NewDictOptions,
  noDefault,
  type PutOptions,
} from "./dict.ts";
export type { DictEntries, DictSource, EntriesObject } from "./dict-entries.ts";
export {
  type CreateDictOptions,
  type DeleteDictOptions,
  type DictLocation,
  DictObjects,
  type ListDictsOptions,
} from "./dict-objects.ts";
export { type Environment, Environments } from "./environments.ts";
export type { RequestOptions } from "./request-options.ts";
