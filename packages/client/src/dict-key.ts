import type {
  PyComplex,
  PyDate,
  PyDateTime,
  PyDecimal,
  PyFloat,
  PyIpAddress,
  PyKey,
  PyRange,
  PyTime,
  PyTimeDelta,
  PyTimezone,
  PyUuid,
  PyZoneInfo,
} from "@everdict/pickle";

/**
 * What can be a key of a dictionary: everything whose bytes are the same each time it is written. Arrays are Python's
 * tuples. Objects, Maps and functions are no keys, so `Dict<{ a: 1 }, …>` does not compile.
 *
 * @example class Cache<K extends DictKey, V> { constructor(readonly entries: Dict<K, V>) {} }
 */
export type DictKey =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly DictKey[]
  | InstanceKey;

/** Instances that can be keys, Python's classes by their counterparts. A class that becomes a key gets its line here. */
type InstanceKey =
  | PyKey
  | PyFloat
  | PyComplex
  | PyRange
  | PyDecimal
  | PyUuid
  | PyIpAddress
  | Date
  | PyDate
  | PyDateTime
  | PyTime
  | PyTimeDelta
  | PyTimezone
  | PyZoneInfo
  // Not a Map, which has all that a ReadonlySet has.
  | (ReadonlySet<DictKey> & { readonly get?: never });
