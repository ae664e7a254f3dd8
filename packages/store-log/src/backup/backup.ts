/**
 * Backups of a log, while its owner goes on writing: a snapshot (see `snapshot.ts`) in one file.
 *
 * The file appears under its name only when it is complete, flushed, and was read back and found right: every
 * checksum of the backup, and of every record in it.
 */

import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { privateFileMode } from "@everdict/directory";
import { createError } from "@everdict/protocol";
import { examineLog, type LogExamination } from "../examine/examine-log.ts";
import { readProofs } from "../examine/read-proofs.ts";
import { openSnapshot, type SnapshotSegment } from "../examine/snapshot.ts";
import { keySecretName } from "../files/key-secret.ts";
import { NodeFile, nodeFiles } from "../files/node-files.ts";
import { ReadOnlyFile } from "../files/read-only-file.ts";
import { segmentName, segmentNumber } from "../segments/segment.ts";
import { type BackupSource, readBackup, writeBackup } from "./backup-format.ts";

/** What {@link backupDirectory} takes. */
export interface BackupOptions {
  readonly directory: string;
  /** The backup to make. Nothing must be there. */
  readonly file: string;
  /** Names of other files in the directory to take along, if they are there. They must be replaced as a whole when changed. */
  readonly alongside?: readonly string[] | undefined;
}

/** What was backed up. */
export interface BackupResult {
  readonly bytes: number;
  readonly segments: number;
  readonly records: number;
  /** Everything up to this sequence number is in it. */
  readonly lastSequence: number;
}

/**
 * Backs up the log of a directory, whether a process has it open or not. The backup has everything that was flushed
 * when the call began, and the beginning of what came after.
 *
 * @throws `data_loss` if the log is damaged, naming the place; `conflict` if the file exists; `invalid_argument` if there
 *   is no log; and what the system says
 * @example await backupDirectory({ directory: "data", file: "monday.backup" });
 */
export async function backupDirectory(options: BackupOptions): Promise<BackupResult> {
  const file = resolve(options.file);
  await requireAbsent(file);
  const unfinished = `${file}.unfinished-${process.pid}`;
  const handle = await open(unfinished, "wx+", privateFileMode);
  try {
    await write(handle, options);
    await handle.sync();
    const examination = await verify(handle);
    const { size } = await handle.stat();
    await requireAbsent(file);
    await rename(unfinished, file);
    await nodeFiles.syncDirectory(dirname(file));
    return summary(examination, size);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** The log in an open backup, for reading. */
export async function logInBackup(handle: FileHandle): Promise<SnapshotSegment[]> {
  const files = await readBackup(handle);
  const whole = new NodeFile(handle);
  return files.flatMap(({ name, bytes, start }) => {
    const number = segmentNumber(name);
    return number === undefined ? [] : [{ number, bytes, file: new ReadOnlyFile(whole, start, bytes) }];
  });
}

async function write(handle: FileHandle, { directory, alongside = [] }: BackupOptions): Promise<void> {
  const proofs = await readProofs(directory);
  const snapshot = await openSnapshot(directory);
  try {
    const examination = await examineLog(snapshot.segments, proofs);
    requireWhole(examination);
    const { segments } = examination;
    const sources: BackupSource[] = snapshot.segments.map(({ number, file }, index) => ({
      name: segmentName(number),
      bytes: segments[index]!.bytes,
      read: (target, position) => file.read(target, position),
    }));
    const whole = sources.filter(({ bytes }) => bytes > 0);
    if (whole.length === 0) throw createError("invalid_argument", `there is no log in ${directory}`);
    for (const name of [keySecretName, ...alongside]) {
      const content = await readFile(join(directory, name)).catch(absent);
      if (content !== undefined) whole.push(inMemory(name, content));
    }
    await writeBackup(handle, whole, Date.now());
  } finally {
    await snapshot.close();
  }
}

async function verify(handle: FileHandle): Promise<LogExamination> {
  const examination = await examineLog(await logInBackup(handle));
  requireWhole(examination);
  return examination;
}

/** @throws `data_loss` naming the first place that is damaged */
export function requireWhole({ segments, missing }: LogExamination): void {
  for (const { number, damage } of segments) {
    for (const { from, to, what } of damage) {
      throw createError(
        "data_loss",
        `${segmentName(number)} is damaged from byte ${from} to ${to}: ${what}; \`everdict doctor\` says what is left`,
      );
    }
  }
  for (const { number, bytes } of missing)
    throw createError("data_loss", `${segmentName(number)} is missing or cut: it should have ${bytes} bytes`);
}

function summary({ segments }: LogExamination, bytes: number): BackupResult {
  const records = segments.reduce((sum, segment) => sum + segment.records, 0);
  const lastSequence = Math.max(0, ...segments.map(({ sequences }) => sequences?.[1] ?? 0));
  return { bytes, segments: segments.length, records, lastSequence };
}

async function requireAbsent(file: string): Promise<void> {
  if ((await stat(file).catch(absent)) !== undefined)
    throw createError("conflict", `${file} exists: it is not overwritten`);
}

function inMemory(name: string, content: Buffer): BackupSource {
  return {
    name,
    bytes: content.length,
    read: async (target, position) => content.copy(target, 0, position, position + target.length),
  };
}

/** For files that may not be there. @throws any other error */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}
