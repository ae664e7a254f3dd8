// numpy's arrays and scalars. numpy writes an array as `_reconstruct(ndarray, (0,), b"b")` with the state
// (1, shape, dtype, isFortran, bytes), or at protocol 5 as `_frombuffer(buffer, dtype, shape, order)`; a scalar as
// `scalar(dtype, bytes)`. An array of objects has a list in place of the bytes. numpy 2 renamed the modules but still
// knows the old names, so the old ones are written.

import { PyGlobal, PyObject } from "../../values/py-object.ts";
import { pyCall, type TypeRule } from "../type-rule.ts";
import { areBytesOf, countOf, PyNdArray } from "./numpy-array.ts";
import { isShape, PyNumpyDtype } from "./numpy-dtype.ts";
import { PyNumpyScalar, ScalarBytes } from "./numpy-scalar.ts";

const ndarrayClass = new PyGlobal("numpy", "ndarray");
const reconstruct = new PyGlobal("numpy.core.multiarray", "_reconstruct");
const scalar = new PyGlobal("numpy.core.multiarray", "scalar");
const zeroShape = Object.freeze([0]);
const letterB = Uint8Array.of(98);

/** The classes of arrays that are of another class of numpy's than `ndarray`, such as `matrix`. */
const subclasses = new WeakMap<PyNdArray, PyGlobal>();

function readNdarray({ args, construction, state }: PyObject): PyNdArray | undefined {
  const [type] = args;
  if (construction !== "call" || !(type instanceof PyGlobal) || !/^numpy\b/.test(type.module))
    return undefined;
  if (!Array.isArray(state)) return undefined;
  const [version, shape, dtype, isFortran, content, ...more] = state as unknown[];
  if (version !== 1 || typeof isFortran !== "boolean" || more.length > 0) return undefined;
  const array = makeNdarray(content, dtype, shape, isFortran ? "F" : "C");
  if (array !== undefined && String(type) !== "numpy.ndarray") subclasses.set(array, type);
  return array;
}

function makeNdarray(
  content: unknown,
  dtype: unknown,
  shape: unknown,
  order: unknown,
): PyNdArray | undefined {
  if (!(dtype instanceof PyNumpyDtype) || (order !== "C" && order !== "F")) return undefined;
  if (content instanceof Uint8Array)
    return areBytesOf(content, dtype, shape) ? PyNdArray.fromBytes(content, shape, dtype, order) : undefined;
  const isList = dtype.kind === "O" && Array.isArray(content) && !Object.isFrozen(content);
  return isList && isShape(shape) && countOf(shape) === content.length
    ? new PyNdArray(content, shape, dtype, order)
    : undefined;
}

function readFromBuffer([buffer, dtype, shape, order, ...more]: readonly unknown[]): PyNdArray | undefined {
  const bytes = buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;
  return more.length > 0 ? undefined : makeNdarray(bytes, dtype, shape, order);
}

function readScalar([dtype, bytes, ...more]: readonly unknown[]): PyNumpyScalar | undefined {
  if (!(dtype instanceof PyNumpyDtype) || !(bytes instanceof Uint8Array) || more.length > 0) return undefined;
  const isWhole = areBytesOf(bytes, dtype, []);
  return isWhole ? new PyNumpyScalar(new ScalarBytes(bytes.slice()), dtype) : undefined;
}

/** `PyNdArray` and ndarray. */
export const ndarrayRule: TypeRule = {
  typescript: "`PyNdArray`",
  python: "`numpy.ndarray`",
  note: "`data` with `shape`, `dtype` and `order`: typed arrays of numbers, counts of `datetime64` and `timedelta64`, plain arrays of texts, bytes and objects; structured arrays by `field(name)`; `toList()` nests the elements. Masked arrays and `StringDType` stay `PyObject`",
  classes: [PyNdArray],
  unhashable: true,
  reduce: (array: PyNdArray) => {
    const { dtype, content } = PyNdArray.contentOf(array);
    return new PyObject({
      callable: reconstruct,
      args: [subclasses.get(array) ?? ndarrayClass, zeroShape, letterB],
      state: Object.freeze([1, array.shape, dtype, array.order === "F", content]),
    });
  },
  calls: {
    "numpy.core.numeric._frombuffer": readFromBuffer,
    "numpy._core.numeric._frombuffer": readFromBuffer,
  },
  completed: {
    "numpy.core.multiarray._reconstruct": readNdarray,
    "numpy._core.multiarray._reconstruct": readNdarray,
  },
  costBytes: 500,
};

/** `PyNumpyScalar` and numpy's scalars. */
export const numpyScalarRule: TypeRule = {
  typescript: "`PyNumpyScalar`",
  python: "numpy scalars",
  note: "`value` with `dtype`; `datetime64` and `timedelta64` are counts of their unit, their text is ISO 8601 and with the unit",
  classes: [PyNumpyScalar],
  reduce: (value: PyNumpyScalar) => {
    const { dtype, content } = PyNumpyScalar.contentOf(value);
    return pyCall(scalar, dtype, content);
  },
  calls: { "numpy.core.multiarray.scalar": readScalar, "numpy._core.multiarray.scalar": readScalar },
};
