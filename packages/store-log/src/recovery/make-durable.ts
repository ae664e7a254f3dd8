import type { FileLayer } from "../files/files.ts";
import { writeLastSegment } from "../segments/last-segment.ts";
import { encodeSegmentHeader } from "../segments/segment-header.ts";
import type { RecoveredLog } from "./recovery.ts";

const sliceBytes = 1024 * 1024;

/**
 * Makes everything that recovery found durable, before anything rests on it. A killed process leaves unflushed writes
 * in the page cache. The next process reads them there, and a loss of power would take them back.
 *
 * Bytes that no record proves to have been flushed are written again, not only flushed. After a failed flush the system
 * takes the pages for clean, and would not write them by itself. Earlier segments were complete before the last began.
 * Then the end of the log is written down: from now on a shorter log is damage.
 */
export async function makeDurable(
  { segments, provenTo, headless }: RecoveredLog,
  files: FileLayer,
  directory: string,
): Promise<void> {
  for (const { segment } of headless) {
    await segment.file?.write([encodeSegmentHeader(segment.number, segment.salt)], 0);
    await segment.file?.sync();
  }
  const { active } = segments;
  const file = active?.file;
  if (active === undefined || file === undefined) return;
  for (let from = provenTo; from < active.bytes; from += sliceBytes) {
    const slice = Buffer.alloc(Math.min(sliceBytes, active.bytes - from));
    await file.read(slice, from);
    await file.write([slice], from);
  }
  await file.sync();
  await files.syncDirectory(directory);
  await writeLastSegment(files, directory, active);
}
