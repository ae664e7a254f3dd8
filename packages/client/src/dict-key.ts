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
 * A key of a dictionary: any value whose bytes are the same each time it is written. Arrays are Python's tuples.
 * Objects, Maps and functions are no keys, so `Dict<{ a: 1 }, …>` does not compile.
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

/**
 * What keys begin with: the first characters of a text, or the first elements of an array (Python's tuple). The last
 * element counts as a whole: `["user", 4]` is no prefix of `["user", 42]`.
 */
export type DictPrefix = string | readonly DictKey[];

/**
 * Instances that can be keys: the counterparts of Python's classes. A class whose instances become keys gets a line
 * here.
 */
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
