/**
 * How far the log was flushed, in a file of its own. That a segment in the middle is missing or cut is told by the
 * manifests of later ones, but nothing in the log could tell that its end is.
 *
 * | offset | size | field |
 * | ---: | ---: | --- |
 * | 0 | 4 | number of the last segment |
 * | 4 | 4 | CRC-32C of that |
 * | 8 | 4 | its length, as far as it was flushed |
 * | 12 | 4 | its salt |
 * | 16 | 4 | CRC-32C of everything before it |
 *
 * All numbers are little-endian. It is written when the first group of a segment is durable, which proves the end of the
 * segment before, too; when a store was opened; and when it was closed. So it may say less than the log has, never more:
 * a log that has less is damaged. It may be missing or torn itself, and a failure to write it harms nobody. Programs
 * from before lengths were written read and write the first eight bytes only: what is behind them then does not fit.
 */

import { join } from "node:path";
import { crc32c } from "../bytes/crc32c.ts";
import type { FileLayer, LogFile } from "../files/files.ts";

/** The file's name. */
export const lastSegmentName = "last-segment";
const markBytes = 20;

/** What is written down of the last segment. */
export interface LastSegment {
  readonly number: number;
  /** What was flushed; undefined if only the number is known. */
  readonly flushed?: { readonly bytes: number; readonly salt: number } | undefined;
}

/** What is written down; number 0 if there is nothing that can be read. */
export async function readLastSegment(files: FileLayer, directory: string): Promise<LastSegment> {
  if (!(await files.list(directory)).includes(lastSegmentName)) return { number: 0 };
  const file = await files.open(join(directory, lastSegmentName));
  try {
    return await decode(file);
  } finally {
    await file.close();
  }
}

async function decode(file: LogFile): Promise<LastSegment> {
  const mark = Buffer.alloc(markBytes);
  await file.read(mark, 0);
  if (mark.readUInt32LE(4) !== crc32c(mark, 0, 4)) return { number: 0 };
  const number = mark.readUInt32LE(0);
  if (mark.readUInt32LE(16) !== crc32c(mark, 0, 16)) return { number };
  return { number, flushed: { bytes: mark.readUInt32LE(8), salt: mark.readUInt32LE(12) } };
}

/** Writes down how far a segment is flushed, durably, if that can be done. */
export async function writeLastSegment(
  files: FileLayer,
  directory: string,
  { number, bytes, salt }: { readonly number: number; readonly bytes: number; readonly salt: number },
): Promise<void> {
  const path = join(directory, lastSegmentName);
  const mark = Buffer.alloc(markBytes);
  mark.writeUInt32LE(number, 0);
  mark.writeUInt32LE(crc32c(mark, 0, 4), 4);
  mark.writeUInt32LE(bytes, 8);
  mark.writeUInt32LE(salt, 12);
  mark.writeUInt32LE(crc32c(mark, 0, 16), 16);
  try {
    const isThere = (await files.list(directory)).includes(lastSegmentName);
    const file = await (isThere ? files.open(path) : files.create(path));
    try {
      await file.write([mark], 0);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!isThere) await files.syncDirectory(directory);
  } catch {
    // What it would tell is not needed unless bytes vanish.
  }
}
