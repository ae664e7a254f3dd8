import { SerializationError } from "../wire/errors.ts";

/** Whether a value is an object literal or the like: its prototype is none, or the `Object.prototype` of any realm. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // Objects of another realm (an iframe, a vm context) have that realm's Object.prototype.
  return (
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype as object, "isPrototypeOf") &&
    Object.prototype.toString.call(value) === "[object Object]"
  );
}

/**
 * Whether a value is surely or probably a plain object. A look at the prototype costs as much as writing two properties,
 * so {@link refuseUnlessPlain} must follow where nothing was found to write, or something inherited.
 */
export function looksPlain(value: object): boolean {
  return value.constructor === Object || isPlainObject(value);
}

/**
 * @throws {SerializationError} if a value only looks like a plain object: an iterator, something made by
 * `Object.create`, a namespace such as `Math`, or the `arguments` of a function
 */
export function refuseUnlessPlain(value: object): void {
  if (!isPlainObject(value) || isBuiltIn(value))
    throw new SerializationError(`${describeValue(value)} has no Python counterpart`);
}

function isBuiltIn(value: object): boolean {
  const tag = Object.prototype.toString.call(value);
  return /^\[object (Arguments|Atomics|Intl|JSON|Math|Reflect|WebAssembly)\]$/.test(tag);
}

/** Names a value's kind for an error message, never its content. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "function":
      return value.name === "" ? "a function" : `the function ${value.name}`;
    case "symbol":
      return "a symbol";
    case "object":
      return value === null ? "null" : describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return "an array";
  if (isBuiltIn(value)) return `the object ${Object.prototype.toString.call(value).slice(8, -1)}`;
  if (isPlainObject(value)) return "a plain object";
  if (Object.prototype.toString.call(value) === "[object Promise]") return "a Promise (is an await missing?)";
  const name: unknown = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)
    ?.constructor?.name;
  return typeof name === "string" && name !== ""
    ? `an instance of ${name}`
    : "an instance of an unnamed class";
}
