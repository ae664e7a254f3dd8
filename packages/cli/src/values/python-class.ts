import { PyCounter, PyDefaultDict, PyFloat, PyObject, writtenMapKind } from "@everdict/pickle";
import { dictIdOfHandle, isPlain, pythonForm, Undecodable } from "@everdict/pickle/show";

/** The Python class of a value, `decimal.Decimal`, those that need no import without their module: `str`. */
export function pythonClass(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? "int" : "float";
    default:
      return typeof value === "object" && value !== null ? classOfObject(value) : "NoneType";
  }
}

function classOfObject(value: object): string {
  if (Array.isArray(value)) return Object.isFrozen(value) ? "tuple" : "list";
  if (value instanceof Set) return Object.isFrozen(value) ? "frozenset" : "set";
  if (value instanceof Map) return classOfMap(value);
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof ArrayBuffer) return "bytearray";
  if (value instanceof PyFloat) return "float";
  if (value instanceof Date) return "datetime.datetime";
  if (value instanceof PyObject) return String(value.callable);
  if (value instanceof Undecodable) return "not readable";
  if (dictIdOfHandle(value) !== undefined) return "modal.Dict";
  return pythonForm(value)?.class ?? (isPlain(value) ? "dict" : value.constructor.name);
}

function classOfMap(map: ReadonlyMap<unknown, unknown>): string {
  if (map instanceof PyCounter) return "collections.Counter";
  if (map instanceof PyDefaultDict) return "collections.defaultdict";
  return writtenMapKind(map) === "dict" ? "dict" : "collections.OrderedDict";
}
