export { type BackupOptions, type BackupResult, backupDirectory } from "./backup.ts";
export type { Change, FeedEvent } from "./change-feed.ts";
export { type DirectoryReport, examineDirectory, type SegmentReport } from "./examine-directory.ts";
export type { FileReport } from "./examine-files.ts";
export type { DamagedStretch, LogExamination, SegmentExamination } from "./examine-log.ts";
export type { DirectoryLock, FileLayer, LogFile } from "./files.ts";
export type { FlushPathChoice } from "./flush-path.ts";
export type { LogStore, SegmentUsage } from "./log-store.ts";
export { openLogStore } from "./open-log-store.ts";
export type { LogStoreOptions } from "./options.ts";
export { type RestoreOptions, type RestoreResult, restoreDirectory } from "./restore.ts";
export {
  type SalvagedDict,
  type SalvageOptions,
  type SalvageReport,
  salvageDirectory,
} from "./salvage-directory.ts";
export type { ManifestEntry } from "./segment-set.ts";
