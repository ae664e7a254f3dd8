import type { EverdictError } from "@everdict/protocol";
import type { DictPrefix } from "./dict-key.ts";
import type { RequestOptions } from "./request-options.ts";

/**
 * What happens to an entry that cannot be read. `throw` ends the iteration with the error. `skip` leaves the entry out.
 * A function is called with it; then the iteration goes on without the entry, unless the function throws.
 *
 * The function gets the key (`undefined` if the key itself cannot be read), the error, whose code is
 * `deserialization_failed`, and the stored bytes, of the value or else of the key. The iteration does not wait for its
 * result.
 *
 * @example
 * const damaged: unknown[] = [];
 * for await (const [name, job] of jobs.items({ onUndecodable: (key) => damaged.push(key) })) run(name, job);
 */
export type OnUndecodable =
  | "throw"
  | "skip"
  | ((key: unknown, error: EverdictError, bytes: Uint8Array) => void);

/** What `keys`, `values` and `items` take. */
export interface IterationOptions extends RequestOptions {
  /** What happens to an entry that cannot be read. Default: `throw`. */
  readonly onUndecodable?: OnUndecodable | undefined;
  /**
   * Only entries whose keys begin so: a text with these first characters, or a tuple with these first elements. The
   * place that has the entries leaves out the others, so they are not sent; Modal's cloud sends all. Default: all keys.
   */
  readonly prefix?: DictPrefix | undefined;
}
