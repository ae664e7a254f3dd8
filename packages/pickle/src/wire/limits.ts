/** How deep values may nest, for writing and reading, unless told otherwise. */
export const DEPTH_MAX_DEFAULT = 10_000;

/** Bounds on what one pickle may make the reader build. */
export interface DecodeLimits {
  /** Levels of nesting. Default 10,000. */
  readonly depthMax?: number | undefined;
  /** Elements of all containers together. Default 134,217,728. */
  readonly elementsMax?: number | undefined;
  /** Memo entries, and the highest memo number. Default 134,217,728. */
  readonly memoMax?: number | undefined;
  /** Bytes of one text in UTF-8. Default 268,435,456. */
  readonly stringMaxBytes?: number | undefined;
  /**
   * Bytes of one integer, or its decimal digits in the text form of protocol 0, which are 65,536 at most. Default
   * 268,435,456; the engine's own limit is below that in Node: 128 MiB.
   */
  readonly integerMaxBytes?: number | undefined;
  /**
   * Estimated memory of containers and objects, beyond the texts and bytes that the pickle holds.
   * Default: 32 MiB, and 128 bytes for each byte read so far, which is what the smallest objects that Python writes
   * take, such as empty sets; 16 for each within a long text or bytes. What few bytes ask for by referring to others
   * again and again is refused; what is many objects takes in proportion to its length: 10 to 30 times it for most data.
   * By default never more than 2 GiB in all: a process of the usual size would end instead of failing.
   */
  readonly memoryMaxBytes?: number | undefined;
}

/** The limits that apply where none are given; memory is by what was read of the pickle. */
export const limitDefaults = {
  depthMax: DEPTH_MAX_DEFAULT,
  elementsMax: 134_217_728,
  memoMax: 134_217_728,
  stringMaxBytes: 268_435_456,
  integerMaxBytes: 268_435_456,
} as const;

/** What any pickle may take, besides what its bytes pay for. */
export const MEMORY_BASE_BYTES = 32 * 2 ** 20;
/**
 * What more each byte that was read allows. An empty set is the most for its length of what CPython writes: some 106
 * bytes for each of its two.
 */
export const MEMORY_PER_BYTE = 128;
/** However long a pickle is, it may not take more by default. */
export const MEMORY_TOTAL_MAX_BYTES = 2 ** 31;
/** The same within a text or bytes of more than some: few objects are made of those, but they may be copied. */
export const MEMORY_PER_CONTENT_BYTE = 16;
export const CONTENT_MIN_BYTES = 64;
