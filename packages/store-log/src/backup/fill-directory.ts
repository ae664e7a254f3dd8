/**
 * Makes a data directory from a backup or a damaged directory.
 *
 * A log without its last segments looks like an older log. So a mark is in the directory from before the first file is
 * written until after the last one, and no store opens beside it.
 */

import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isLockName, privateFileMode } from "@everdict/directory";
import { createError } from "@everdict/protocol";
import { keySecretName } from "../files/key-secret.ts";
import { nodeFiles } from "../files/node-files.ts";
import { reserveName } from "../files/reserve-file.ts";
import { restoreMark } from "../files/restore-mark.ts";
import { hintNumber } from "../segments/hint.ts";
import { lastSegmentName } from "../segments/last-segment.ts";
import { segmentNumber } from "../segments/segment.ts";

/**
 * Makes a directory, or takes one that is empty or that this did not complete, and has it filled; durable when resolved.
 *
 * @param alongside - names of files besides those of a log that may be in it
 * @param fill - makes the files, each of them flushed
 * @throws `conflict` if something else is in the directory, `store_locked` if a process owns it; and what the system says
 */
export async function fillDirectory<Result>(
  directory: string,
  alongside: readonly string[],
  fill: () => Promise<Result>,
): Promise<Result> {
  await nodeFiles.createDirectory(directory, ignore);
  const lock = await nodeFiles.lock(directory);
  try {
    await clean(directory, alongside);
    await writeFile(join(directory, restoreMark), "", { mode: privateFileMode });
    await nodeFiles.syncDirectory(directory);
    const result = await fill();
    await nodeFiles.syncDirectory(directory);
    await rm(join(directory, restoreMark));
    await nodeFiles.syncDirectory(directory);
    return result;
  } finally {
    await lock.release();
  }
}

/** The directory is new or empty, so no warning about its rights is needed. */
function ignore(): void {}

/** Removes what an earlier attempt left unfinished. @throws `conflict` if anything else is there */
async function clean(directory: string, alongside: readonly string[]): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !isLockName(name));
  const ours = [restoreMark, lastSegmentName, reserveName, keySecretName, ...alongside];
  const isOurs = (name: string) => ours.includes(name) || isLogFile(name);
  if (names.length > 0 && !(names.includes(restoreMark) && names.every(isOurs)))
    throw createError("conflict", `${directory} is not empty: choose a new directory`);
  // The mark last: without it the rest would look like a log.
  for (const name of names) if (name !== restoreMark) await rm(join(directory, name));
}

function isLogFile(name: string): boolean {
  return segmentNumber(name) !== undefined || hintNumber(name) !== undefined;
}
