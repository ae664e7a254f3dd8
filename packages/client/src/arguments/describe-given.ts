/**
 * What was given, as messages name it: by kind, and only what is short and plain by value. A text may be a secret that
 * stands in the wrong place, so that it is shown only if it looks like a word.
 */
export function describeGiven(given: unknown): string {
  switch (typeof given) {
    case "string":
      return plainText.test(given) ? JSON.stringify(given) : "text";
    case "bigint":
      return `${given}n`;
    case "function":
      return "a function (is it to be called?)";
    case "symbol":
      return "a symbol";
    case "object":
      return given === null ? "null" : describeObject(given);
    default:
      return String(given);
  }
}

const plainText = /^[\w .-]{0,16}$/;
const shownKeysMax = 4;

/** Whether an object is `{…}`, of any realm, and no instance of a class. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describeObject(object: object): string {
  if (Array.isArray(object)) return object.length === 0 ? "an empty array" : "an array";
  if (isThenable(object)) return "a Promise (is an await missing?)";
  if (!isPlainObject(object)) return withArticle(className(object));
  const keys = Object.keys(object);
  if (keys.length === 0) return "{}";
  const shown = keys.slice(0, shownKeysMax).filter((key) => plainText.test(key));
  return `{ ${[...shown, ...(shown.length < keys.length ? ["…"] : [])].join(", ")} }`;
}

/** A box says what is in it: `new Number(1)` is no number. */
function className(object: object): string {
  const name: unknown = object.constructor?.name;
  if (object instanceof String || object instanceof Number || object instanceof Boolean)
    return `boxed ${name}`;
  return typeof name === "string" && name !== "" ? name : "object of a class";
}

function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? "an" : "a"} ${noun}`;
}

function isThenable(object: object): boolean {
  return typeof (object as { then?: unknown }).then === "function";
}
