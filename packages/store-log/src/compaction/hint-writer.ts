/**
 * Writes hints of sealed segments, in the pauses of the event loop and no faster than allowed, because only the next
 * start needs them. Segments that compaction will soon remove get none. Keeps no process alive.
 */

import { join } from "node:path";
import type { FileLayer } from "../files/files.ts";
import { refusalFor } from "../files/temporary-failure.ts";
import type { DiskRoom } from "../log/disk-room.ts";
import { encodeHint, hintName } from "../segments/hint.ts";
import { HintRows } from "../segments/hint-rows.ts";
import { RecordReader } from "../segments/record-reader.ts";
import type { Segment } from "../segments/segment.ts";
import type { SegmentSet } from "../segments/segment-set.ts";
import { CompactionPace } from "./compaction-pace.ts";

const bytesPerSecond = 32 * 1024 * 1024;
// Small enough that going through it holds up the event loop for less than 5 ms.
const sliceBytes = 32 * 1024;
// What a close may still read, so that it takes a second or two at most.
const closeMaxBytes = 256 * 1024 * 1024;
const garbageMaxFraction = 0.5;

export interface HintWriterOptions {
  readonly files: FileLayer;
  readonly segments: SegmentSet;
  readonly room: DiskRoom;
  /** Whether a segment is complete and flushed. */
  readonly isSealed: (segment: Segment) => boolean;
}

/** Thrown to give up a hint. */
class Stopped extends Error {}

export class HintWriter {
  readonly #options: HintWriterOptions;
  readonly #pace = new CompactionPace({ bytesPerSecond, isUrgent: () => false });
  #run: Promise<void> | undefined;
  #isStopped = false;
  #isDisabled = false;

  constructor(options: HintWriterOptions) {
    this.#options = options;
  }

  /** Writes the hints that are missing. To be called when a segment was sealed. */
  consider(): void {
    if (this.#run !== undefined || this.#isStopped || this.#mayNot) return;
    this.#run = this.#writeMissing().finally(() => {
      this.#run = undefined;
    });
  }

  /** Writes no more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#pace.stop();
    await this.#run;
  }

  /** Never writes any: the log is only read. */
  disable(): void {
    this.#isDisabled = true;
  }

  /** Writes what is missing, as far as that is quick: the log is complete, and nobody writes any more. */
  async writeLast(): Promise<void> {
    if (this.#mayNot) return;
    let left = closeMaxBytes;
    for (const segment of this.#options.segments.all()) {
      if (segment.hint !== "none" || segment.file === undefined || left < segment.bytes) continue;
      left -= segment.bytes;
      await this.#write(segment, async () => {});
    }
  }

  /** On a full disk there are better uses for what room there is. */
  get #mayNot(): boolean {
    return this.#isDisabled || this.#options.room.isFull;
  }

  async #writeMissing(): Promise<void> {
    const { segments, isSealed } = this.#options;
    for (const segment of [...segments.all()]) {
      const isGarbage = segment.liveBytes < garbageMaxFraction * segment.bytes;
      if (segment.hint !== "none" || isGarbage || !isSealed(segment)) continue;
      await this.#write(segment, async (bytes) => {
        await this.#pace.pause(bytes);
        if (this.#isStopped) throw new Stopped();
      });
      if (this.#isStopped || this.#mayNot) return;
    }
  }

  /** A hint that cannot be written is not there; the next start takes longer. */
  async #write(segment: Segment, pause: (bytes: number) => Promise<void>): Promise<void> {
    segment.hint = "failed";
    try {
      const content = await encodeHint(segment, await collectRows(segment, pause), pause);
      await this.#create(segment, content);
      segment.hint = "there";
    } catch (error) {
      if (error instanceof Stopped) segment.hint = "none";
      // Half of it would only take room; the next that is due brings it along.
      if (refusalFor(error) !== undefined) await removeHint(segment, this.#options);
      return;
    }
    // Compaction may have taken the segment meanwhile, and found no hint to take along.
    if (this.#options.segments.get(segment.number) !== segment) await removeHint(segment, this.#options);
  }

  async #create(segment: Segment, content: readonly Buffer[]): Promise<void> {
    const { files, segments } = this.#options;
    const file = await files.create(join(segments.directory, hintName(segment.number)));
    try {
      await file.write(content, 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Removes the hint of a segment that is gone, if there is one. */
export async function removeHint(
  segment: Segment,
  { files, segments }: Pick<HintWriterOptions, "files" | "segments">,
): Promise<void> {
  if (segment.hint === "none") return;
  segment.hint = "none";
  // One that was not completed may not be there at all; the next start removes what is left.
  await files.remove(join(segments.directory, hintName(segment.number))).catch(() => {});
}

async function collectRows(segment: Segment, pause: (bytes: number) => Promise<void>): Promise<HintRows> {
  const rows = new HintRows();
  if (segment.file === undefined) throw new Stopped();
  const reader = new RecordReader({ file: segment.file, salt: segment.salt }, sliceBytes);
  while (reader.offset < segment.bytes) {
    const from = reader.offset;
    if (segment.file === undefined) throw new Stopped();
    segment.pin();
    try {
      await reader.readTo(segment.bytes, (record) => rows.add(record));
    } finally {
      segment.unpin();
    }
    await pause(reader.offset - from);
  }
  return rows;
}
