import { exactEntries } from "../values/exact-floats.ts";
import { floatMarksOf, markFloatKey, shareFloatMarks } from "../values/float-marks.ts";
import { addChecked } from "../values/key-spread.ts";
import { setMapKind } from "../values/map-kinds.ts";
import { PyGlobal, PyObject } from "../values/py-object.ts";
import { jsonForm } from "../values/shown.ts";
import { pyCall, type TypeRule } from "./type-rule.ts";

const dequeClass = new PyGlobal("collections", "deque");
const defaultdictClass = new PyGlobal("collections", "defaultdict");
const counterClass = new PyGlobal("collections", "Counter");
const emptyTuple: readonly unknown[] = Object.freeze([]);

/** A Python `collections.deque`. */
export class PyDeque {
  /** The elements, first to last. */
  readonly items: unknown[];
  /** The length that Python keeps it to, or `undefined`. */
  readonly maxLength: number | undefined;

  constructor(items: Iterable<unknown> = [], maxLength?: number) {
    this.items = [...items];
    this.maxLength = maxLength;
  }

  /** As JSON: the elements. */
  toJSON(): unknown {
    return jsonForm(this.items);
  }

  /** The elements, first to last. */
  [Symbol.iterator](): Iterator<unknown> {
    return this.items[Symbol.iterator]();
  }
}

/**
 * A Python `collections.defaultdict`: a Map that remembers what Python calls for a missing key. It does not call
 * it: `get` of a missing key is `undefined`.
 */
export class PyDefaultDict extends Map<unknown, unknown> {
  /** What Python calls for a missing key, usually a `PyGlobal` such as `builtins.list`, or `null`. */
  readonly factory: unknown;

  constructor(factory: unknown, entries?: Iterable<readonly [unknown, unknown]>) {
    super(entries);
    this.factory = factory;
  }

  /** As JSON: an object, or pairs if a key is no text. */
  toJSON(): unknown {
    return jsonForm(new Map(this));
  }
}

/** A Python `collections.Counter`: a Map of counts. */
export class PyCounter extends Map<unknown, unknown> {
  /** As JSON: an object, or pairs if a key is no text. */
  toJSON(): unknown {
    return jsonForm(new Map(this));
  }
}

/** Sets as protocols 0 to 3 write them. */
export const setRule: TypeRule = {
  typescript: "",
  python: "",
  calls: {
    "builtins.set": readSet,
    "builtins.frozenset": (args) => {
      const set = readSet(args);
      return set === undefined ? undefined : Object.freeze(set);
    },
  },
};

function readSet(args: readonly unknown[]): Set<unknown> | undefined {
  const [items] = args;
  if (args.length === 0) return new Set();
  if (args.length !== 1 || !Array.isArray(items)) return undefined;
  const set = new Set<unknown>();
  addChecked(set, items, 0, items.length);
  const floats = floatMarksOf(items)?.elements ?? [];
  for (const float of floats) if (!Number.isNaN(float)) markFloatKey(set, float);
  return set;
}

/** `Map` and OrderedDict; the encoder writes it. */
export const orderedDictRule: TypeRule = {
  typescript: "`Map` with text keys only",
  python: "`collections.OrderedDict`",
  note: "an OrderedDict stays one, whatever its keys",
  calls: {
    "collections.OrderedDict": (args) => {
      if (args.length !== 0) return undefined;
      const map = new Map();
      setMapKind(map, "OrderedDict");
      return map;
    },
  },
};

/** `PyDeque` and deque. */
export const dequeRule: TypeRule = {
  typescript: "`PyDeque`",
  python: "`collections.deque`",
  classes: [PyDeque],
  unhashable: true,
  reduce: (deque: PyDeque) =>
    new PyObject({
      callable: dequeClass,
      args: deque.maxLength === undefined ? [] : [emptyTuple, deque.maxLength],
      items: deque.items,
    }),
  calls: {
    "collections.deque": ([items, maxLength, ...more]) => {
      if (more.length > 0 || !(items === undefined || (Array.isArray(items) && items.length === 0)))
        return undefined;
      if (maxLength === undefined || maxLength === null) return new PyDeque();
      return Number.isSafeInteger(maxLength) ? new PyDeque([], maxLength as number) : undefined;
    },
  },
};

/** `PyDefaultDict` and defaultdict. */
export const defaultdictRule: TypeRule = {
  typescript: "`PyDefaultDict` (a `Map`)",
  python: "`collections.defaultdict`",
  note: "knows its `factory`, never calls it",
  classes: [PyDefaultDict],
  unhashable: true,
  reduce: (map: PyDefaultDict) =>
    new PyObject({
      callable: defaultdictClass,
      args: map.factory === null || map.factory === undefined ? [] : [map.factory],
      entries: exactEntries(map),
    }),
  calls: {
    "collections.defaultdict": (args) => (args.length <= 1 ? new PyDefaultDict(args[0] ?? null) : undefined),
  },
};

/** `PyCounter` and Counter. */
export const counterRule: TypeRule = {
  typescript: "`PyCounter` (a `Map`)",
  python: "`collections.Counter`",
  classes: [PyCounter],
  unhashable: true,
  reduce: (counter: PyCounter) => {
    const counts = new Map(exactEntries(counter));
    setMapKind(counts, "dict");
    return pyCall(counterClass, counts);
  },
  calls: {
    "collections.Counter": ([counts, ...more]) => {
      if (more.length > 0) return undefined;
      if (counts === undefined) return new PyCounter();
      if (!isDict(counts)) return undefined;
      const counter = new PyCounter(counts instanceof Map ? counts : Object.entries(counts));
      shareFloatMarks(counts, counter);
      return counter;
    },
  },
};

function isDict(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Map || Object.getPrototypeOf(value) === Object.prototype;
}
