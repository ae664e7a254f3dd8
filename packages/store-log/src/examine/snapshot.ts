/**
 * A log as it is at one moment, read without owning its directory, while its owner may go on writing.
 *
 * Two facts make that safe. The log only grows at its end. And a segment is removed only when every record in it that
 * still decides something stands further on, flushed. So all segments that exist at one moment are the log up to some
 * point after that moment. They may be read later, from descriptors that are open at that moment, because a removed
 * file can still be read. The moment is a listing of the directory that names exactly the open files. The last segment
 * ends at its last whole commit, as after a crash.
 */

import type { FileHandle } from "node:fs/promises";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createError } from "@everdict/protocol";
import type { DirectoryLock, FileLayer, LogFile } from "../files/files.ts";
import { NodeFile } from "../files/node-files.ts";
import { ReadOnlyFile } from "../files/read-only-file.ts";
import { segmentName, segmentNumber } from "../segments/segment.ts";

// Files come and go many times a second at most, and opening them takes milliseconds.
const attemptsMax = 50;

/** One file of a snapshot. */
export interface SnapshotSegment {
  readonly number: number;
  readonly file: LogFile;
  readonly bytes: number;
}

/** An open snapshot. */
export interface Snapshot {
  /** Oldest first. */
  readonly segments: readonly SnapshotSegment[];
  close(): Promise<void>;
}

/**
 * Opens a snapshot of the log in a directory.
 *
 * @throws what the system says if the directory or a file cannot be read; `conflict` if files come and go too quickly
 */
export async function openSnapshot(directory: string): Promise<Snapshot> {
  const handles = new Map<string, FileHandle>();
  const close = async () => {
    for (const handle of handles.values()) await handle.close();
  };
  try {
    const names = await openAll(directory, handles);
    const segments: SnapshotSegment[] = [];
    for (const name of names) {
      const handle = handles.get(name)!;
      const { size } = await handle.stat();
      segments.push({
        number: segmentNumber(name)!,
        file: new ReadOnlyFile(new NodeFile(handle), 0, size),
        bytes: size,
      });
    }
    return { segments, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens files until the open files are those in the directory. Returns their names, oldest segment first. */
async function openAll(directory: string, handles: Map<string, FileHandle>): Promise<string[]> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = await segmentNames(directory);
    for (const name of before) {
      if (handles.has(name)) continue;
      const handle = await open(join(directory, name), "r").catch((error: NodeJS.ErrnoException) => {
        // Compacted away since it was listed: the next listing will not have it.
        if (error.code !== "ENOENT") throw error;
        return undefined;
      });
      if (handle !== undefined) handles.set(name, handle);
    }
    const after = await segmentNames(directory);
    if (after.every((name) => handles.has(name)) && (await isSame(directory, after.at(-1), handles)))
      return after;
  }
  throw createError("conflict", "the files of the log come and go too quickly to be read together");
}

/** Whether the last file is still the one that was opened: one that was never flushed may have been made anew. */
async function isSame(
  directory: string,
  name: string | undefined,
  handles: Map<string, FileHandle>,
): Promise<boolean> {
  if (name === undefined) return true;
  const there = await stat(join(directory, name)).catch(() => undefined);
  if (there?.ino === (await handles.get(name)!.stat()).ino) return true;
  await handles.get(name)!.close();
  handles.delete(name);
  return false;
}

async function segmentNames(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => segmentNumber(name) !== undefined).sort();
}

/** The file layer of a store that only reads a snapshot. */
export class SnapshotFiles implements FileLayer {
  readonly #segments: Map<string, SnapshotSegment>;

  constructor(segments: readonly SnapshotSegment[]) {
    this.#segments = new Map(segments.map((segment) => [segmentName(segment.number), segment]));
  }

  async createDirectory(): Promise<void> {}

  async list(): Promise<string[]> {
    return [...this.#segments.keys()];
  }

  async create(): Promise<LogFile> {
    throw new Error("a snapshot is only read");
  }

  async open(path: string): Promise<LogFile> {
    for (const [name, { file }] of this.#segments) if (path.endsWith(name)) return file;
    throw new Error("a snapshot has no such file");
  }

  async remove(path: string): Promise<void> {
    for (const name of this.#segments.keys()) if (path.endsWith(name)) this.#segments.delete(name);
  }

  async syncDirectory(): Promise<void> {}

  async lock(): Promise<DirectoryLock> {
    return { release: async () => {} };
  }
}
