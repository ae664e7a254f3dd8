// JavaScript's errors and Python's builtin exceptions. Python writes an exception as a call of its class with its
// arguments, and its attributes as the state. An error's message is the one argument; what else it carries (its own
// enumerable properties, `cause`, and its name where Python has no such class) are attributes. The stack stays behind.

import { shareFloatMarks } from "../values/float-marks.ts";
import { PyGlobal, PyObject } from "../values/py-object.ts";
import { jsonForm } from "../values/shown.ts";
import { SerializationError } from "../wire/errors.ts";
import type { TypeRule } from "./type-rule.ts";

/** Builtin exceptions that can be made from one text. */
const fromText = new Set(
  (
    "ArithmeticError AssertionError AttributeError BaseException BlockingIOError BrokenPipeError BufferError " +
    "BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError " +
    "ConnectionResetError DeprecationWarning EOFError EncodingWarning Exception FileExistsError FileNotFoundError " +
    "FloatingPointError FutureWarning GeneratorExit ImportError ImportWarning IndentationError IndexError " +
    "InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError " +
    "NameError NotADirectoryError NotImplementedError OSError OverflowError PendingDeprecationWarning " +
    "PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError ResourceWarning " +
    "RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit " +
    "TabError TimeoutError TypeError UnboundLocalError UnicodeError UnicodeWarning UserWarning ValueError Warning " +
    "ZeroDivisionError"
  ).split(" "),
);
/** Those that need other arguments. */
const fromMore = [
  "BaseExceptionGroup",
  "ExceptionGroup",
  "UnicodeDecodeError",
  "UnicodeEncodeError",
  "UnicodeTranslateError",
];

/** JavaScript's own classes, and the exceptions that stand for them. */
const native = new Map<string, { readonly make: ErrorConstructor; readonly python: string }>([
  ["Error", { make: Error, python: "Exception" }],
  ["TypeError", { make: TypeError as ErrorConstructor, python: "TypeError" }],
  ["SyntaxError", { make: SyntaxError as ErrorConstructor, python: "SyntaxError" }],
  ["RangeError", { make: RangeError as ErrorConstructor, python: "ValueError" }],
  // JavaScript's ReferenceError is about names; Python's class of that name is about weak references.
  ["ReferenceError", { make: ReferenceError as ErrorConstructor, python: "NameError" }],
  ["URIError", { make: URIError as ErrorConstructor, python: "ValueError" }],
  ["EvalError", { make: EvalError as ErrorConstructor, python: "Exception" }],
  ["AggregateError", { make: AggregateError as unknown as ErrorConstructor, python: "Exception" }],
]);

/** Greater integers are not spelled out in a message. */
const SHOWN_MAX = 2n ** 256n;

/** A builtin Python exception that is not one of JavaScript's errors. */
export class PyException extends Error {
  /** The arguments it was made with. */
  readonly args: readonly unknown[];

  constructor(name: string, args: readonly unknown[]) {
    super(args.map(shown).join(", "));
    this.args = Object.isFrozen(args) ? args : Object.freeze([...args]);
    // Neither is enumerable, so that what is enumerable are Python's attributes.
    Object.defineProperty(this, "args", { enumerable: false });
    Object.defineProperty(this, "name", { value: name, configurable: true, writable: true });
  }

  /** As JSON: name, message, and the attributes that Python gave it. */
  toJSON(): unknown {
    return { name: this.name, message: this.message, ...(jsonForm({ ...this }) as object) };
  }
}

function shown(argument: unknown): string {
  // To spell an integer takes a time that grows with the square of its length, and many errors may share one.
  if (typeof argument === "bigint")
    return -SHOWN_MAX < argument && argument < SHOWN_MAX ? `${argument}` : "…";
  const isScalar = argument === null || /^(string|number|boolean)$/.test(typeof argument);
  return isScalar ? String(argument) : "…";
}

/** Attributes that have no place on an error: names that mean something else there, or a state that is no dict. */
const hidden = new WeakMap<Error, unknown>();
/** Attributes that JavaScript does not enumerate. */
const inherent = new Set(["cause", "errors"]);
/** Names that a JavaScript error uses itself. `name` is Python's for some exceptions and ours for the others. */
const reserved = new Set(["args", "message", "stack", "name"]);

/** The JavaScript class for an exception that says by an attribute which one it was. */
function nativeOf(python: string, storedName: unknown): ErrorConstructor | undefined {
  const found = native.get(
    storedName === undefined && python === "Exception" ? "Error" : String(storedName ?? python),
  );
  return found?.python === python ? found.make : undefined;
}

function readException(python: string): (args: readonly unknown[]) => Error {
  return (args) => {
    const make = isOneText(args) ? nativeOf(python, undefined) : undefined;
    return withoutTrace(() =>
      make === undefined ? new PyException(python, args) : new make(args[0] as string | undefined),
    );
  };
}

// The trace would lead to this reader, which says nothing about the error; collecting it takes most of the time and
// memory of making one.
function withoutTrace(make: () => Error): Error {
  const { stackTraceLimit } = Error as { stackTraceLimit?: number };
  // Returns false where errors are frozen.
  Reflect.set(Error, "stackTraceLimit", 0);
  try {
    return make();
  } finally {
    Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  }
}

function isOneText(args: readonly unknown[]): boolean {
  return args.length === 0 || (args.length === 1 && typeof args[0] === "string" && args[0] !== "");
}

/** Gives an exception that was read its attributes. */
export function setExceptionState(error: Error, state: unknown): void {
  if (typeof state !== "object" || state === null || Object.getPrototypeOf(state) !== Object.prototype) {
    hidden.set(error, state);
    return;
  }
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(state)) {
    if (name === "name" && typeof value === "string" && becomeNamed(error, value)) continue;
    if (reserved.has(name)) kept[name] = value;
    else
      Object.defineProperty(error, name, {
        value,
        enumerable: !inherent.has(name),
        configurable: true,
        writable: true,
      });
  }
  if (Object.keys(kept).length > 0) hidden.set(error, kept);
  shareFloatMarks(state, error);
}

/** Turns an exception into the JavaScript error that it was; returns false if the name says something else. */
function becomeNamed(error: Error, name: string): boolean {
  const python =
    error instanceof PyException ? error.name : error.name === "Error" ? "Exception" : error.name;
  const args = error instanceof PyException ? error.args : [];
  const make = nativeOf(python, name);
  if (make !== undefined && isOneText(args)) {
    Object.setPrototypeOf(error, make.prototype as object);
    for (const own of ["args", "name"]) Reflect.deleteProperty(error, own);
    return true;
  }
  if (python !== "Exception" || error instanceof PyException) return false;
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  return true;
}

function reduceError(error: Error): PyObject {
  const isPython = error instanceof PyException;
  // Python would take it for what the exception was made with.
  if (!isPython && Object.hasOwn(error, "args"))
    throw new SerializationError("an error has a property named args, which Python needs for itself");
  const python = pythonName(error);
  const args = isPython ? error.args : error.message === "" ? [] : [String(error.message)];
  return new PyObject({ callable: new PyGlobal("builtins", python), args, state: stateOf(error, python) });
}

function pythonName(error: Error): string {
  const { name } = error;
  if (error instanceof PyException) return fromText.has(name) || fromMore.includes(name) ? name : "Exception";
  return native.get(name)?.python ?? (fromText.has(name) ? name : "Exception");
}

function stateOf(error: Error, python: string): unknown {
  const kept = hidden.get(error);
  const isDict =
    typeof kept === "object" && kept !== null && Object.getPrototypeOf(kept) === Object.prototype;
  if (kept !== undefined && !isDict) return kept;
  const attributes = Object.entries(error).filter(
    ([name, value]) => !reserved.has(name) && value !== undefined,
  );
  for (const name of inherent) {
    const own = Object.getOwnPropertyDescriptor(error, name);
    if (own?.enumerable === false && own.value !== undefined) attributes.push([name, own.value]);
  }
  if (python !== error.name && error.name !== "Error") attributes.push(["name", error.name]);
  // Not by assignment, which would take `__proto__` for a prototype.
  const state: Record<string, unknown> = Object.fromEntries([...attributes, ...Object.entries(kept ?? {})]);
  shareFloatMarks(error, state);
  return Object.keys(state).length === 0 ? undefined : state;
}

/** `Error` and builtin exceptions. */
export const errorRule: TypeRule = {
  typescript: "`Error` and its kinds; `PyException`",
  python: "builtin exceptions",
  note: "by name (`RangeError` is a `ValueError`), else `Exception`; properties, `cause` and `errors` become attributes, the stack is left out; one with a property `args` is refused",
  classes: [Error],
  reduce: reduceError,
  calls: Object.fromEntries(
    [...fromText, ...fromMore].map((name) => [`builtins.${name}`, readException(name)]),
  ),
  costBytes: 500,
};
