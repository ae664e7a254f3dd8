/**
 * The file layer: everything the store asks of an operating system, and nothing more.
 *
 * It is passed in, so that a simulated disk can replace a real one and do what disks do: lose writes that were not
 * synced, tear them, lose directory entries, fill up, fail. So this comment, and only this one, says what the store may
 * rely on:
 *
 * - Written bytes are readable at once, and survive a crash once a later `sync` of the same file resolved. Until
 *   then any part of them may be lost, in any order.
 * - A created or removed file is in the directory after a crash only once a later `syncDirectory` resolved;
 *   before that either state may be found. `sync` of the file itself does not help.
 * - After a failed `sync` nothing is known about writes since the last successful one.
 */

import type { DirectoryLock } from "@everdict/directory";

/** Ownership of a directory. */
export type { DirectoryLock };

/** A directory's files as the store sees them. */
export interface FileLayer {
  /**
   * Makes a directory and its parents, durably, that only this user may use. Of one that is there, rights of others to
   * read are taken away, and told to `onTightened`. @throws `conflict` if others may write to any of it
   */
  createDirectory(directory: string, onTightened: (message: string) => void): Promise<void>;
  /** The names in a directory, in no particular order. */
  list(directory: string): Promise<string[]>;
  /** Creates a file that must not exist, for reading and writing, by this user alone. */
  create(path: string): Promise<LogFile>;
  /** Opens a file that must exist, for reading and writing. */
  open(path: string): Promise<LogFile>;
  /** Removes a file that must exist. */
  remove(path: string): Promise<void>;
  /** Makes what was created and removed in a directory durable. */
  syncDirectory(directory: string): Promise<void>;
  /** About how many bytes can be written to a directory before its disk is full. Absent: not offered. */
  freeBytes?(directory: string): Promise<number>;
  /** Makes this process the only owner of a directory. @throws `store_locked` */
  lock(directory: string): Promise<DirectoryLock>;
}

/** An open file. */
export interface LogFile {
  /** The length, in bytes. */
  size(): Promise<number>;
  /** Fills `target` from `position` on; answers how many bytes there were, fewer only at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** As `read`, at once: for small reads, which the page cache nearly always answers. */
  readSync(target: Uint8Array, position: number): number;
  /** Writes all parts, one after the other, from `position` on. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** As `write`, at once: for what is so small that another thread would take longer to begin. Absent: not offered. */
  readonly writeSync?: ((parts: readonly Uint8Array[], position: number) => void) | undefined;
  /** Whether the file has a name still, at once. Absent: not offered. */
  readonly hasNameSync?: (() => boolean) | undefined;
  /** Makes what was written durable, the file's length included. */
  sync(): Promise<void>;
  /** As `sync`, at once: for disks that take no longer than another thread. Absent: not offered. */
  readonly flushSync?: (() => void) | undefined;
  /** Cuts the file, durably. */
  truncate(length: number): Promise<void>;
  /** Gives the file back. Nothing may be under way. */
  close(): Promise<void>;
}
