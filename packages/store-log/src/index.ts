export type { DirectoryLock, FileLayer, LogFile } from "./files.ts";
export { openLogStore } from "./open-log-store.ts";
export type { LogStoreOptions } from "./options.ts";
