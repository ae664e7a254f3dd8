/**
 * From a backup to a directory.
 *
 * A log of which the last segments are missing looks like an older log. So a mark is in the directory from before the
 * first file until after the last, and no store opens beside it.
 */

import { type FileHandle, open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isLockName, privateFileMode } from "@everdict/directory";
import { createError } from "@everdict/protocol";
import { logInBackup, requireWhole } from "./backup.ts";
import { type BackedUpFile, readBackup, writeAll } from "./backup-format.ts";
import { examineLog } from "./examine-log.ts";
import { nodeFiles } from "./node-files.ts";
import { restoreMark } from "./restore-mark.ts";
import { segmentNumber } from "./segment.ts";

/** What {@link restoreDirectory} takes. */
export interface RestoreOptions {
  readonly file: string;
  /** Where to; made if it is not there, else empty. */
  readonly directory: string;
  /** Names of other files that may be taken from the backup, as given to `backupDirectory`. */
  readonly alongside?: readonly string[] | undefined;
}

/** What was restored. */
export interface RestoreResult {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Restores a backup into a directory, durably, after checking all of it.
 *
 * @throws `conflict` if something is in the directory, or a newer program wrote the backup; `data_loss` if the backup is
 *   damaged; `store_locked` if a process owns the directory; and what the system says
 * @example await restoreDirectory({ file: "monday.backup", directory: "data" });
 */
export async function restoreDirectory(options: RestoreOptions): Promise<RestoreResult> {
  const { directory, alongside = [] } = options;
  const handle = await open(options.file, "r");
  try {
    // All of it is checked before anything is touched.
    requireWhole(await examineLog(await logInBackup(handle)));
    await nodeFiles.createDirectory(directory, ignore);
    const lock = await nodeFiles.lock(directory);
    try {
      await clean(directory, alongside);
      await writeFile(join(directory, restoreMark), "", { mode: privateFileMode });
      await nodeFiles.syncDirectory(directory);
      const files = await writeFiles(handle, directory, alongside);
      await nodeFiles.syncDirectory(directory);
      await rm(join(directory, restoreMark));
      await nodeFiles.syncDirectory(directory);
      return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
    } finally {
      await lock.release();
    }
  } finally {
    await handle.close();
  }
}

/** Removes what an earlier restore left unfinished. @throws `conflict` if anything else is there */
async function clean(directory: string, alongside: readonly string[]): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !isLockName(name));
  const isOurs = (name: string) => name === restoreMark || isRestorable(name, alongside);
  if (names.length > 0 && !(names.includes(restoreMark) && names.every(isOurs)))
    throw createError("conflict", `${directory} is not empty: restore into a new directory`);
  // The mark last: without it the rest would look like a log.
  for (const name of names) if (name !== restoreMark) await rm(join(directory, name));
}

async function writeFiles(
  backup: FileHandle,
  directory: string,
  alongside: readonly string[],
): Promise<BackedUpFile[]> {
  let present: { readonly file: BackedUpFile; readonly handle: FileHandle } | undefined;
  const finish = async () => {
    await present?.handle.sync();
    await present?.handle.close();
    present = undefined;
  };
  try {
    return await readBackup(backup, async (file, chunk) => {
      if (!isRestorable(file.name, alongside)) return;
      if (present?.file !== file) {
        await finish();
        present = { file, handle: await open(join(directory, file.name), "wx", privateFileMode) };
      }
      await writeAll(present.handle, chunk);
    });
  } finally {
    await finish();
  }
}

/** It is new, or empty: nobody need be told that it is private now. */
function ignore(): void {}

/** A backup may come from anywhere: it decides no path. */
function isRestorable(name: string, alongside: readonly string[]): boolean {
  return segmentNumber(name) !== undefined || alongside.includes(name);
}
