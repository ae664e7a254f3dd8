import { fdatasyncSync, fstatSync, readSync, writevSync } from "node:fs";
import { type FileHandle, open, readdir, rm, statfs } from "node:fs/promises";
import { makePrivateDirectory, privateFileMode, syncDirectory } from "@everdict/directory";
import type { FileLayer, LogFile } from "./files.ts";
import { ownDirectory } from "./own-directory.ts";

/** The file layer of Node. The descriptor-level contract is that of POSIX; Windows cannot sync directories. */
export const nodeFiles: FileLayer = {
  createDirectory: makePrivateDirectory,
  list: (directory) => readdir(directory),
  create: async (path) => new NodeFile(await open(path, "wx+", privateFileMode)),
  open: async (path) => new NodeFile(await open(path, "r+")),
  remove: (path) => rm(path),
  syncDirectory,
  async freeBytes(directory) {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  },
  lock: ownDirectory,
};

/** An open file of Node as a file of the log. */
export class NodeFile implements LogFile {
  readonly #handle: FileHandle;
  /** Not every file system counts names. */
  readonly #hadName: boolean;

  constructor(handle: FileHandle) {
    this.#handle = handle;
    this.#hadName = this.#countNames() > 0;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < target.length) {
      const { bytesRead } = await this.#handle.read(target, done, target.length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  readSync(target: Uint8Array, position: number): number {
    let done = 0;
    while (done < target.length) {
      const bytesRead = readSync(this.#handle.fd, target, done, target.length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    let at = position;
    let rest = parts;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest as Uint8Array[], at);
      at += bytesWritten;
      rest = withoutFirst(rest, bytesWritten);
    }
  }

  writeSync(parts: readonly Uint8Array[], position: number): void {
    let at = position;
    let rest = parts;
    while (rest.length > 0) {
      const bytesWritten = writevSync(this.#handle.fd, rest, at);
      at += bytesWritten;
      rest = withoutFirst(rest, bytesWritten);
    }
  }

  hasNameSync(): boolean {
    return !this.#hadName || this.#countNames() > 0;
  }

  #countNames(): number {
    return fstatSync(this.#handle.fd).nlink;
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  flushSync(): void {
    fdatasyncSync(this.#handle.fd);
  }

  async truncate(length: number): Promise<void> {
    await this.#handle.truncate(length);
    // Not `datasync`: it need not write a length that only shrank.
    await this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** The rest of `parts` after this many bytes, because a system call may write less than it was given. */
function withoutFirst(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let index = 0;
  let left = bytes;
  while (index < parts.length && left >= parts[index]!.length) left -= parts[index++]!.length;
  const rest = parts.slice(index);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}
