/**
 * Which segment was the last, in a file of its own: that a segment in the middle is missing is told by the manifests
 * of later ones, but nothing in the log could tell that its end is.
 *
 * It is written when the first group of a segment is durable, and may be older than the log, never newer. So it may be
 * missing or torn, and a failure to write it harms nobody.
 */

import { join } from "node:path";
import { crc32c } from "./crc32c.ts";
import type { FileLayer, LogFile } from "./files.ts";

/** The file's name. */
export const lastSegmentName = "last-segment";
const markBytes = 8;

/** The number that is written down; 0 if there is none that can be read. */
export async function readLastSegment(files: FileLayer, directory: string): Promise<number> {
  if (!(await files.list(directory)).includes(lastSegmentName)) return 0;
  const file = await files.open(join(directory, lastSegmentName));
  try {
    return decode(file);
  } finally {
    await file.close();
  }
}

async function decode(file: LogFile): Promise<number> {
  const mark = Buffer.alloc(markBytes);
  await file.read(mark, 0);
  return mark.readUInt32LE(4) === crc32c(mark, 0, 4) ? mark.readUInt32LE(0) : 0;
}

/** Writes down that a segment is there, durably, if that can be done. */
export async function writeLastSegment(files: FileLayer, directory: string, number: number): Promise<void> {
  const path = join(directory, lastSegmentName);
  const mark = Buffer.alloc(markBytes);
  mark.writeUInt32LE(number, 0);
  mark.writeUInt32LE(crc32c(mark, 0, 4), 4);
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
    // What it would tell is not needed unless files vanish.
  }
}
