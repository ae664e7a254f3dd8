export { isLockName, type LockKind } from "./lock-file.ts";
export { makePrivateDirectory, privateFileMode } from "./private-directory.ts";
export { syncDirectory } from "./sync-directory.ts";
export { type DirectoryLock, type LockHolder, type LockOptions, lockHolder, takeLock } from "./take-lock.ts";
