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
   * Default: 32 MiB, and 16 bytes for each byte read so far, or 128 if the pickle has 1.8 MB or more. With what the
   * engine has not yet collected, a process grows by up to 64 MiB for a hostile pickle below that, and beyond by
   * what is proportional to the length: some 30 times it for most data.
   */
  readonly memoryMaxBytes?: number | undefined;
}

/** The limits that apply where none are given; memory is by the length of the pickle. */
export const limitDefaults = {
  depthMax: DEPTH_MAX_DEFAULT,
  elementsMax: 134_217_728,
  memoMax: 134_217_728,
  stringMaxBytes: 268_435_456,
  integerMaxBytes: 268_435_456,
} as const;

/** What any pickle may take, besides what its bytes pay for. */
const MEMORY_BASE_BYTES = 32 * 2 ** 20;
/** From this length on a pickle may take more for each byte than hostile ones are granted. */
const LARGE_MIN_BYTES = 1_800_000;

/** The memory that a pickle of this length may take unless told otherwise. */
export function memoryGrant(lengthBytes: number): MemoryGrant {
  return { baseBytes: MEMORY_BASE_BYTES, perByte: lengthBytes < LARGE_MIN_BYTES ? 16 : 128 };
}

/** What a pickle may take at once, and what more each byte of it allows once it has been read. */
export interface MemoryGrant {
  readonly baseBytes: number;
  readonly perByte: number;
}
