import { createError, type EverdictError, limitDefaults } from "@everdict/protocol";
import type { Clock, StoreHealth } from "@everdict/store";
import type { FileLayer } from "../files/files.ts";
import { nodeFiles } from "../files/node-files.ts";
import type { FlushPathChoice } from "../log/flush-path.ts";

const MIB = 1024 * 1024;

/** The options of {@link openLogStore}. */
export interface LogStoreOptions {
  /** Where the files are. The directory is created if it does not exist. One process at a time owns it. */
  readonly directory: string;
  /** Where time comes from. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
  /** The operating system, or something that stands in for it. Default: Node's file system. */
  readonly files?: FileLayer | undefined;
  /**
   * How large a segment may grow before the next begins, in bytes. The group that crosses the limit still goes into the
   * segment. Smaller segments are compacted sooner; larger ones are fewer files. While little lives in the log,
   * segments are half of that, but at least 8 MiB. Default: 64 MiB; 4 KiB to 1 GiB.
   */
  readonly segmentMaxBytes?: number | undefined;
  /**
   * How writes get to the disk: `inline` on this thread, for disks that flush in a fraction of a millisecond, or `pool`
   * on other threads. Default: `auto`, which measures this disk and takes the quicker way.
   */
  readonly flushPath?: FlushPathChoice | undefined;
  /**
   * How much compaction may read a second, in bytes, while the log is not much larger than its live records. Default:
   * 64 MiB.
   */
  readonly compactionBytesPerSecond?: number | undefined;
  /** How much memory values may take; the others are read from the log. 0: none. Default: 256 MiB. */
  readonly valueCacheMaxBytes?: number | undefined;
  /**
   * How much memory keys, tables and values in memory may take together, in bytes. Past it, writes that add entries are
   * refused with `store_full`; reads and removals go on. Default: no limit but the machine's.
   */
  readonly memoryMaxBytes?: number | undefined;
  /**
   * How much memory answer records may take, shared out among callers. When popped values that they keep on disk exceed
   * this, those go that are so old that no client repeats the call. Default: 256 MiB.
   */
  readonly recordedAnswersMaxBytes?: number | undefined;
  /**
   * Called when the store closed itself because its disk failed. Every call is refused from then on, and only opening
   * the directory again shows what is on the disk. Default: nobody is told; calls fail.
   */
  readonly onFailure?: ((error: EverdictError) => void) | undefined;
  /**
   * Called when the state of the disk changes: it is full or has room again, descriptors are missing or available
   * again, a read was refused. Default: nobody is told; `LogStore.health` says it at any time.
   */
  readonly onHealth?: ((health: StoreHealth) => void) | undefined;
  /**
   * Called for failures in the background that harm no call, such as a segment that could not be compacted. Default:
   * `process.emitWarning`.
   */
  readonly onWarning?: ((error: Error) => void) | undefined;
}

/** The options, none of which is absent. */
export type CompleteOptions = {
  [Name in keyof LogStoreOptions]-?: NonNullable<LogStoreOptions[Name]>;
};

/** The options with their defaults. @throws `invalid_argument` naming the value and the bounds */
export function completeOptions(options: LogStoreOptions): CompleteOptions {
  const { directory, clock = Date.now, files = nodeFiles, flushPath = "auto" } = options;
  const { onFailure = ignore, onHealth = ignore, onWarning = warn } = options;
  const {
    segmentMaxBytes = 64 * MIB,
    valueCacheMaxBytes = 256 * MIB,
    recordedAnswersMaxBytes = limitDefaults.recordedAnswersMaxBytes,
    memoryMaxBytes = Number.MAX_SAFE_INTEGER,
    compactionBytesPerSecond = 64 * MIB,
  } = options;
  // Offsets in records have 32 bits, and the group that crosses the line has to fit behind it.
  checkBounds("segmentMaxBytes", segmentMaxBytes, 4096, 1024 * MIB);
  checkBounds("valueCacheMaxBytes", valueCacheMaxBytes, 0, Number.MAX_SAFE_INTEGER);
  if (!["auto", "inline", "pool"].includes(flushPath)) {
    throw createError("invalid_argument", `flushPath is '${flushPath}', not auto, inline or pool`);
  }
  checkBounds("compactionBytesPerSecond", compactionBytesPerSecond, 1, Number.MAX_SAFE_INTEGER);
  checkBounds("memoryMaxBytes", memoryMaxBytes, 1, Number.MAX_SAFE_INTEGER);
  checkBounds("recordedAnswersMaxBytes", recordedAnswersMaxBytes, 1, Number.MAX_SAFE_INTEGER);
  return {
    directory,
    clock,
    files,
    flushPath,
    onFailure,
    onHealth,
    onWarning,
    segmentMaxBytes,
    valueCacheMaxBytes,
    recordedAnswersMaxBytes,
    memoryMaxBytes,
    compactionBytesPerSecond,
  };
}

function checkBounds(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw createError("invalid_argument", `${name} is ${value}, must be an integer from ${min} to ${max}`);
}

// Every call says so.
function ignore(): void {}

function warn(error: Error): void {
  process.emitWarning(error);
}
