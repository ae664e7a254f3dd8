import type { DecodeOptions, EncodeKeyOptions } from "@everdict/pickle";

/** How the dictionaries of a client write keys and read values. Without any, as the pickle codec does by default. */
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
   * How equal texts within one key are written: `reference` (the default) as Python writes a literal such as
   * `("ab", "ab")`, `copy` as it writes those that were built separately. A key without repeats has but one form.
   * `put` and `update` write this form; `get`, `contains` and `pop` look for it first, and then for others.
   */
  readonly repeats?: EncodeKeyOptions["repeats"];
}
