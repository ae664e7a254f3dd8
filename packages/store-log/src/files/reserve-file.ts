/**
 * A file that reserves room on the disk. On a disk that other programs have filled, cutting it gives the log some bytes
 * to go on with. Its content means nothing. It is not a part of the log: a backup leaves it out, and a directory
 * without it is whole.
 */

import { randomFillSync } from "node:crypto";
import { join } from "node:path";
import type { FileLayer, LogFile } from "./files.ts";
import { isDiskFull } from "./temporary-failure.ts";

/** The file's name. */
export const reserveName = "reserve";
const chunkBytes = 64 * 1024;
const chunksPerWrite = 4;
// What an owner needs to own the directory: some small files.
const openingBytes = 64 * 1024;

/** `full`: there is no room for more, and it is as long as before. `failed`: for another reason. */
export type FillResult = "filled" | "full" | "failed";

/** See the top of the file. Everything but `bytes` may only be asked for when nothing is under way. */
export class ReserveFile {
  readonly #files: FileLayer;
  readonly #directory: string;
  #file: LogFile | undefined;
  #bytes = 0;

  constructor(files: FileLayer, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** How long it is. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Opens the file if it is there. It stays open, so that cutting it needs no descriptor. */
  async open(): Promise<void> {
    if (!(await this.#files.list(this.#directory)).includes(reserveName)) return;
    this.#file = await this.#files.open(join(this.#directory, reserveName));
    this.#bytes = await this.#file.size();
  }

  /** Makes the file this long, if it is shorter. */
  async fill(bytes: number): Promise<FillResult> {
    const before = this.#bytes;
    if (before >= bytes) return "filled";
    try {
      this.#file ??= await this.#files.create(join(this.#directory, reserveName));
      await this.#append(this.#file, bytes);
      // Some systems only find out now that there is no room.
      await this.#file.sync();
      return "filled";
    } catch (error) {
      await this.#truncate(before);
      return isDiskFull(error) ? "full" : "failed";
    }
  }

  /** Gives back what is more than that. A file that cannot be cut stays as it is. */
  async cut(bytes: number): Promise<void> {
    if (bytes < this.#bytes) await this.#truncate(bytes);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #truncate(bytes: number): Promise<void> {
    try {
      await this.#file?.truncate(bytes);
      this.#bytes = bytes;
    } catch {
      // Then it is of no use, which those who need the room will find.
    }
  }

  async #append(file: LogFile, bytes: number): Promise<void> {
    // Zeros would take no room on a file system that compresses.
    const chunk = randomFillSync(Buffer.allocUnsafe(Math.min(chunkBytes, bytes - this.#bytes)));
    while (this.#bytes < bytes) {
      const parts: Buffer[] = [];
      let left = bytes - this.#bytes;
      for (; left > 0 && parts.length < chunksPerWrite; left -= chunk.length) {
        parts.push(chunk.subarray(0, left));
      }
      await file.write(parts, this.#bytes);
      this.#bytes = bytes - Math.max(0, left);
    }
  }
}

/**
 * Gives back a little of the reserve of a directory on a full disk, so that a process can become its owner. If it has
 * an owner, the owner makes up for that.
 */
export async function makeRoomToOpen(files: FileLayer, directory: string): Promise<void> {
  const freeBytes = (await files.freeBytes?.(directory)) ?? 0;
  if (freeBytes >= openingBytes) return;
  const reserve = new ReserveFile(files, directory);
  try {
    await reserve.open();
    await reserve.cut(Math.max(0, reserve.bytes - openingBytes));
  } finally {
    await reserve.close();
  }
}
