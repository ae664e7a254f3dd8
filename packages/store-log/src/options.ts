import { createError } from "@everdict/protocol";
import type { Clock } from "@everdict/store";
import type { FileLayer } from "./files.ts";
import { nodeFiles } from "./node-files.ts";

const MIB = 1024 * 1024;

/** What {@link openLogStore} can be told. */
export interface LogStoreOptions {
  /** Where the files are; created if it is not there. One process at a time owns it. */
  readonly directory: string;
  /** Where time comes from. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
  /** The operating system, or something that stands in for it. Default: Node's file system. */
  readonly files?: FileLayer | undefined;
  /**
   * How large a segment may grow before the next is begun, in bytes; the group that crosses the line still goes
   * into it. Smaller ones are compacted sooner, larger ones are fewer files. Default: 64 MiB; 4 KiB to 1 GiB.
   */
  readonly segmentMaxBytes?: number | undefined;
  /** How much memory values may take; the others are read from the log. 0: none. Default: 256 MiB. */
  readonly valueCacheMaxBytes?: number | undefined;
  /** How much the answers kept for repeated calls may hold on to, in memory or on disk. Default: 256 MiB. */
  readonly tokenBudgetBytes?: number | undefined;
  /**
   * Told of what went wrong in the background without harm to anybody's call, such as a segment that could not be
   * compacted. Default: `process.emitWarning`.
   */
  readonly onWarning?: ((error: Error) => void) | undefined;
}

/** The options with their defaults. @throws `invalid_argument` naming the value and the bounds */
export function completeOptions(options: LogStoreOptions): {
  [Name in keyof LogStoreOptions]-?: NonNullable<LogStoreOptions[Name]>;
} {
  const { directory, clock = Date.now, files = nodeFiles, onWarning = warn } = options;
  const {
    segmentMaxBytes = 64 * MIB,
    valueCacheMaxBytes = 256 * MIB,
    tokenBudgetBytes = 256 * MIB,
  } = options;
  // Offsets in records have 32 bits, and the group that crosses the line has to fit behind it.
  checkBounds("segmentMaxBytes", segmentMaxBytes, 4096, 1024 * MIB);
  checkBounds("valueCacheMaxBytes", valueCacheMaxBytes, 0, Number.MAX_SAFE_INTEGER);
  checkBounds("tokenBudgetBytes", tokenBudgetBytes, 1, Number.MAX_SAFE_INTEGER);
  return { directory, clock, files, onWarning, segmentMaxBytes, valueCacheMaxBytes, tokenBudgetBytes };
}

function checkBounds(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw createError("invalid_argument", `${name} is ${value}, must be an integer from ${min} to ${max}`);
}

function warn(error: Error): void {
  process.emitWarning(error);
}
