// Python classes that have a JavaScript counterpart, by the calls with which CPython's pickler makes them. A form
// that is not recognised gives `undefined`, and the object stays a placeholder, which loses nothing.

import { dateFromArguments } from "./date-time.ts";
import { markOrderedMap } from "./ordered-maps.ts";

type KnownCall = (args: readonly unknown[]) => unknown;

/** By `module.name`: the value that a call stands for. */
export const knownCalls: ReadonlyMap<string, KnownCall> = new Map<string, KnownCall>([
  ["builtins.bytearray", bytearray],
  ["builtins.set", (args) => collection(args)],
  ["builtins.frozenset", (args) => freeze(collection(args))],
  ["builtins.bytes", (args) => (args.length === 0 ? new Uint8Array(0) : undefined)],
  ["_codecs.encode", encodedBytes],
  ["collections.OrderedDict", orderedDict],
  ["datetime.datetime", dateFromArguments],
]);

function freeze<T>(value: T | undefined): T | undefined {
  return value === undefined ? undefined : Object.freeze(value);
}

/** `set([…])`, as protocols 0 to 3 write it. */
function collection(args: readonly unknown[]): Set<unknown> | undefined {
  const [items] = args;
  if (args.length === 0) return new Set();
  return args.length === 1 && Array.isArray(items) ? new Set(items) : undefined;
}

/** `bytearray(b"…")`, or in protocols 0 to 2 `bytearray("…", "latin-1")`. */
function bytearray(args: readonly unknown[]): ArrayBuffer | undefined {
  if (args.length === 0) return new ArrayBuffer(0);
  const [data] = args;
  const bytes = data instanceof Uint8Array && args.length === 1 ? data : encodedBytes(args);
  return bytes?.slice().buffer;
}

/** `_codecs.encode("…", "latin1")`, as protocols 0 to 2 write bytes. */
function encodedBytes(args: readonly unknown[]): Uint8Array<ArrayBuffer> | undefined {
  const [text, encoding] = args;
  if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1")) return undefined;
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0xff) return undefined;
    bytes[index] = unit;
  }
  return bytes;
}

function orderedDict(args: readonly unknown[]): Map<unknown, unknown> | undefined {
  if (args.length !== 0) return undefined;
  const map = new Map();
  // Whatever its keys will be, it stays an OrderedDict.
  markOrderedMap(map);
  return map;
}
