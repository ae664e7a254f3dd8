/**
 * The whole of Everdict inside one process, on a directory of plain files.
 */

export type { Caller, Engine, EngineOptions, EngineStats } from "@everdict/engine";
export {
  type BackupOptions,
  type BackupResult,
  backupDirectory,
  type DirectoryReport,
  examineDirectory,
  type FileReport,
  type RestoreOptions,
  type RestoreResult,
  restoreDirectory,
  type SalvagedDict,
  type SalvageOptions,
  type SalvageReport,
  type SegmentReport,
  salvageDirectory,
} from "@everdict/store-log";
export { type LogEngine, type LogEngineOptions, openLogEngine } from "./open-log-engine.ts";
