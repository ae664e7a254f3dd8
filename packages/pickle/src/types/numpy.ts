// numpy's arrays and scalars of simple types. numpy writes an array as `_reconstruct(ndarray, (0,), b"b")` with the
// state (1, shape, dtype, isFortran, bytes), or at protocol 5 as `_frombuffer(buffer, dtype, shape, order)`; a scalar
// as `scalar(dtype, bytes)`; a dtype as `dtype(code, False, True)` with a state. numpy 2 renamed the modules but still
// answers to the old names, which are therefore the ones to write.

import { PyGlobal, PyObject } from "../py-object.ts";
import { type AnyTypedArray, arrayFromBytes, littleEndianBytes } from "./array.ts";
import { isGlobal, pyCall, type TypeRule } from "./type-rule.ts";

/** The element types that have a typed array. `float16` elements are kept as their 16 bits. */
export type NumpyType =
  | "bool"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float16"
  | "float32"
  | "float64";

const dtypeClass = new PyGlobal("numpy", "dtype");
const ndarrayClass = new PyGlobal("numpy", "ndarray");
const reconstruct = new PyGlobal("numpy.core.multiarray", "_reconstruct");
const scalar = new PyGlobal("numpy.core.multiarray", "scalar");
const zeroShape = Object.freeze([0]);
const letterB = Uint8Array.of(98);

const types: readonly (readonly [type: NumpyType, code: string, array: typeof Uint8Array])[] = (
  [
    ["bool", "b1", Uint8Array],
    ["int8", "i1", Int8Array],
    ["int16", "i2", Int16Array],
    ["int32", "i4", Int32Array],
    ["int64", "i8", BigInt64Array],
    ["uint8", "u1", Uint8Array],
    ["uint16", "u2", Uint16Array],
    ["uint32", "u4", Uint32Array],
    ["uint64", "u8", BigUint64Array],
    ["float16", "f2", Uint16Array],
    ["float32", "f4", Float32Array],
    ["float64", "f8", Float64Array],
  ] as const
).map(([type, code, array]) => [type, code, array as unknown as typeof Uint8Array]);

// One object a type, as in Python, so that several arrays in a value share it.
const dtypes = new Map(types.map(([type, code]) => [type, makeDtype(code)]));

function makeDtype(code: string): PyObject {
  const order = code.endsWith("1") ? "|" : "<";
  return new PyObject({
    callable: dtypeClass,
    args: [code, false, true],
    state: Object.freeze([3, order, null, null, null, -1, -1, 0]),
  });
}

/** A numpy array of a simple type. */
export class PyNdArray {
  /** The elements, in the array's order; booleans are 0 and 1, `float16` is its 16 bits. */
  readonly data: AnyTypedArray;
  /** The length of each dimension; empty for an array of no dimension. */
  readonly shape: readonly number[];
  /** What the elements are. */
  readonly dtype: NumpyType;
  /** Whether the last (`C`) or the first (`F`) index moves fastest. */
  readonly order: "C" | "F";

  /** @throws {TypeError} if the data does not fit the shape or the type */
  constructor(data: AnyTypedArray, shape: readonly number[], dtype: NumpyType, order: "C" | "F" = "C") {
    const wanted = types.find(([type]) => type === dtype)?.[2];
    const length = shape.reduce((product, dimension) => product * dimension, 1);
    if (wanted === undefined || !(data instanceof wanted))
      throw new TypeError(`the data of ${dtype} is a ${wanted?.name}`);
    if (data.length !== length)
      throw new TypeError(`a shape of ${length} elements does not fit ${data.length}`);
    this.data = data;
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
    this.order = order;
  }
}

/** A numpy scalar of a simple type. */
export class PyNumpyScalar {
  /** The number; a bigint for `int64` and `uint64`. */
  readonly value: number | bigint | boolean;
  /** What it is. */
  readonly dtype: NumpyType;

  constructor(value: number | bigint | boolean, dtype: NumpyType) {
    this.value = value;
    this.dtype = dtype;
  }

  valueOf(): number | bigint | boolean {
    return this.value;
  }

  toString(): string {
    return String(this.value);
  }
}

/** The simple type that a pickled dtype names, if it is in the byte order that is usual. */
function readDtype(dtype: unknown): (typeof types)[number] | undefined {
  if (!(dtype instanceof PyObject) || !isGlobal(dtype.callable, "numpy.dtype")) return undefined;
  const { args, state } = dtype;
  const found = types.find(([, code]) => code === args[0]);
  const expected = found && (dtypes.get(found[0]) as PyObject);
  const isUsual = sameItems(args, expected?.args) && sameItems(state, expected?.state);
  return isUsual ? found : undefined;
}

function sameItems(left: unknown, right: unknown): boolean {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  return left.every((item, index) => item === right[index]);
}

function readNdarray({ args, construction, state }: PyObject): PyNdArray | undefined {
  if (construction !== "call" || !isGlobal(args[0], "numpy.ndarray") || !Array.isArray(state))
    return undefined;
  const [version, shape, dtype, isFortran, bytes, ...more] = state;
  if (version !== 1 || typeof isFortran !== "boolean" || more.length > 0) return undefined;
  return makeNdarray(bytes, dtype, shape, isFortran ? "F" : "C");
}

function makeNdarray(bytes: unknown, dtype: unknown, shape: unknown, order: unknown): PyNdArray | undefined {
  const type = readDtype(dtype);
  if (type === undefined || !(bytes instanceof Uint8Array) || !Array.isArray(shape)) return undefined;
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) return undefined;
  const length = shape.reduce((product: number, dimension: number) => product * dimension, 1);
  const [name, , array] = type;
  if (bytes.length !== length * array.BYTES_PER_ELEMENT || (order !== "C" && order !== "F")) return undefined;
  return new PyNdArray(arrayFromBytes(array, bytes), shape, name, order);
}

function readFromBuffer([buffer, dtype, shape, order, ...more]: readonly unknown[]): PyNdArray | undefined {
  const bytes = buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;
  return more.length > 0 ? undefined : makeNdarray(bytes, dtype, shape, order);
}

function readScalar([dtype, bytes, ...more]: readonly unknown[]): PyNumpyScalar | undefined {
  const type = readDtype(dtype);
  if (type === undefined || !(bytes instanceof Uint8Array) || more.length > 0) return undefined;
  const [name, , array] = type;
  if (bytes.length !== array.BYTES_PER_ELEMENT) return undefined;
  const [element] = arrayFromBytes(array, bytes) as Uint8Array;
  if (element === undefined) return undefined;
  if (name === "float16") return new PyNumpyScalar(halfToNumber(element), name);
  return new PyNumpyScalar(name === "bool" ? element !== 0 : element, name);
}

function reduceScalar({ value, dtype }: PyNumpyScalar): PyObject {
  const [, , array] = types.find(([type]) => type === dtype) as (typeof types)[number];
  let element: number | bigint = typeof value === "boolean" ? Number(value) : value;
  if (dtype === "float16") element = numberToHalf(Number(element));
  else if (dtype === "int64" || dtype === "uint64") element = BigInt(element);
  const bytes = littleEndianBytes(array.of(element as number));
  return pyCall(scalar, dtypes.get(dtype), bytes);
}

function halfToNumber(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function numberToHalf(value: number): number {
  const sign = Object.is(Math.sign(value), -0) || value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.min(15, size === 0 ? -14 : Math.floor(Math.log2(size))));
  const fraction = roundToEven((size / 2 ** exponent) * 1024);
  // A subnormal has no leading one; one that rounds up carries into the exponent by itself.
  return sign | (fraction < 1024 ? fraction : ((exponent + 15) << 10) + (fraction - 1024));
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** `PyNdArray` and ndarray. */
export const ndarrayRule: TypeRule = {
  typescript: "`PyNdArray`",
  python: "`numpy.ndarray` of bool, ints, floats",
  note: "`data` is the typed array, with `shape`, `dtype` and `order`; other element types stay `PyObject`",
  classes: [PyNdArray],
  unhashable: true,
  reduce: ({ data, shape, dtype, order }: PyNdArray) =>
    new PyObject({
      callable: reconstruct,
      args: [ndarrayClass, zeroShape, letterB],
      state: Object.freeze([1, shape, dtypes.get(dtype), order === "F", littleEndianBytes(data)]),
    }),
  calls: {
    "numpy.core.numeric._frombuffer": readFromBuffer,
    "numpy._core.numeric._frombuffer": readFromBuffer,
  },
  completed: {
    // A known class, though without a JavaScript counterpart.
    "numpy.dtype": (object) => object,
    "numpy.core.multiarray._reconstruct": readNdarray,
    "numpy._core.multiarray._reconstruct": readNdarray,
  },
  costBytes: 500,
};

/** `PyNumpyScalar` and numpy's scalars. */
export const numpyScalarRule: TypeRule = {
  typescript: "`PyNumpyScalar`",
  python: "numpy scalars of bool, ints, floats",
  classes: [PyNumpyScalar],
  reduce: reduceScalar,
  calls: { "numpy.core.multiarray.scalar": readScalar, "numpy._core.multiarray.scalar": readScalar },
};
