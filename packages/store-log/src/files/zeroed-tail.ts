/**
 * Fills the file with zeros ahead of the writer.
 *
 * If the blocks of a file are already written, a flush need not write the file's length or its block map, and takes
 * half as long. So while flushes are inline, the active segment is filled with zeros some way ahead. Recovery takes the
 * zeros for the end of the log, since no record begins with zeros. They are cut off when the segment is sealed or the
 * store is closed.
 */

import type { LogFile } from "./files.ts";

export class ZeroedTail {
  readonly #file: LogFile;
  readonly #stepBytes: number;
  readonly #onFailedFlush: (error: unknown) => void;
  /** Where zeros end that may be written over. */
  #end: number;
  /** Whether there may be zeros behind the log. */
  #isLonger = false;
  #filling: Promise<void> | undefined;
  #isGivenUp = false;

  /**
   * @param end - the length of the file
   * @param onFailedFlush - told when a flush failed: what it was to flush may be anybody's
   */
  constructor(file: LogFile, stepBytes: number, end: number, onFailedFlush: (error: unknown) => void) {
    this.#file = file;
    this.#stepBytes = stepBytes;
    this.#end = end;
    this.#onFailedFlush = onFailedFlush;
  }

  /** Begins to fill more of the file if a writer at that offset, who is not writing now, soon needs it. */
  prepare(writtenTo: number): void {
    if (this.#filling !== undefined || this.#isGivenUp || this.#end - writtenTo > this.#stepBytes / 2) return;
    this.#filling = this.#fill(Math.max(this.#end, writtenTo)).finally(() => {
      this.#filling = undefined;
    });
  }

  /** Resolves when nothing in front of that offset is being filled; undefined if so already. */
  whenFree(offset: number): Promise<void> | undefined {
    return offset > this.#end ? this.#filling : undefined;
  }

  /** Makes the file end where the log does, durably, if it does not. */
  async cut(length: number): Promise<void> {
    await this.#filling;
    if (this.#isLonger) await this.cutAnyway(length);
  }

  /** Makes the file end there, durably. */
  async cutAnyway(length: number): Promise<void> {
    await this.#filling;
    await this.#file.truncate(length);
    this.#end = length;
    this.#isLonger = false;
  }

  async #fill(from: number): Promise<void> {
    this.#isLonger = true;
    try {
      await this.#file.write([Buffer.alloc(this.#stepBytes)], from);
    } catch {
      // A full disk, mostly. It only costs speed: a group will meet the same if it needs the room.
      this.#isGivenUp = true;
      return;
    }
    try {
      // Now rather than with the next group.
      await this.#file.sync();
    } catch (error) {
      this.#onFailedFlush(error);
      return;
    }
    this.#end = from + this.#stepBytes;
  }
}
