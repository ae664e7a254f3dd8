// What the elements of a numpy array are. numpy writes a dtype as `dtype(code, False, True)` with a state: version,
// byte order, subarray, names and fields of a structured type, bytes and alignment of an element, flags, and for dates
// the unit. A dtype that was read keeps what the pickle said, and is written back as it came.

import { PyGlobal, PyObject } from "../../values/py-object.ts";
import { inspectHook, printable, shortened } from "../../values/shown.ts";
import { isTimeUnit } from "../time/date-text.ts";
import { isGlobal, type TypeRule } from "../type-rule.ts";

/**
 * Kinds of elements by numpy's letters: boolean, int, unsigned int, float, complex, datetime64, timedelta64, text,
 * bytes, void (structured or raw), object.
 */
export type NumpyKind = "b" | "i" | "u" | "f" | "c" | "M" | "m" | "U" | "S" | "V" | "O";

/** A field of a structured dtype. */
export interface NumpyField {
  readonly dtype: PyNumpyDtype;
  /** Where it begins in the bytes of an element. */
  readonly offset: number;
}

interface DtypeParts {
  readonly kind: NumpyKind;
  readonly itemBytes: number;
  readonly bigEndian?: boolean;
  readonly unit?: string | undefined;
  readonly unitStep?: number | undefined;
  readonly fields?: ReadonlyMap<string, NumpyField> | undefined;
  readonly base?: PyNumpyDtype | undefined;
  readonly shape?: readonly number[] | undefined;
  readonly object: PyObject;
}

const NAME_MAX_LENGTH = 1_000;
const LEVELS_MAX = 32;
/** More dimensions numpy does not have. */
const DIMENSIONS_MAX = 64;
const dtypeClass = new PyGlobal("numpy", "dtype");
const noFields: ReadonlyMap<string, NumpyField> = new Map();
const sizes: Readonly<Record<string, readonly number[]>> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8, 12, 16],
  c: [8, 16, 24, 32],
  M: [8],
  m: [8],
  O: [4, 8],
};
const words: Readonly<Record<string, string>> = {
  b: "bool",
  i: "int",
  u: "uint",
  f: "float",
  c: "complex",
  M: "datetime",
  m: "timedelta",
  O: "object",
};

/** A numpy `dtype`: what the elements of an array are. Read only, and written back as it came. */
export class PyNumpyDtype {
  /** As Python's `str(dtype)` has it: `int64`, `>i4`, `datetime64[ns]`, `<U3`, `[('x', '<i4'), ('y', '<f8')]`. */
  readonly name: string;
  /** What kind of elements it is for. */
  readonly kind: NumpyKind;
  /** The bytes of one element. */
  readonly itemBytes: number;
  /** The fields of a structured dtype, by name; else empty. */
  readonly fields: ReadonlyMap<string, NumpyField>;
  /** Whether the most significant byte comes first. */
  readonly bigEndian: boolean;
  /** What dates and spans are counted in, such as `ns`. */
  readonly unit: string;
  /** How many of the unit make one count. */
  readonly unitStep: number;
  /** For fields that are arrays: what they are arrays of, and their shape. */
  readonly base: PyNumpyDtype | undefined;
  readonly shape: readonly number[];
  /** How many elements of simple types one element consists of, and how deep it nests. */
  readonly #leaves: number;
  readonly #levels: number;
  readonly #object: PyObject;

  /** Made by {@link numpyDtype} or by reading. */
  constructor({ kind, itemBytes, bigEndian, unit, unitStep, fields, base, shape, object }: DtypeParts) {
    this.kind = kind;
    this.itemBytes = itemBytes;
    this.fields = fields ?? noFields;
    this.bigEndian = bigEndian ?? false;
    this.unit = unit ?? "generic";
    this.unitStep = unitStep ?? 1;
    this.base = base;
    this.shape = shape ?? [];
    this.#object = object;
    this.#leaves = base === undefined ? 0 : base.#leaves * this.shape.reduce((all, each) => all * each, 1);
    this.#levels = base === undefined ? 0 : base.#levels + 1;
    for (const { dtype } of this.fields.values()) {
      this.#leaves += dtype.#leaves;
      this.#levels = Math.max(this.#levels, dtype.#levels + 1);
    }
    if (base === undefined && this.fields.size === 0) this.#leaves = 1;
    this.name = nameOf(this);
  }

  /** Whether showing one element takes no more than its bytes account for, as overlapping fields could. */
  get isModest(): boolean {
    return this.#levels <= LEVELS_MAX && this.#leaves <= 64 + 4 * this.itemBytes;
  }

  /** What the pickle said. */
  static objectOf(dtype: PyNumpyDtype): PyObject {
    return dtype.#object;
  }

  toString(): string {
    return this.name;
  }

  toJSON(): string {
    return this.name;
  }

  [inspectHook](): string {
    return `PyNumpyDtype ${printable(this.name)}`;
  }
}

/** The code of an element type within a list of fields: `<i4`, `|S2`, `<M8[ns]`. */
function codeOf(dtype: PyNumpyDtype): string {
  const { kind, itemBytes, bigEndian } = dtype;
  if (dtype.fields.size > 0) return dtype.name;
  const hasNoOrder = kind === "S" || kind === "V" || kind === "O" || itemBytes === 1;
  const order = hasNoOrder ? "|" : bigEndian ? ">" : "<";
  const size = kind === "O" ? "" : kind === "U" ? itemBytes / 4 : itemBytes;
  return `${order}${kind}${size}${unitText(dtype)}`;
}

function unitText({ kind, unit, unitStep }: PyNumpyDtype): string {
  if ((kind !== "M" && kind !== "m") || unit === "generic") return "";
  return `[${unitStep === 1 ? "" : unitStep}${unit}]`;
}

function nameOf(dtype: PyNumpyDtype): string {
  const { kind, itemBytes, bigEndian, fields, base, shape } = dtype;
  if (base !== undefined) return shortened(`('${codeOf(base)}', ${shapeText(shape)})`, NAME_MAX_LENGTH);
  if (fields.size > 0) return shortened(fieldsText(fields), NAME_MAX_LENGTH);
  const word = words[kind];
  if (word === undefined || (bigEndian && itemBytes > 1)) return codeOf(dtype);
  return `${word}${kind === "b" || kind === "O" ? "" : itemBytes * 8}${unitText(dtype)}`;
}

function fieldsText(fields: ReadonlyMap<string, NumpyField>): string {
  let text = "[";
  for (const [name, { dtype }] of fields) {
    if (text.length > NAME_MAX_LENGTH) break;
    const { base } = dtype;
    const code = codeOf(base ?? dtype);
    const quoted = code.startsWith("[") ? code : `'${code}'`;
    const shape = base === undefined ? "" : `, ${shapeText(dtype.shape)}`;
    text += `${text === "[" ? "" : ", "}('${name.slice(0, NAME_MAX_LENGTH)}', ${quoted}${shape})`;
  }
  return `${text}]`;
}

function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

const known = new Map<string, PyNumpyDtype>();
const wanted =
  "bool, int8 to int64, uint8 to uint64, float16 to float64, complex64, complex128, object, datetime64[ns], timedelta64[ns], <U5, |S5 and the like, > for the other byte order";

/**
 * The dtype of this name or code, such as `int64`, `<f4`, `datetime64[ns]` or `<U5`; not for structured ones.
 *
 * @throws {TypeError} if numpy has no such dtype
 */
export function numpyDtype(name: string): PyNumpyDtype {
  const found = known.get(name);
  if (found !== undefined) return found;
  const parts = partsOfName(name);
  if (parts === undefined) throw new TypeError(`there is no numpy dtype "${name.slice(0, 40)}" (${wanted})`);
  const made = new PyNumpyDtype({ ...parts, object: makeObject(parts) });
  const dtype = known.get(made.name) ?? made;
  // One object a type, as in Python, so that several arrays in a value share it; of simple ones there are few.
  if (sizes[dtype.kind] !== undefined && dtype.unitStep === 1) known.set(name, dtype).set(dtype.name, dtype);
  return dtype;
}

const usual = new Map(
  "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 O8".split(" ").map((code) => [code, numpyDtype(code)]),
);

type SimpleParts = Omit<DtypeParts, "object">;

function partsOfName(name: string): SimpleParts | undefined {
  const matched =
    /^(?:(?<order>[<>|=]?)(?<code>[biufcMmUSVO])(?<size>\d*)|(?<word>[a-z]+?)(?<bits>\d*))(?:\[(?<step>\d*)(?<unit>\w+)\])?$/.exec(
      name,
    )?.groups as Partial<Record<string, string>> | undefined;
  if (matched === undefined) return undefined;
  const { word, bits, order, code, size, step, unit } = matched;
  const kind = (code ?? Object.keys(words).find((each) => words[each] === word)) as NumpyKind | undefined;
  if (kind === undefined) return undefined;
  const stated = code === undefined ? Number(bits) / 8 : Number(size) * (kind === "U" ? 4 : 1);
  const itemBytes = stated > 0 ? stated : kind === "O" ? 8 : word === "bool" ? 1 : 0;
  const isSized = sizes[kind]?.includes(itemBytes) ?? itemBytes > 0;
  const isTime = kind === "M" || kind === "m";
  if (!isSized || (unit !== undefined && !(isTime && isTimeUnit(unit)))) return undefined;
  return { kind, itemBytes, bigEndian: order === ">", unit, unitStep: Number(step || 1) };
}

function makeObject(parts: SimpleParts): PyObject {
  const { kind, itemBytes, bigEndian, unit = "generic", unitStep = 1 } = parts;
  const hasOrder = itemBytes > 1 && kind !== "S" && kind !== "V" && kind !== "O";
  const order = hasOrder ? (bigEndian ? ">" : "<") : "|";
  const isTime = kind === "M" || kind === "m";
  const ending =
    kind === "U"
      ? [itemBytes, 4, 8]
      : kind === "S" || kind === "V"
        ? [itemBytes, 1, 0]
        : [-1, -1, kind === "O" ? 63 : 0];
  const dates = Object.freeze([{}, Object.freeze([new TextEncoder().encode(unit), unitStep, 1, 1])]);
  const state = [isTime ? 4 : 3, order, null, null, null, ...ending, ...(isTime ? [dates] : [])];
  const args = [`${kind}${kind === "U" ? itemBytes / 4 : itemBytes}`, false, true];
  return new PyObject({ callable: dtypeClass, args, state: Object.freeze(state) });
}

/** The dtype that a pickle states; `undefined` for a form that is not known here. */
function readDtype(object: PyObject): PyNumpyDtype | undefined {
  const found = usualDtype(object);
  if (found !== undefined) return found;
  const parts = partsOfState(object);
  if (parts === undefined) return undefined;
  const dtype = new PyNumpyDtype({ ...parts, object });
  return dtype.isModest ? dtype : undefined;
}

/** Of simple types there is one object each, also for those that are read. */
function usualDtype({ args, state, construction }: PyObject): PyNumpyDtype | undefined {
  const found = usual.get(args[0] as string);
  if (found === undefined || construction !== "call") return undefined;
  const expected = PyNumpyDtype.objectOf(found);
  return sameItems(args, expected.args) && sameItems(state, expected.state) ? found : undefined;
}

function sameItems(left: unknown, right: unknown): boolean {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  return left.every((item, index) => item === right[index]);
}

function partsOfState({ args, construction, state }: PyObject): SimpleParts | undefined {
  if (construction !== "call" || args.length !== 3 || !Array.isArray(state)) return undefined;
  const [version, order, subarray, names, fields, bytes, , flags, metadata, ...more] = state as unknown[];
  const [code] = args;
  if ((version !== 3 && version !== 4) || typeof order !== "string" || !/^[<>|]$/.test(order))
    return undefined;
  if (more.length > 0 || !Number.isSafeInteger(flags)) return undefined;
  const isRecord = isGlobal(code, "numpy.record") || isGlobal(code, "numpy.void");
  const matched = typeof code === "string" ? /^([biufcMmUSVO])(\d{1,9})$/.exec(code) : null;
  if (!isRecord && matched === null) return undefined;
  const kind = (matched?.[1] ?? "V") as NumpyKind;
  const stated = matched === null ? bytes : Number(matched[2]) * (kind === "U" ? 4 : 1);
  const allowed = sizes[kind];
  const simple = { kind, itemBytes: stated as number, bigEndian: order === ">" };
  if (kind === "M" || kind === "m") return stated === 8 ? withUnit(simple, metadata) : undefined;
  if (allowed !== undefined) return allowed.includes(simple.itemBytes) ? simple : undefined;
  if (!Number.isSafeInteger(bytes) || (bytes as number) < 0 || bytes !== stated) return undefined;
  if (kind !== "V") return simple;
  // Objects within a structured type are written as tuples of them.
  if (((flags as number) & 1) !== 0) return undefined;
  if (subarray !== null) return withSubarray(simple, subarray);
  return names === null || fields === null ? simple : withFields(simple, names, fields);
}

function withUnit(simple: SimpleParts, metadata: unknown): SimpleParts | undefined {
  const [, dates] = Array.isArray(metadata) ? (metadata as unknown[]) : [];
  if (!Array.isArray(dates) || dates.length !== 4) return undefined;
  const [name, unitStep, divisor, events] = dates as unknown[];
  if (!(name instanceof Uint8Array) || name.length > 10 || divisor !== 1 || events !== 1) return undefined;
  const unit = String.fromCharCode(...name);
  if (!isTimeUnit(unit) || !Number.isSafeInteger(unitStep) || (unitStep as number) < 1) return undefined;
  return { ...simple, unit, unitStep: unitStep as number };
}

function withSubarray(simple: SimpleParts, subarray: unknown): SimpleParts | undefined {
  const [base, shape] = Array.isArray(subarray) ? (subarray as unknown[]) : [];
  if (!(base instanceof PyNumpyDtype) || !isShape(shape)) return undefined;
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  return count * base.itemBytes === simple.itemBytes && base.kind !== "O"
    ? { ...simple, base, shape }
    : undefined;
}

function withFields(simple: SimpleParts, names: unknown, stated: unknown): SimpleParts | undefined {
  if (!Array.isArray(names) || typeof stated !== "object" || stated === null) return undefined;
  const fields = new Map<string, NumpyField>();
  for (const name of names as unknown[]) {
    if (typeof name !== "string" || !Object.hasOwn(stated, name)) return undefined;
    const field = (stated as Record<string, unknown>)[name];
    const [dtype, offset] = Array.isArray(field) ? (field as unknown[]) : [];
    if (!(dtype instanceof PyNumpyDtype) || dtype.kind === "O") return undefined;
    if (!Number.isSafeInteger(offset) || (offset as number) < 0) return undefined;
    if ((offset as number) + dtype.itemBytes > simple.itemBytes) return undefined;
    fields.set(name, { dtype, offset: offset as number });
  }
  return { ...simple, fields };
}

/** Whether a value is the shape of an array: as many lengths as numpy allows. */
export function isShape(shape: unknown): shape is readonly number[] {
  return (
    Array.isArray(shape) &&
    shape.length <= DIMENSIONS_MAX &&
    shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)
  );
}

/** `PyNumpyDtype` and dtype. */
export const numpyDtypeRule: TypeRule = {
  typescript: "`PyNumpyDtype`",
  python: "`numpy.dtype`",
  note: "read only, by its `name`",
  classes: [PyNumpyDtype],
  reduce: PyNumpyDtype.objectOf,
  // One of another form is a known class, though without a JavaScript counterpart.
  completed: { "numpy.dtype": (object) => readDtype(object) ?? object },
  costBytes: 800,
};
