import type { ClassRegistry } from "../values/class-registry.ts";
import type { DecodeLimits } from "../wire/limits.ts";

/** How {@link decode} reads a pickle. */
export interface DecodeOptions extends DecodeLimits {
  /**
   * Resolves a persistent id. Without it, or where it returns `undefined`, the id stays as a {@link PyPersistentId}.
   */
  readonly persistentLoad?: ((id: unknown) => unknown) | undefined;
  /**
   * What a Python float with an integral value becomes: a number (the default), which is written back as a float
   * as part of the container it came in, and as an int elsewhere; or with `exact` a {@link PyFloat}.
   */
  readonly floats?: "number" | "exact" | undefined;
  /** Classes in place of those that were registered for the whole program. */
  readonly classes?: ClassRegistry | undefined;
  /**
   * What becomes of an instance of a class that is neither in the table of types nor registered: `keep` (the
   * default) gives a {@link PyObject}, `refuse` throws an error that names the class. What a script's class consists of
   * that came with its instances, such as its methods, is not looked at.
   */
  readonly unknownClasses?: "keep" | "refuse" | undefined;
}
