export { type BackupOptions, type BackupResult, backupDirectory } from "./backup/backup.ts";
export { type RestoreOptions, type RestoreResult, restoreDirectory } from "./backup/restore.ts";
export { type DirectoryReport, examineDirectory, type SegmentReport } from "./doctor/examine-directory.ts";
export {
  type SalvagedDict,
  type SalvageOptions,
  type SalvageReport,
  salvageDirectory,
} from "./doctor/salvage-directory.ts";
export type { Change, FeedEvent } from "./entries/change-feed.ts";
export type { FileReport } from "./examine/examine-files.ts";
export type { DamagedStretch, LogExamination, SegmentExamination } from "./examine/examine-log.ts";
export type { DirectoryLock, FileLayer, LogFile } from "./files/files.ts";
export type { FlushPathChoice } from "./log/flush-path.ts";
export type { ManifestEntry } from "./segments/segment-set.ts";
export type { LogStore, SegmentUsage } from "./store/log-store.ts";
export { openLogStore } from "./store/open-log-store.ts";
export type { LogStoreOptions } from "./store/options.ts";
