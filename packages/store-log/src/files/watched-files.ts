/**
 * The files of a store, watched for failures of the disk rather than of a call.
 *
 * They wait for descriptors. For a moment, the connections of a server may use all files that its process may open.
 * That says nothing about the disk, and passes. So opening a file is tried again for a while before it fails. The flush
 * of a directory waits as long as it takes, because the log rests on it.
 *
 * And they turn reads that the disk refuses into `data_loss`: the data there is lost unless the disk recovers.
 */

import { createError } from "@everdict/protocol";
import type { FileLayer, LogFile } from "./files.ts";
import { isOutOfDescriptors } from "./temporary-failure.ts";

const firstPauseMs = 20;
const pauseMaxMs = 200;
const patienceMs = 3000;

/** What is told of files. */
export interface FileWatch {
  /** A descriptor is missing, or one that was missing is there. */
  onShortage(isShort: boolean): void;
  /** The disk refused to read. */
  onReadError(): void;
}

/** The same files, watched. */
export function watchedFiles(files: FileLayer, watch: FileWatch): FileLayer {
  const patience = new Patience(watch);
  const { freeBytes } = files;
  return {
    createDirectory: (directory, onTightened) =>
      patience.with(() => files.createDirectory(directory, onTightened)),
    list: (directory) => patience.with(() => files.list(directory)),
    create: async (path) => new WatchedFile(await patience.with(() => files.create(path)), watch),
    open: async (path) => new WatchedFile(await patience.with(() => files.open(path)), watch),
    remove: (path) => files.remove(path),
    syncDirectory: (directory) =>
      patience.with(() => files.syncDirectory(directory), Number.POSITIVE_INFINITY),
    ...(freeBytes && { freeBytes: (directory: string) => freeBytes.call(files, directory) }),
    lock: (directory) => patience.with(() => files.lock(directory)),
  };
}

class Patience {
  readonly #watch: FileWatch;
  #isShort = false;

  constructor(watch: FileWatch) {
    this.#watch = watch;
  }

  /** Does what needs a descriptor; again for a while, as long as there is none. */
  async with<Result>(work: () => Promise<Result>, limitMs = patienceMs): Promise<Result> {
    let waitedMs = 0;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMaxMs, 2 * pauseMs)) {
      try {
        const result = await work();
        this.#say(false);
        return result;
      } catch (error) {
        if (!isOutOfDescriptors(error)) throw error;
        this.#say(true);
        if (waitedMs >= limitMs) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      waitedMs += pauseMs;
    }
  }

  #say(isShort: boolean): void {
    if (isShort === this.#isShort) return;
    this.#isShort = isShort;
    this.#watch.onShortage(isShort);
  }
}

/** Everything but reads is passed on as it is. */
class WatchedFile implements LogFile {
  readonly writeSync: LogFile["writeSync"];
  readonly hasNameSync: LogFile["hasNameSync"];
  readonly flushSync: LogFile["flushSync"];
  readonly #file: LogFile;
  readonly #watch: FileWatch;

  constructor(file: LogFile, watch: FileWatch) {
    this.#file = file;
    this.#watch = watch;
    this.writeSync = file.writeSync?.bind(file);
    this.hasNameSync = file.hasNameSync?.bind(file);
    this.flushSync = file.flushSync?.bind(file);
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    try {
      return await this.#file.read(target, position);
    } catch (error) {
      throw this.#unreadable(error, position);
    }
  }

  readSync(target: Uint8Array, position: number): number {
    try {
      return this.#file.readSync(target, position);
    } catch (error) {
      throw this.#unreadable(error, position);
    }
  }

  size(): Promise<number> {
    return this.#file.size();
  }

  write(parts: readonly Uint8Array[], position: number): Promise<void> {
    return this.#file.write(parts, position);
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  truncate(length: number): Promise<void> {
    return this.#file.truncate(length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #unreadable(cause: unknown, position: number): unknown {
    const { code } = cause as NodeJS.ErrnoException;
    // A descriptor that is none is our own mistake.
    if (code === undefined || code === "EBADF") return cause;
    this.#watch.onReadError();
    return createError("data_loss", `the disk cannot read what was written at byte ${position} (${code})`, {
      cause,
    });
  }
}
