/** How deep values may nest, for writing and reading, unless told otherwise. */
export const DEPTH_MAX_DEFAULT = 10_000;

/** Bounds on what one pickle may make the reader build. */
export interface DecodeLimits {
  /** Levels of nesting. Default 10,000. */
  readonly depthMax?: number | undefined;
  /** Elements of all containers together. Default 16,777,216. */
  readonly elementsMax?: number | undefined;
  /** Memo entries, and the highest memo number. Default 16,777,216. */
  readonly memoMax?: number | undefined;
  /** Bytes of one text in UTF-8. Default 268,435,456. */
  readonly stringMaxBytes?: number | undefined;
  /** Bytes of one integer, or its decimal digits in the text form of protocol 0. Default 65,536. */
  readonly integerMaxBytes?: number | undefined;
  /**
   * Estimated memory of containers and objects, beyond the texts and bytes that the pickle holds.
   * Default: 64 MiB, or 8 times the length of the pickle if that is more.
   */
  readonly memoryMaxBytes?: number | undefined;
}

/** The limits in force for one pickle. */
export type ResolvedDecodeLimits = { readonly [name in keyof DecodeLimits]-?: number };

const MEMORY_BASE_BYTES = 67_108_864;
const MEMORY_FACTOR = 8;

/** Fills in the defaults for a pickle of the given length. */
export function resolveDecodeLimits(limits: DecodeLimits, lengthBytes: number): ResolvedDecodeLimits {
  return {
    depthMax: limits.depthMax ?? DEPTH_MAX_DEFAULT,
    elementsMax: limits.elementsMax ?? 16_777_216,
    memoMax: limits.memoMax ?? 16_777_216,
    stringMaxBytes: limits.stringMaxBytes ?? 268_435_456,
    integerMaxBytes: limits.integerMaxBytes ?? 65_536,
    memoryMaxBytes: limits.memoryMaxBytes ?? Math.max(MEMORY_BASE_BYTES, MEMORY_FACTOR * lengthBytes),
  };
}
