import type { FileLayer } from "../files/files.ts";
import { writeLastSegment } from "../segments/last-segment.ts";
import { encodeSegmentHeader } from "../segments/segment-header.ts";
import type { RecoveredLog } from "./recovery.ts";

const sliceBytes = 1024 * 1024;

/**
 * Makes what recovery found durable, before anything rests on it. A process that was killed leaves in the page cache
 * what it never flushed: the next one reads it there, and a loss of power would take it back.
 *
 * What no record proves to have been flushed is written again, not only flushed: after a flush that failed the system
 * holds the pages for clean, and would not write them by itself. Earlier segments were complete before the last began.
 * Then it is written down: less than was found now is damage from now on.
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
