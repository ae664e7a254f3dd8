import type { DecodeOptions, EncodeKeyOptions } from "@everdict/pickle";

/** How the dictionaries of a client write keys and read values. Defaults: those of the pickle codec. */
export interface CodecOptions
  extends Pick<
    DecodeOptions,
    | "floats"
    | "unknownClasses"
    | "depthMax"
    | "elementsMax"
    | "memoMax"
    | "stringMaxBytes"
    | "integerMaxBytes"
    | "memoryMaxBytes"
  > {
  /**
   * How equal texts within one key are written. `reference` (the default) writes them as Python writes a literal such
   * as `("ab", "ab")`. `copy` writes them as Python does if they were built separately. A key without repeats has only
   * one form. `put` and `update` write this form; `get`, `contains` and `pop` look for it first, and then for others.
   */
  readonly repeats?: EncodeKeyOptions["repeats"];
}
