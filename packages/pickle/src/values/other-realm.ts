// Built-ins of another realm: jest, a vm context, an iframe or `structuredClone` of one of those has classes of its
// own, which `instanceof` does not know. The internal slots of an object tell what it really is, whatever its class and
// its `Symbol.toStringTag` say. They are asked only where the classes of this realm did not match.

const arrayKind = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get;
const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength")?.get;

const temporalKinds = "PlainDate PlainTime PlainDateTime ZonedDateTime Instant Duration".split(" ");

// Only Temporal's values refuse to be compared as numbers.
function hasNoValue(value: object): void {
  try {
    value.valueOf();
  } catch {
    return;
  }
  throw new TypeError("this is no value of Temporal");
}

/** What throws a TypeError for all that is not of this kind. */
const probes: Readonly<Record<string, (value: object) => unknown>> = {
  Map: (value) => Map.prototype.has.call(value, undefined),
  Set: (value) => Set.prototype.has.call(value, undefined),
  ArrayBuffer: (value) => byteLength?.call(value),
  ...Object.fromEntries(temporalKinds.map((name) => [`Temporal.${name}`, hasNoValue])),
  URL: ({ href }: { href?: unknown }) => new URL(href as string),
};

/** The name of the built-in class that an object is of, in whichever realm; `undefined` if it is of none that travels. */
export function builtInKind(value: object): string | undefined {
  const array = arrayKind?.call(value) as string | undefined;
  if (array !== undefined) return array;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  // The tag of these is an internal slot, unless a property says otherwise.
  if (/^(Date|RegExp|Error)$/.test(tag)) return Symbol.toStringTag in value ? undefined : tag;
  try {
    probes[tag]?.(value);
    return Object.hasOwn(probes, tag) ? tag : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes as this realm's class, whatever realm they are of; `undefined` for all else. */
export function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "object" || value === null || arrayKind?.call(value) !== "Uint8Array")
    return undefined;
  const { buffer, byteOffset, length } = value as Uint8Array;
  return new Uint8Array(buffer, byteOffset, length);
}

/** A built-in that may be a key as one of this realm; `undefined` if it is one, or no such built-in. */
export function keyOfOtherRealm(value: object): object | undefined {
  switch (builtInKind(value)) {
    case "Uint8Array":
      return value instanceof Uint8Array ? undefined : asBytes(value);
    case "Date":
      return value instanceof Date ? undefined : new Date((value as Date).getTime());
    case "Set":
      return value instanceof Set ? undefined : new Set(value as Set<unknown>);
    default:
      return undefined;
  }
}
