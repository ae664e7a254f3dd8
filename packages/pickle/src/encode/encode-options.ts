import type { ClassRegistry } from "../values/class-registry.ts";

/** How {@link encode} writes a value. */
export interface EncodeOptions {
  /**
   * Asked for every object that is not plain data (arrays, plain objects, maps, sets, bytes). If it returns
   * anything but `undefined`, that is written in the object's place as its persistent id; an array is written
   * as a tuple.
   */
  readonly persistentId?: ((value: object) => unknown) | undefined;
  /** Classes in place of those that were registered for the whole program. */
  readonly classes?: ClassRegistry | undefined;
  /** Levels of nesting. Default 10,000. */
  readonly depthMax?: number | undefined;
  /**
   * Whether the result has memory of its own. By default small results share a block of memory, as Node's
   * `Buffer.from` does, which is several times faster; ask for this to transfer the result's `buffer`.
   */
  readonly ownBuffer?: boolean | undefined;
}
