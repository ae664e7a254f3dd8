/** Restores a backup into a directory. */

import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { privateFileMode } from "@everdict/directory";
import { examineLog } from "../examine/examine-log.ts";
import { keySecretName } from "../files/key-secret.ts";
import { nodeFiles } from "../files/node-files.ts";
import { writeLastSegment } from "../segments/last-segment.ts";
import { segmentNumber } from "../segments/segment.ts";
import { identifySegment } from "../segments/segment-identity.ts";
import { logInBackup, requireWhole } from "./backup.ts";
import { type BackedUpFile, readBackup, writeAll } from "./backup-format.ts";
import { fillDirectory } from "./fill-directory.ts";

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
    const files = await fillDirectory(directory, alongside, async () => {
      const written = await writeFiles(handle, directory, alongside);
      await writeEnd(directory, written);
      return written;
    });
    return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
  } finally {
    await handle.close();
  }
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

/** Writes down where the log ends, as a clean stop does. */
async function writeEnd(directory: string, files: readonly BackedUpFile[]): Promise<void> {
  const last = files.findLast(({ name }) => segmentNumber(name) !== undefined);
  if (last === undefined) return;
  const file = await nodeFiles.open(join(directory, last.name));
  try {
    const segment = { number: segmentNumber(last.name)!, bytes: last.bytes };
    const { salt } = await identifySegment(file, { ...segment, otherSalts: [] });
    await writeLastSegment(nodeFiles, directory, { ...segment, salt });
  } finally {
    await file.close();
  }
}

/** A backup may come from anywhere: it decides no path. */
function isRestorable(name: string, alongside: readonly string[]): boolean {
  return segmentNumber(name) !== undefined || name === keySecretName || alongside.includes(name);
}
