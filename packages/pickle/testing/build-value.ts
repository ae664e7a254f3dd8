// The TypeScript values that descriptions stand for (see value-specs.ts).

import {
  PyComplex,
  PyCounter,
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
  PyIpAddress,
  type PyIpClass,
  PyNdArray,
  PyNumpyScalar,
  PyObject,
  PyPath,
  type PyPathClass,
  PyPersistentId,
  PyRange,
  PySlice,
  PyTime,
  PyTimeDelta,
  PyTimezone,
  PyUuid,
  PyZoneInfo,
  pyEllipsis,
  pyNotImplemented,
  registerClass,
} from "../src/index.ts";
import { setMapKind } from "../src/values/map-kinds.ts";
import type { Node, Spec } from "./spec-graph.ts";

type Made = readonly unknown[];
type Maker = (parts: readonly unknown[], made: Made) => unknown;

function numberOf(hexFloat: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${hexFloat}`));
  return view.getFloat64(0);
}

function integerOf(digits: string): number | bigint {
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
}

function floatOf(hexFloat: string): unknown {
  const value = numberOf(hexFloat);
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? new PyFloat(value) : value;
}

const bytesOf = (hex: unknown): Uint8Array => Uint8Array.from(Buffer.from(hex as string, "hex"));
const instance = (name: string, init: object = {}): PyObject =>
  new PyObject({ module: "oracle_types", name, construction: "new", ...init });

const arrayClasses = {
  b: Int8Array,
  B: Uint8ClampedArray,
  h: Int16Array,
  H: Uint16Array,
  i: Int32Array,
  I: Uint32Array,
  q: BigInt64Array,
  Q: BigUint64Array,
  f: Float32Array,
  d: Float64Array,
};

function typedArray(code: string, items: readonly string[]): unknown {
  if (code === "l" || code === "L") {
    // There is no way to ask for these but to have read them; written so, Python sees what it would write.
    const data = (code === "l" ? BigInt64Array : BigUint64Array).from(items.map(BigInt));
    return new PyObject({
      module: "array",
      name: "_array_reconstructor",
      args: [new PyGlobal("array", "array"), code, code === "l" ? 12 : 10, new Uint8Array(data.buffer)],
    });
  }
  const type = arrayClasses[code as keyof typeof arrayClasses];
  const numbers = code === "q" || code === "Q" ? items.map(BigInt) : items.map(Number);
  return (type as unknown as { from(numbers: unknown[]): unknown }).from(numbers);
}

function numpyScalar(dtype: string, hex: unknown): PyNumpyScalar {
  const array = PyNdArray.fromBytes(bytesOf(hex), [], dtype);
  const isElement = dtype === "bool" || dtype.startsWith("complex");
  return new PyNumpyScalar(isElement ? array.at() : array.data[0], dtype);
}

/** A class of this side that is registered for one of Python's. */
export class Point {
  x: unknown = null;
  y: unknown = null;
}

registerClass("oracle_types.Point", Point, {
  toState: ({ x, y }) => ({ x, y }),
  fromState: (state, _, empty) => Object.assign(empty, state),
});

function setProperty(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
}

type NamedValues = readonly (readonly [string, unknown])[];

function recordOf(values: NamedValues): object {
  const record = {};
  for (const [name, value] of values) setProperty(record, name, value);
  return record;
}

function exception(name: string, args: readonly unknown[], attributes: NamedValues): Error {
  const natives: Record<string, ErrorConstructor> = {
    Exception: Error,
    TypeError: TypeError as ErrorConstructor,
  };
  const native = natives[name];
  const [message] = args;
  const isPlain = args.length === 1 && typeof message === "string" && message !== "";
  const error = native !== undefined && isPlain ? new native(message as string) : new PyException(name, args);
  for (const [attribute, value] of attributes) setProperty(error, attribute, value);
  return error;
}

function jsError(type: string, message: string, ...cause: unknown[]): Error {
  const make = (globalThis as unknown as Record<string, ErrorConstructor>)[type] as ErrorConstructor;
  return cause.length === 0 ? new make(message) : new make(message, { cause: cause[0] });
}

const numbersBelow = (count: unknown): number[] =>
  Array.from({ length: count as number }, (_, index) => index);

function nestedList(depth: number): unknown[] {
  let value: unknown[] = [];
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

function slotState(attributes: NamedValues, slots: readonly string[]): object {
  const inSlots = attributes.filter(([name]) => slots.includes(name));
  const inDict = attributes.filter(([name]) => !slots.includes(name));
  return { state: Object.freeze([inDict.length === 0 ? null : recordOf(inDict), recordOf(inSlots)]) };
}

// A Date wherever it can hold the moment.
function datetime(fields: PyDateTimeFields): Date | PyDateTime {
  const { zone, fold = 0, microsecond = 0 } = fields;
  const isUtc = zone instanceof PyTimezone && zone.offset.toMs() === 0 && zone.name === undefined;
  const value = new PyDateTime(fields);
  return isUtc && fold === 0 && microsecond % 1000 === 0 ? (value.toDate() as Date) : value;
}

const empty: Record<string, (parts: readonly unknown[]) => unknown> = {
  list: () => [],
  dict: () => ({}),
  map: () => new Map(),
  odict: () => new Map(),
  set: () => new Set(),
  deque: ([, length]) => new PyDeque([], (length as number | null) ?? undefined),
  defaultdict: ([factory]) =>
    new PyDefaultDict(factory === "" ? null : new PyGlobal("builtins", factory as string)),
  box: () => instance("Box", { state: {} }),
  plain: ([attributes]) => instance("Plain", (attributes as unknown[]).length === 0 ? {} : { state: {} }),
  inner: () => instance("Outer.Inner", { state: {} }),
  point: () => new Point(),
  slotted: () => instance("Slotted"),
  slottedmore: () => instance("SlottedMore"),
  stack: () => instance("Stack", { items: [] }),
  registry: () => instance("Registry", { entries: [] }),
  withstate: () => instance("WithState", { state: null }),
};

const makers: Record<string, Maker> = {
  none: () => null,
  bool: ([value]) => value,
  int: ([digits]) => integerOf(digits as string),
  bigint: ([digits]) => BigInt(digits as string),
  float: ([hex]) => floatOf(hex as string),
  str: ([text]) => text,
  longstr: ([unit, count]) => (unit as string).repeat(count as number),
  bytes: ([hex]) => bytesOf(hex),
  buffer: ([hex]) => Buffer.from(hex as string, "hex"),
  longbytes: ([count]) => new Uint8Array(count as number).fill(7),
  holes: ([count]) =>
    Array.from({ length: (count as number) * 2 }, (_, index) => (index % 2 === 0 ? 1 : undefined)),
  keyed: ([number, text]) => new Map([[[number, [text, number]], text]]),
  biglist: ([count]) => numbersBelow(count),
  bigtuple: ([count]) => Object.freeze(numbersBelow(count)),
  bigset: ([count]) => new Set(numbersBelow(count)),
  bigdict: ([count]) => Object.fromEntries(numbersBelow(count).map((index) => [`k${index}`, index])),
  bigmap: ([count]) => new Map(numbersBelow(count).map((index) => [index, index])),
  bigtexts: ([count]) => [...numbersBelow(count), ...numbersBelow(count)].map((index) => `t${index}`),
  deep: ([depth]) => nestedList(depth as number),
  bytearray: ([hex]) => bytesOf(hex).buffer,
  decimal: ([text]) => new PyDecimal(text as string),
  fraction: ([top, bottom]) => new PyFraction(BigInt(top as string), BigInt(bottom as string)),
  complex: ([re, im]) => new PyComplex(numberOf(re as string), numberOf(im as string)),
  uuid: ([text]) => new PyUuid(text as string),
  date: (parts) => new PyDate(...(parts as [number, number, number])),
  timedelta: (parts) => new PyTimeDelta(...(parts as [number, number, number])),
  timezone: ([offset, name], made) =>
    new PyTimezone(made[offset as number] as PyTimeDelta, (name as string | null) ?? undefined),
  time: ([hour, minute, second, microsecond, fold, zone], made) =>
    new PyTime({
      hour,
      minute,
      second,
      microsecond,
      fold,
      zone: zone === null ? undefined : made[zone as number],
    } as never),
  datetime: ([year, month, day, hour, minute, second, microsecond, fold, zone], made) => {
    const tz = zone === null ? undefined : made[zone as number];
    return datetime({
      year,
      month,
      day,
      hour,
      minute,
      second,
      microsecond,
      fold,
      zone: tz,
    } as PyDateTimeFields);
  },
  utc: ([year, month, day, hour, minute, second, microsecond]) => {
    const zone = new PyTimezone(new PyTimeDelta(0));
    return datetime({ year, month, day, hour, minute, second, microsecond, zone } as PyDateTimeFields);
  },
  range: (parts) => new PyRange(...((parts as string[]).map(integerOf) as [number, number, number])),
  slice: (parts, made) => {
    const [start, stop, step] = (parts as number[]).map((part) => made[part]);
    return new PySlice(start, stop, step);
  },
  url: ([text]) => new URL(text as string),
  jsregexp: ([source, flags]) => new RegExp(source as string, flags as string),
  path: ([name, ...parts]) => new PyPath(name as PyPathClass, ...(parts as string[])),
  array: ([code, items]) => typedArray(code as string, items as string[]),
  ellipsis: () => pyEllipsis,
  notimplemented: () => pyNotImplemented,
  exception: ([name, args, attributes], made) =>
    exception(
      name as string,
      (args as number[]).map((arg) => made[arg]),
      named(attributes, made),
    ),
  jserror: ([type, , message, cause], made) =>
    cause === null
      ? jsError(type as string, message as string)
      : jsError(type as string, message as string, made[cause as number]),
  exceptiongroup: ([name, message, errors], made) =>
    new PyException(name as string, [message, (errors as number[]).map((error) => made[error])]),
  unicodeerror: ([name, ...args]) =>
    new PyException(name as string, name === "UnicodeDecodeError" ? args.with(1, bytesOf(args[1])) : args),
  zoneinfo: ([key]) => new PyZoneInfo(key as string),
  handle: ([name]) => new PyPersistentId(name),
  tuple: ([items], made) => Object.freeze((items as number[]).map((item) => made[item])),
  frozenset: ([items], made) => Object.freeze(new Set((items as number[]).map((item) => made[item]))),
  counter: ([counts], made) =>
    new PyCounter((counts as [number, number][]).map(([key, count]) => [made[key], count])),
  ndarray: ([dtype, shape, order, hex]) =>
    PyNdArray.fromBytes(
      bytesOf(hex),
      shape as number[],
      dtype as string,
      numpyOrder(shape as number[], order as "C" | "F"),
    ),
  ip: ([name, text]) => new PyIpAddress(name as PyIpClass, text as string),
  npscalar: ([dtype, hex]) => numpyScalar(dtype as string, hex),
  enum: ([name, member]) => {
    const values: Record<string, unknown> = { RED: 1, GREEN: "green", LOW: 1, HIGH: 2 };
    return new PyObject({ module: "oracle_types", name: name as string, args: [values[member as string]] });
  },
  namedtuple: ([left, right], made) =>
    instance("Pair", { args: [made[left as number], made[right as number]] }),
  keyworded: ([first, second], made) =>
    instance("Keyworded", {
      construction: "new_keywords",
      args: [made[first as number]],
      keywords: { second: made[second as number] },
      state: { first: made[first as number], second: made[second as number] },
    }),
  jobfailed: ([message, code], made) =>
    new PyObject({
      module: "oracle_types",
      name: "JobFailed",
      args: [made[message as number], made[code as number]],
      state: { code: made[code as number] },
    }),
  global: ([name]) =>
    ({
      len: new PyGlobal("builtins", "len"),
      OrderedDict: new PyGlobal("collections", "OrderedDict"),
      Plain: new PyGlobal("oracle_types", "Plain"),
    })[name as string],
};

// numpy writes an array that both orders describe as one in C order.
function numpyOrder(shape: readonly number[], order: "C" | "F"): "C" | "F" {
  return order === "F" && shape.filter((dimension) => dimension !== 1).length > 1 && !shape.includes(0)
    ? "F"
    : "C";
}

const fillers: Record<string, (target: never, parts: readonly unknown[], made: Made) => void> = {
  list: (target: unknown[], [items], made) =>
    void target.push(...(items as number[]).map((item) => made[item])),
  deque: (target: PyDeque, [items, length], made) => {
    const all = (items as number[]).map((item) => made[item]);
    target.items.push(...(typeof length === "number" ? all.slice(-length) : all));
  },
  set: (target: Set<unknown>, [items], made) => {
    for (const item of items as number[]) target.add(made[item]);
  },
  dict: (target: object, [entries], made) => {
    for (const [key, value] of entries as [number, number][]) {
      setProperty(target, made[key] as string, made[value]);
    }
  },
  map: fillMap,
  odict: (target: Map<unknown, unknown>, parts, made) => {
    fillMap(target, parts, made);
    // With text keys alone a Map is an OrderedDict anyway.
    if ([...target.keys()].some((key) => typeof key !== "string")) setMapKind(target, "OrderedDict");
  },
  defaultdict: (target: Map<unknown, unknown>, [, entries], made) => fillMap(target, [entries], made),
  box: (target: PyObject, [content, label], made) =>
    Object.assign(target.state as object, { content: made[content as number], label }),
  plain: (target: PyObject, [attributes], made) => {
    for (const [name, value] of named(attributes, made)) setProperty(target.state as object, name, value);
  },
  inner: (target: PyObject, [attributes], made) => {
    for (const [name, value] of named(attributes, made)) setProperty(target.state as object, name, value);
  },
  point: (target: Point, [x, y], made) =>
    void Object.assign(target, { x: made[x as number], y: made[y as number] }),
  slotted: (target: PyObject, [attributes], made) => {
    if ((attributes as unknown[]).length > 0)
      Object.assign(target, slotState(named(attributes, made), ["a", "b"]));
  },
  slottedmore: (target: PyObject, [attributes], made) => {
    if ((attributes as unknown[]).length > 0)
      Object.assign(target, slotState(named(attributes, made), ["a", "b"]));
  },
  stack: (target: PyObject, [items, note], made) => {
    target.items?.push(...(items as number[]).map((item) => made[item]));
    if (note !== null) target.state = { note: made[note as number] };
  },
  registry: (target: PyObject, [entries, note], made) => {
    for (const [key, value] of entries as [number, number][]) target.entries?.push([made[key], made[value]]);
    if (note !== null) target.state = { note: made[note as number] };
  },
  withstate: (target: PyObject, [value], made) => {
    target.state = Object.freeze(["v1", made[value as number]]);
  },
};

function fillMap(target: Map<unknown, unknown>, [entries]: readonly unknown[], made: Made): void {
  for (const [key, value] of entries as [number, number][]) target.set(made[key], made[value]);
}

function named(attributes: unknown, made: Made): NamedValues {
  return (attributes as [string, number][]).map(([name, value]) => [name, made[value]]);
}

/** Kinds that TypeScript programs have no way to make, only to receive. */
const received = new Set("regexp npother function lambda class instance dynamic".split(" "));

/** Whether a value can be made on this side. */
export function canBuild(spec: Spec): boolean {
  return spec.every((node) => !received.has(node[0]) && !isReceivedForm(node));
}

// URLs that JavaScript spells otherwise, and attributes for which an error has no place.
function isReceivedForm([kind, ...parts]: Node): boolean {
  if (kind === "url")
    return !URL.canParse(parts[0] as string) || new URL(parts[0] as string).href !== parts[0];
  return kind === "exception" && (parts[2] as [string][]).some(([name]) => name === "message");
}

/** The value that a description stands for. */
export function buildValue(spec: Spec): unknown {
  const made: unknown[] = spec.map(([kind, ...parts]: Node) => empty[kind]?.(parts));
  for (let at = spec.length - 1; at >= 0; at--) {
    const [kind, ...parts] = spec[at] as Node;
    const maker = makers[kind];
    if (maker !== undefined) made[at] = maker(parts, made);
  }
  spec.forEach(([kind, ...parts], at) => {
    fillers[kind]?.(made[at] as never, parts, made);
  });
  return made[0];
}
