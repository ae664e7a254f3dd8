// The platform's own dates and times, where it has them. They are looked up at each use, since a program may load a
// polyfill later.

/** The type of a Temporal class where the compiler's library knows it, `unknown` elsewhere. */
export type TemporalType<Name extends string> = typeof globalThis extends {
  Temporal: { [Each in Name]: { from(...args: never[]): infer Value } };
}
  ? Value
  : unknown;

interface TemporalClass {
  from(item: unknown, options?: object): unknown;
}

/**
 * What `Temporal[name].from(item, options)` makes.
 *
 * @throws {TypeError} if the platform has no Temporal
 */
export function temporalFrom<Name extends string>(
  name: Name,
  item: unknown,
  options?: object,
): TemporalType<Name> {
  const { Temporal } = globalThis as { Temporal?: Record<string, TemporalClass> };
  const found = Temporal?.[name];
  if (found === undefined) throw new TypeError(`this platform has no Temporal.${name}`);
  return found.from(item, options) as TemporalType<Name>;
}
